"""Where tries are counted: in this process, or in Redis for several. Who tried is not readable there."""

from __future__ import annotations

import hmac
import os

from limits import RateLimitItem
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter


class TallyStore:
    """Moving windows. `secret` is the same for all processes that count together; without it, this one counts alone."""

    def __init__(self, redis_url: str = "", secret: bytes = b"") -> None:
        self._storage = storage_from_string(redis_url or "memory://")  # the limiter holds it only weakly
        self._limiter = MovingWindowRateLimiter(self._storage)
        self._secret = secret or os.urandom(32)

    def left(self, limit: RateLimitItem, kind: str, who: str) -> bool:
        """Whether a try is left. Counts nothing. Raises whatever the store fails with."""
        return self._limiter.test(limit, kind, self._hidden(who))

    def hit(self, limit: RateLimitItem, kind: str, who: str) -> None:
        """Count one. Raises whatever the store fails with."""
        self._limiter.hit(limit, kind, self._hidden(who))

    def _hidden(self, who: str) -> str:
        """An address, a name or a number, as nobody can read or guess it without the secret."""
        return hmac.digest(self._secret, who.encode("utf-8", "surrogatepass"), "sha256").hex()
