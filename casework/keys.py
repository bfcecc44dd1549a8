"""Encryption at rest (promise P9): AES-256-GCM under one data key per conversation or handover.

Data keys are kept by a key service, never in the database. A database keeps copies: SQLite in its write-ahead log and
in free pages, PostgreSQL in dead rows, in its log and in archived logs, and both in every backup that was ever made.
A key that lay there would come back with any of them. So a wrapped data key exists in exactly one place outside the
database; when its owner ends, it is destroyed there, and every copy of the database, however old, is mute about that
owner. Nothing has to be searched for and overwritten in the database.

Sealed bytes are `nonce (12) + ciphertext + tag (16)`. The associated data is the place a value belongs to, so that a
row that is copied to another place does not open there.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
BLOCK = 512
"""Bytes. What is sealed is as long as what was said: see `padded`."""


class Unreadable(Exception):
    """Sealed bytes do not open: wrong key, wrong place, or altered. Carries no content."""


class BadKeyFile(Exception):
    """The master key is missing or is not 32 bytes, or the keys are not those of this database."""


class KeysInUse(Exception):
    """Another process has the keys open."""


class KeyTaken(Exception):
    """There is a key for this owner already."""


class KeyService(Protocol):
    """Keeps data keys by their owner (see `casework.key_owners`). Many processes may use it at once.

    Every method raises Unavailable when the service cannot be reached or written, and Unreadable when what is kept
    does not open. None of them takes part in a transaction of the database: `casework.data_keys` says in which order
    the two are used.
    """

    def make(self, owner: str) -> bytes:
        """A new data key, kept for good when this returns. Raises KeyTaken."""

    def find(self, owner: str) -> bytes | None:
        """The data key, or None if it was destroyed or never made."""

    def destroy(self, owner: str) -> None:
        """Destroy the key, for good when this returns. Unknown owners are nothing to worry about."""

    def lasting(self, name: str) -> bytes:
        """A key that is never destroyed, made at first use and the same ever after, e.g. `audit`."""

    def has_lasting(self, name: str) -> bool:
        """Whether `lasting` was ever asked for this name. Makes nothing."""

    def close(self) -> None:
        """Whoever had it open needs it no more. It opens again by itself."""

    def in_use(self) -> bool:
        """Whether another process has the keys open."""

    def keep_only(self, owners: Collection[str]) -> int:
        """Destroy the key of everybody else but the lasting ones. Returns how many. Raises KeysInUse."""


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


def padded(json: bytes, block: int = BLOCK) -> bytes:
    """The same JSON with spaces up to a multiple of `block`: "Ja" and "Nej" must be equally long in every copy."""
    return json + b" " * (-len(json) % block)
