"""What is kept about one conversation at this moment, and who has read it: what the person can be told. No content."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Opened(StrEnum):
    """What somebody at the agency opened."""

    REQUEST = "request"
    ANSWERS = "answers"
    NUMBER = "number"
    CHAT = "chat"
    ACCESS = "access"
    """The list of what is kept, for a question about it."""


@dataclass(frozen=True)
class KeptNow:
    """`opened` has each kind that was opened, with the hours (UTC) when that was, oldest first."""

    messages: int = 0
    answers: bool = False
    plan_until: date | None = None
    code: bool = False
    sms: bool = False
    """An SMS was ordered by the plan."""
    call: bool = False
    """The conversation is a telephone call."""
    invited: bool = False
    """Something that an invitation said of the person is kept, to count by."""
    opened: tuple[tuple[Opened, tuple[datetime, ...]], ...] = ()
