"""A key service in the memory of one process: when the process ends, however it ends, nothing that it sealed opens again."""

from __future__ import annotations

from collections.abc import Collection
from threading import Lock

from casework.keys import KeyTaken, new_data_key

LASTING = "lasting:"


class MemoryKeys:
    """`casework.keys.KeyService` for records that need not outlive the process."""

    def __init__(self) -> None:
        self._keys: dict[str, bytes] = {}
        self._lock = Lock()

    def __repr__(self) -> str:
        return "MemoryKeys(…)"

    def make(self, owner: str) -> bytes:
        with self._lock:
            if owner in self._keys:
                raise KeyTaken("this owner has a key")
            self._keys[owner] = new_data_key()
            return self._keys[owner]

    def find(self, owner: str) -> bytes | None:
        return self._keys.get(owner)

    def destroy(self, owner: str) -> None:
        self._keys.pop(owner, None)

    def lasting(self, name: str) -> bytes:
        with self._lock:
            return self._keys.setdefault(LASTING + name, new_data_key())

    def has_lasting(self, name: str) -> bool:
        return LASTING + name in self._keys

    def close(self) -> None:
        """Kept until the process ends."""

    def in_use(self) -> bool:
        return False

    def keep_only(self, owners: Collection[str]) -> int:
        others = [owner for owner in self._keys if owner not in owners and not owner.startswith(LASTING)]
        for owner in others:
            self.destroy(owner)
        return len(others)
