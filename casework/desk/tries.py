"""How often signing in may fail from one network, and for one name from all networks together. Counted in memory or Redis.

The lock on one name from one network is in the records (`casework.failed_sign_ins`). These two are wider: a list of
names tried from one place, and one name tried from many places.
"""

from __future__ import annotations

import logging

from limits import parse

from casework.tally_store import TallyStore

log = logging.getLogger("enrum.desk")
NETWORK = parse("60/15minutes")
"""An office shares an address: sixty mistakes in a quarter of an hour are more than an office makes."""
NAME = parse("100/hour")
"""ASVS 2.2.1."""


class Tries:
    """`redis_url` is for more than one process, and `secret` the same in all; empty counts in this one.

    While Redis is away this process counts by itself: nobody is locked out for that, and nobody guesses uncounted.
    """

    def __init__(self, redis_url: str = "", secret: bytes = b"") -> None:
        self._shared = TallyStore(redis_url, secret)
        self._own = TallyStore()

    def spent(self, name: str, network: str) -> bool:
        """Whether no try is left. Counts nothing."""
        try:
            return _spent(self._shared, name, network) or _spent(self._own, name, network)
        except Exception as error:  # noqa: BLE001 - whatever the counting store fails with
            log.error("tries cannot be counted together", extra={"error": type(error).__name__})
            return _spent(self._own, name, network)

    def failed(self, name: str, network: str) -> None:
        """Count one failure."""
        _hit(self._own, name, network)
        try:
            _hit(self._shared, name, network)
        except Exception as error:  # noqa: BLE001 - as above
            log.error("tries cannot be counted together", extra={"error": type(error).__name__})


def _spent(store: TallyStore, name: str, network: str) -> bool:
    return not (store.left(NETWORK, "sign-in", network) and store.left(NAME, "name", _folded(name)))


def _hit(store: TallyStore, name: str, network: str) -> None:
    store.hit(NETWORK, "sign-in", network)
    store.hit(NAME, "name", _folded(name))


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()
