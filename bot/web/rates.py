"""How often something may be tried by one, and by everybody together. Counted in memory (or Redis), never kept.

Guessing a code or opening conversations without end must cost time; a person who mistypes must not be locked out. What
somebody has a right to, to see what is kept and to have it erased, is not limited: it takes the conversation's own token.
"""

from __future__ import annotations

import logging
from enum import Enum

from limits import RateLimitItem, parse
from starlette.requests import Request

from casework.network import network_of
from casework.tally_store import TallyStore
from screening.journey.code import split

log = logging.getLogger("enrum.rates")


class Rate(Enum):
    """Each with what one may do, and what all may do together."""

    CODE = ("5/15minutes", "60/hour")
    """Codes that led nowhere, with one word from one address: who guesses at home locks nobody else's word there, and nobody
    elsewhere. Four digits and a word: 60 an hour find a known word in a week at the earliest."""
    CODE_FROM = ("20/hour", "60/hour")
    """The same with whatever word, from one address: as many an hour as one word has."""
    OPEN = ("120/minute", "1200/minute")
    """New conversations. Many people share an address at an agency's office or on a mobile network."""
    INVITATION = ("30/15minutes", "600/hour")
    """Invitations' links that led nowhere. They are signed: nobody guesses one. This keeps the trying cheap for us."""
    PHONE_CODE = ("9/hour", "120/hour")
    """Invitations' codes by phone that led nowhere, from one number. Nine digits: with a thousand invitations open, 120
    an hour find one in a year."""

    @property
    def limits(self) -> tuple[RateLimitItem, RateLimitItem]:
        alone, together = self.value
        return parse(alone), parse(together)


GUESSED = (Rate.CODE, Rate.CODE_FROM, Rate.PHONE_CODE)
"""What is short enough to be guessed: not taken while nobody can count."""


class Rates:
    """Moving windows. `redis_url` is for more than one process, and `secret` the same in all; empty counts in this one.

    Who tried is a request, by its address, or a name that the caller gives.
    """

    def __init__(self, redis_url: str = "", secret: bytes = b"") -> None:
        self._store = TallyStore(redis_url, secret)

    def spent(self, rate: Rate, who: Request | str) -> bool:
        """Whether no try is left. Counts nothing."""
        alone, together = rate.limits
        try:
            mine = self._store.left(alone, rate.name, _name(who))
            return not (mine and self._store.left(together, rate.name, "all"))
        except Exception as error:  # noqa: BLE001 - whatever the counting store fails with
            log.error("rates cannot be counted", extra={"error": type(error).__name__})
            # Fails to the safe side: nobody guesses codes uncounted, and nobody is kept from beginning a conversation.
            return rate in GUESSED

    def note(self, rate: Rate, who: Request | str) -> None:
        """Count one."""
        alone, together = rate.limits
        try:
            self._store.hit(alone, rate.name, _name(who))
            self._store.hit(together, rate.name, "all")
        except Exception as error:  # noqa: BLE001 - as above
            log.error("rates cannot be counted", extra={"error": type(error).__name__})


def tries_of_code(request: Request, typed: str) -> tuple[tuple[Rate, str], ...]:
    """What a wrong code counts as. What cannot be a code is counted together, as one word."""
    here, code = _name(request), split(typed)
    return (Rate.CODE, f"{here} {code[0] if code else ''}"), (Rate.CODE_FROM, here)


def _name(who: Request | str) -> str:
    if isinstance(who, str):
        return who
    return network_of(who.client.host if who.client else "")
