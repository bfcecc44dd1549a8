"""What the desk's pages take from the data: words by language, quick replies, checklists, the agency's hours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

from screening.catalogue.agency import Agency
from screening.catalogue.checklists import Checklist
from screening.catalogue.quick_replies import QuickReply

HOME = "sv"


@dataclass(frozen=True)
class Offered:
    """A quick reply in the person's language, with the Swedish beside it where that is another."""

    id: str
    text: str
    swedish: str
    is_neutral: bool


@dataclass(frozen=True)
class Today:
    """The desk's day, from the agency's file."""

    is_open: bool
    hours: tuple[time, time] | None
    """None: closed all day."""
    opens: datetime | None
    on_duty: int | None
    """How many are to be there today, by the roster. None: the agency has not said."""
    closed_because: str


@dataclass(frozen=True)
class Shelf:
    languages: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Words of the desk, by language."""
    quick_replies: Mapping[str, Mapping[str, QuickReply]] = field(default_factory=dict)
    """By language and id."""
    checklists: Mapping[str, Checklist] = field(default_factory=dict)
    agency: Callable[[], Agency] | None = None
    """As it is at the moment of asking: opening hours change while the program runs."""
    line: Callable[[str], str] = lambda line_id: ""
    """A contact as it may be shown today; empty where it is out of date."""

    def replies(self, locale: str) -> list[Offered]:
        """All of them, the neutral first. In Swedish where there is no reviewed text in the person's language."""
        there = self.quick_replies.get(locale, {})
        offered = [
            Offered(reply.id, there.get(reply.id, reply).text, reply.text, reply.is_neutral)
            for reply in self.quick_replies.get(HOME, {}).values()
        ]
        return sorted(offered, key=lambda one: not one.is_neutral)

    def reply(self, reply_id: str, locale: str) -> Offered | None:
        return next((one for one in self.replies(locale) if one.id == reply_id), None)

    def today(self, now: datetime) -> Today | None:
        """None where there is no agency."""
        if self.agency is None:
            return None
        agency = self.agency()
        return Today(
            is_open=agency.open_at(now),
            hours=agency.hours_on(now),
            opens=agency.opens_next(now),
            on_duty=agency.on_duty(now),
            closed_because=agency.closed_because(now),
        )

    @property
    def in_order(self) -> list[Checklist]:
        return sorted(self.checklists.values(), key=lambda one: one.order)
