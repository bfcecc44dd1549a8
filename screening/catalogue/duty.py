"""Days: which are closed, and how many are to be at the desk."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Annotated, Literal

import holidays
from pydantic import BaseModel, ConfigDict, Field

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


EVES = ("Midsommarafton", "Julafton", "Nyårsafton")
"""On these agencies are closed as on a Sunday, by agreement. Those before other holidays are ordinary working days."""


@cache
def _days_off(year: int) -> frozenset[date]:
    """Public holidays (law 1989:253), and the eves on which agencies are closed too."""
    return frozenset(_named(year, "sv"))


@cache
def _named(year: int, language: str) -> dict[date, str]:
    public = holidays.country_holidays("SE", years=year, language=language)
    # Banks close at two o'clock on the days before, too: agencies do not, so of theirs only whole days count.
    of_banks = holidays.country_holidays("SE", years=year, categories=("bank",), language="sv")
    eves = [day for day, name in of_banks.items() if name in EVES]
    called = holidays.country_holidays("SE", years=year, categories=("bank",), language=language)
    return {**public, **{day: called[day] for day in eves}}


def day_off(day: date) -> bool:
    """Whether agencies are closed on this weekday."""
    return day in _days_off(day.year)


def day_off_called(day: date, language: str) -> str:
    """What a day is called on which agencies are closed; empty for any other."""
    return _named(day.year, "sv" if language == "sv" else "en_US").get(day, "")


class Strict(BaseModel):
    """A piece of a data file: unknown keys are faults, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Number = Annotated[int, Field(ge=0, le=500)]


class ClosedDay(Strict):
    """A day on which the desk is closed besides public holidays, and why, as the caseworkers read it."""

    day: date
    why: str = Field(min_length=1)


class Duty(Strict):
    """How many caseworkers are to be at the desk. Names belong in the agency's own staffing system, not in a file here."""

    roster: dict[Weekday, Number] = Field(default_factory=dict)
    on_days: dict[date, Number] = Field(default_factory=dict)
    """Days that are not as the week says."""
    by_office: dict[str, dict[Weekday, Number]] = Field(default_factory=dict)
    """The week of each office that has one of its own, by the office's id."""
    away_minutes: int = Field(default=2, ge=2, le=60)
    """After how long without an open page a caseworker is not there. Not less than two: a browser lets a page that is
    behind others ask for news once a minute."""

    @property
    def away_after(self) -> timedelta:
        return timedelta(minutes=self.away_minutes)

    def on(self, day: date) -> int | None:
        """How many in all; None where nothing is said. What is said of the whole goes before the sum of the offices."""
        weekday = WEEKDAYS[day.weekday()]
        said = self.on_days.get(day, self.roster.get(weekday))  # type: ignore[call-overload]
        return said if said is not None else sum(self.in_offices(day).values()) if self.in_offices(day) else None

    def in_offices(self, day: date) -> dict[str, int]:
        """How many in each office that has said it, by the office's id."""
        weekday = WEEKDAYS[day.weekday()]
        return {office: week[weekday] for office, week in self.by_office.items() if weekday in week}
