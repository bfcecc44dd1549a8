"""The safe-contact plan: how, when and with what words a person may be contacted (promise P8).

Source: NNEDV, "never contact a survivor in a way that the survivor has not specifically indicated is safe and
private" (techsafety.org/safe-contact-methods). No plan means no contact.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Stockholm")


class ContactWay(StrEnum):
    CALL = "call"
    SMS = "sms"


class ContactWindow(StrEnum):
    """Parts of a weekday that a person can choose, in Swedish time."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    ANY_TIME = "any_time"


WINDOW_HOURS: dict[ContactWindow, tuple[time, time]] = {
    ContactWindow.MORNING: (time(8), time(12)),
    ContactWindow.AFTERNOON: (time(12), time(17)),
    ContactWindow.ANY_TIME: (time(8), time(17)),
}


class Refusal(StrEnum):
    """Why the dispatcher may not contact. Each has one sentence for the caseworker in the desk's content."""

    NO_PLAN = "no_plan"
    DO_NOT_CONTACT = "do_not_contact"
    EXPIRED = "expired"
    OTHER_WAY = "other_way"
    OUTSIDE_WINDOW = "outside_window"
    NO_VOICEMAIL = "no_voicemail"


@dataclass(frozen=True)
class SafeContactPlan:
    """What the person agreed to. `number` is E.164. `code_word` may be empty. Times are aware datetimes."""

    way: ContactWay
    number: str = field(repr=False)
    window: ContactWindow
    voicemail: bool
    say_agency: bool
    """Whether the agency's name may be said to whoever answers."""
    code_word: str = field(repr=False)
    expires_at: datetime


def refusal(
    plan: SafeContactPlan | None,
    way: ContactWay,
    at: datetime,
    *,
    do_not_contact: bool = False,
    voicemail: bool = False,
) -> Refusal | None:
    """Why contact by `way` at `at` is not allowed, or None if it is. Denies by default.

    `voicemail` is true when somebody is about to speak to a machine. `at` is an aware datetime.
    """
    if do_not_contact:
        return Refusal.DO_NOT_CONTACT
    if plan is None:
        return Refusal.NO_PLAN
    if at >= plan.expires_at:
        return Refusal.EXPIRED
    if way != plan.way:
        return Refusal.OTHER_WAY
    local = at.astimezone(ZONE)
    opens, closes = WINDOW_HOURS[plan.window]
    if local.weekday() >= 5 or not opens <= local.time() < closes:
        return Refusal.OUTSIDE_WINDOW
    if voicemail and not plan.voicemail:
        return Refusal.NO_VOICEMAIL
    return None
