"""Passwords of caseworkers: argon2id, nothing that is easy to guess, and the same work for a name that does not exist."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

MIN_LENGTH = 12
MAX_LENGTH = 128
"""ASVS 2.1.2. Long enough for any passphrase."""
COMMON = Path(__file__).parent / "common_passwords.txt"
LEFT = 5
"""Different characters that must be left of a password without its common parts and the caseworker's own name."""


class WeakPassword(Exception):
    """Shorter than 12 or longer than 128 characters."""


class CommonPassword(WeakPassword):
    """Made of what many passwords are made of: it would be among the first that anybody tries."""


class Passwords:
    """Makes and checks hashes (RFC 9106, the library's low-memory profile)."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._nobody: str | None = None

    def hash(self, password: str, name: str = "") -> str:
        """For a new password of the caseworker of that name. Raises WeakPassword, CommonPassword."""
        password = _normal(password)
        if len(re.sub(" +", " ", password)) < MIN_LENGTH or len(password) > MAX_LENGTH:
            raise WeakPassword
        if is_common(password, name):
            raise CommonPassword
        return self._hasher.hash(password)

    def check(self, kept: str | None, password: str) -> bool:
        """Whether the password is right. With no hash (an unknown name) the same work is done, and it is wrong."""
        if self._nobody is None:
            self._nobody = self._hasher.hash("nobody has this password")
        try:
            self._hasher.verify(kept or self._nobody, _normal(password))
        except VerificationError:
            return False
        return kept is not None

    def renewed(self, kept: str, password: str) -> str | None:
        """A new hash of a password that was just found right, if the kept one was made with other costs than today's."""
        return self._hasher.hash(_normal(password)) if self._hasher.check_needs_rehash(kept) else None


def is_common(password: str, name: str = "") -> bool:
    """Whether too little is left without the common parts and the parts of the name, whatever the size of the letters."""
    left = password.casefold()
    own = [part for part in _normal(name).casefold().split() if len(part) > 2]
    for part in (*common_parts(), *own):
        left = left.replace(part, "")
    return len(set(left)) < LEFT


@cache
def common_parts() -> tuple[str, ...]:
    """The list, longest first: what is short may be a part of what is long."""
    lines = COMMON.read_text("utf-8").splitlines()
    return tuple(sorted((line for line in lines if line and line[0] != "#"), key=len, reverse=True))


def _normal(password: str) -> str:
    # The same letters typed on another keyboard may come as other code points. What is no character is no other one.
    return unicodedata.normalize("NFKC", password.encode("utf-8", "replace").decode("utf-8"))
