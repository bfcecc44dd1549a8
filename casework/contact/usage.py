"""What the carrier will charge for, counted without anybody's number: SMS and begun minutes."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from casework.counters import CountedAs, count
from casework.counting import figures
from casework.records import Records


class Unit(StrEnum):
    """What is priced. An SMS of ours is one segment, always: the dispatcher refuses a longer one."""

    SMS_OUT = "sms_out"
    SMS_IN = "sms_in"
    MINUTE_IN = "minute_in"
    """A begun minute of a call that came in."""
    MINUTE_OUT = "minute_out"
    """A begun minute of a call that we made, for each of the two phones."""


PREFIX = "carrier:"


class Usage:
    """`now` gives aware times."""

    def __init__(self, records: Records, agency: str, now: Callable[[], datetime]) -> None:
        self._records = records
        self._agency = agency
        self._now = now

    def used(self, unit: Unit, n: int = 1, session: Session | None = None) -> None:
        """Count, in the caller's transaction if there is one."""
        if session is None:
            with self._records.session() as own:
                self.used(unit, n, own)
            return
        channel = "sms" if unit in (Unit.SMS_IN, Unit.SMS_OUT) else "voice"
        as_ = CountedAs(self._agency, "", "", channel, "", "", "", 0)
        count(session, as_, self._now(), [f"{PREFIX}{unit}"] * n)

    def minutes(self, unit: Unit, seconds: str) -> None:
        """A call is over. `seconds` as the carrier says it."""
        if seconds.isascii() and seconds.isdecimal() and 0 < int(seconds) < 86_400:
            self.used(unit, -(-int(seconds) // 60))

    def of(self, month: str) -> dict[Unit, int]:
        """How many in a month, as "2026-11"."""
        found: Tally[str] = Tally()
        for figure, n in figures(self._records).items():
            if figure.month == month and figure.what.startswith(PREFIX):
                found[figure.what] += n
        return {unit: found[f"{PREFIX}{unit}"] for unit in Unit}

    def conversations(self, month: str) -> int:
        """How many began by phone or SMS in a month."""
        began = [
            n
            for figure, n in figures(self._records).items()
            if (figure.month, figure.what) == (month, "started") and figure.as_.channel in ("voice", "sms")
        ]
        return sum(began)
