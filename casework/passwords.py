"""Passwords of caseworkers: argon2id, and the same work for a name that does not exist."""

from __future__ import annotations

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

MIN_LENGTH = 12
MAX_LENGTH = 200
"""Long enough for any passphrase. Hashing more costs memory and time for nothing."""


class WeakPassword(Exception):
    """Shorter than 12 or longer than 200 characters."""


class Passwords:
    """Makes and checks hashes (RFC 9106, the library's low-memory profile)."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._nobody: str | None = None

    def hash(self, password: str) -> str:
        """Raises WeakPassword."""
        password = _normal(password)
        if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
            raise WeakPassword
        return self._hasher.hash(password)

    def check(self, kept: str | None, password: str) -> bool:
        """Whether the password is right. With no hash (an unknown name) the same work is done, and it is wrong."""
        if self._nobody is None:
            self._nobody = self._hasher.hash("nobody has this password")
        try:
            self._hasher.verify(kept or self._nobody, _normal(password)[:MAX_LENGTH])
        except VerificationError:
            return False
        return kept is not None


def _normal(password: str) -> str:
    # The same letters typed on another keyboard may come as other code points.
    return unicodedata.normalize("NFKC", password)
