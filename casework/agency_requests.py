"""Requests of an agency's own system: signed with a shared secret, in time, each counted once."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from sqlalchemy.exc import IntegrityError

from casework.records import Records, SeenRequest

SKEW = timedelta(minutes=5)
"""How far the clocks of the two systems may differ."""


class NotFromTheAgency(Exception):
    """The signature is missing or wrong, or the request is too old or too new."""


class SeenBefore(Exception):
    """The very same request was taken already: whoever sends it again is not the agency, or has the answer."""


def signature(secret: bytes, time: str, method: str, path: str, body: bytes) -> str:
    """HMAC-SHA256 as hex over time, method, path with query and body, each on a line of its own."""
    signed = f"{time}\n{method}\n{path}\n".encode() + body
    return hmac.digest(secret, signed, "sha256").hex()


class AgencyRequests:
    """`now` gives aware times."""

    def __init__(self, records: Records, secret: bytes, now: Callable[[], datetime]) -> None:
        self._records = records
        self._secret = secret
        self._now = now

    def check(self, time: str, given: str, method: str, path: str, body: bytes) -> None:
        """Raises NotFromTheAgency, SeenBefore. `time` is in whole seconds since 1970, as it was sent."""
        right = signature(self._secret, time, method, path, body)
        if not given.isascii() or not hmac.compare_digest(given.lower(), right) or not self._in_time(time):
            raise NotFromTheAgency
        at = self._now()
        try:
            with self._records.session() as session:
                session.add(SeenRequest(signature_hash=sha256(right.encode()).hexdigest(), at=at))
        except IntegrityError:
            raise SeenBefore from None

    def _in_time(self, time: str) -> bool:
        if not (time.isascii() and time.isdecimal() and len(time) <= 11):
            return False
        return abs(self._now() - datetime.fromtimestamp(int(time), UTC)) <= SKEW
