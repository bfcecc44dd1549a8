"""For `enrum bench` only: the same turns without encryption, to know what it costs. Nothing else may use this."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from casework import conversation, counting, messages, requests
from casework.records import Records

MODULES: tuple[Any, ...] = (conversation, counting, messages, requests)
"""Those that seal and unseal."""


@contextmanager
def without_encryption(records: Records) -> Iterator[None]:
    """Values are kept as they are and no key is made, read or destroyed. Conversations must begin and end inside."""
    before = [(module, module.seal, module.unseal) for module in MODULES]
    keys = records.keys
    try:
        for module in MODULES:
            module.seal = module.unseal = lambda key, value, context: value
        records.keys = _NoKeys()
        yield
    finally:
        for module, seal, unseal in before:
            module.seal, module.unseal = seal, unseal
        records.keys = keys


class _NoKeys:
    """A key service for values that are not sealed."""

    def make(self, owner: str) -> bytes:
        return b""

    def find(self, owner: str) -> bytes | None:
        return b""

    def destroy(self, owner: str) -> None:
        pass

    def lasting(self, name: str) -> bytes:
        return b""

    def has_lasting(self, name: str) -> bool:
        return False

    def close(self) -> None:
        pass

    def in_use(self) -> bool:
        return False

    def keep_only(self, owners: Collection[str]) -> int:
        return 0
