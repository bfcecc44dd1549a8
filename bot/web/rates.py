"""How often something may be tried from one address, and by everybody together. Counted in memory (or Redis), never kept.

Guessing a code or opening conversations without end must cost time; a person who mistypes must not be locked out.
"""

from __future__ import annotations

import logging
from enum import Enum

from limits import RateLimitItem, parse
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter
from starlette.requests import Request

from casework.network import network_of

log = logging.getLogger("enrum.rates")


class Rate(Enum):
    """Each with what one address may do, and what all may do together."""

    CODE = ("5/15minutes", "60/hour")
    """Codes that led nowhere. Four digits and a word: 60 an hour find a known word in a week at the earliest."""
    OPEN = ("120/minute", "1200/minute")
    """New conversations. Many people share an address at an agency's office or on a mobile network."""

    @property
    def limits(self) -> tuple[RateLimitItem, RateLimitItem]:
        alone, together = self.value
        return parse(alone), parse(together)


class Rates:
    """Moving windows. `redis_url` is for more than one process; empty counts in this one."""

    def __init__(self, redis_url: str = "") -> None:
        self._storage = storage_from_string(redis_url or "memory://")  # the limiter holds it only weakly
        self._limiter = MovingWindowRateLimiter(self._storage)

    def spent(self, rate: Rate, request: Request) -> bool:
        """Whether no try is left. Counts nothing."""
        alone, together = rate.limits
        try:
            mine = self._limiter.test(alone, rate.name, _address(request))
            return not (mine and self._limiter.test(together, rate.name, "all"))
        except Exception as error:  # noqa: BLE001 - whatever the counting store fails with
            log.error("rates cannot be counted", extra={"error": type(error).__name__})
            # Fails to the safe side: nobody guesses codes uncounted, and nobody is kept from beginning a conversation.
            return rate is Rate.CODE

    def note(self, rate: Rate, request: Request) -> None:
        """Count one."""
        alone, together = rate.limits
        try:
            self._limiter.hit(alone, rate.name, _address(request))
            self._limiter.hit(together, rate.name, "all")
        except Exception as error:  # noqa: BLE001 - as above
            log.error("rates cannot be counted", extra={"error": type(error).__name__})


def _address(request: Request) -> str:
    return network_of(request.client.host if request.client else "")
