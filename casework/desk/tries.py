"""How often signing in may fail from one network, and for one name from all networks together. Counted in memory or Redis.

The lock on one name from one network is in the records (`casework.failed_sign_ins`). These two are wider: a list of
names tried from one place, and one name tried from many places.
"""

from __future__ import annotations

from hashlib import sha256

from limits import parse
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

NETWORK = parse("60/15minutes")
"""An office shares an address: sixty mistakes in a quarter of an hour are more than an office makes."""
NAME = parse("100/hour")
"""ASVS 2.2.1."""


class Tries:
    """Moving windows. `redis_url` is for more than one process; empty counts in this one."""

    def __init__(self, redis_url: str = "") -> None:
        self._storage = storage_from_string(redis_url or "memory://")  # the limiter holds it only weakly
        self._limiter = MovingWindowRateLimiter(self._storage)

    def spent(self, name: str, network: str) -> bool:
        """Whether no try is left. Counts nothing."""
        by_network = self._limiter.test(NETWORK, "sign-in", network)
        return not (by_network and self._limiter.test(NAME, "name", _folded(name)))

    def failed(self, name: str, network: str) -> None:
        """Count one failure."""
        self._limiter.hit(NETWORK, "sign-in", network)
        self._limiter.hit(NAME, "name", _folded(name))


def _folded(name: str) -> str:
    """A name as it is counted: not readable where the counts are."""
    return sha256(" ".join(name.split()).casefold().encode("utf-8", "surrogatepass")).hexdigest()
