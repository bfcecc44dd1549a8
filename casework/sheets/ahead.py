"""The days to come, as the agency's file has them: when it is open, and how many are to be where."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from screening.catalogue.agency import Agency
from screening.catalogue.duty import WEEKDAYS, day_off_called

SUNDAY = 6


@dataclass(frozen=True)
class Day:
    day: date
    weekday: str
    """Its key: `monday` …"""
    hours: tuple[time, time] | None
    """None: closed."""
    why: str
    """Why it is closed, where that is a holiday or the agency has said so."""
    on_duty: int | None
    offices: tuple[tuple[str, int], ...]
    """Name of the office, and how many are to be there."""


def days_ahead(agency: Agency, now: datetime, language: str, days: int = 14) -> list[Day]:
    """From today on. Holidays are called as they are in that language."""
    today = now.astimezone(ZoneInfo(agency.timezone))
    return [_day(agency, today + timedelta(days=n), language) for n in range(days)]


def _day(agency: Agency, at: datetime, language: str) -> Day:
    day, names = at.date(), {office.id: office.name for office in agency.offices}
    holiday = "" if day.weekday() == SUNDAY else day_off_called(day, language)
    hours = agency.hours_on(at)
    offices = tuple((names[id_], n) for id_, n in agency.desk.in_offices(day).items())
    is_open = hours is not None
    why = agency.closed_because(at) or holiday
    return Day(
        day,
        WEEKDAYS[day.weekday()],
        hours,
        "" if is_open else why,
        agency.on_duty(at) if is_open else None,
        offices if is_open else (),
    )
