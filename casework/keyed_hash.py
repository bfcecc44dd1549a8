"""Keyed hashes of telephone numbers and of a carrier's names. There are few enough numbers to try them all: the key of the
hash is not in the database, so whoever has only that can try nothing."""

from __future__ import annotations

import hmac

from casework.keys import KeyService

KEY = "phone"


def keyed(keys: KeyService, kind: str, value: str) -> str:
    """64 hex digits. `kind` keeps a number from being mistaken for a call."""
    return hmac.digest(keys.lasting(KEY), f"{kind}:{value}".encode(), "sha256").hex()
