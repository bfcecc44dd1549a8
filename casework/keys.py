"""Encryption at rest (promise P9): AES-256-GCM, one data key per conversation or handover, wrapped by a master key.

Deleting the wrapped key makes everything sealed under it unreadable, wherever a copy still lies (crypto-erase).
Sealed bytes are `nonce (12) + ciphertext + tag (16)`. The associated data is the place a value belongs to, so that a
row that is copied to another place does not open there.
"""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12


class Unreadable(Exception):
    """Sealed bytes do not open: wrong key, wrong place, or altered. Carries no content."""


class BadKeyFile(Exception):
    """The master key file is missing or is not 32 bytes."""


def new_data_key() -> bytes:
    """32 random bytes."""
    return AESGCM.generate_key(bit_length=KEY_BYTES * 8)


def seal(key: bytes, plaintext: bytes, context: str) -> bytes:
    """Encrypt for one place, e.g. `conversation:<id>:state`."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, context.encode())


def unseal(key: bytes, sealed: bytes, context: str) -> bytes:
    """The plaintext. Raises Unreadable."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context.encode())
    except (InvalidTag, ValueError):
        raise Unreadable("sealed data does not open here") from None


class MasterKey:
    """Wraps data keys. Lives in one file outside the database and its backups."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise BadKeyFile(f"a master key is {KEY_BYTES} bytes")
        self._key = key

    def __repr__(self) -> str:
        return "MasterKey(…)"

    @classmethod
    def from_file(cls, path: Path, *, create: bool = False) -> MasterKey:
        """Read the key. With `create`, a missing file is made (random, mode 0600). Raises BadKeyFile."""
        if create:
            _create_if_missing(path)
        try:
            return cls(path.read_bytes())
        except FileNotFoundError:
            raise BadKeyFile(f"no master key at {path}") from None

    def wrap(self, data_key: bytes, owner: str) -> bytes:
        """Seal a data key for its owner (`conversation:<id>` or `handover:<id>`)."""
        return seal(self._key, data_key, f"key:{owner}")

    def unwrap(self, wrapped: bytes, owner: str) -> bytes:
        """The data key. Raises Unreadable."""
        return unseal(self._key, wrapped, f"key:{owner}")


def _create_if_missing(path: Path) -> None:
    """Atomic: two processes that start at once end up with the same key, whole."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, new_data_key())
        os.fsync(handle)
    finally:
        os.close(handle)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # the other process was first: its key counts
    finally:
        draft.unlink()
