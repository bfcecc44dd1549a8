"""What is kept, how long and why: one rule for each kind of record. Words are made from the rule, so they cannot differ.

A rule says `until` an event, or a `period` that begins `after` an event, or both: then whichever comes first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

from babel.units import format_unit
from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError


class Record(StrEnum):
    """A kind of record. Every agency says of each how long it is kept."""

    CONVERSATION = "conversation"
    """Messages, answers, the journey's state: everything that is sealed under the conversation's key."""
    ANSWERS = "answers"
    """Answers that the person chose to hand to a caseworker."""
    PLAN = "plan"
    """The safe-contact plan with number and code word."""
    RETURN_CODE = "return_code"
    """The code to come back with, as a keyed hash, and the conversation that waits for it."""
    ENDED_CONVERSATION = "ended_conversation"
    """The row that remains: outcome, agency, times by the hour, no content."""
    HANDOVER = "handover"
    """That a human was asked for, when, and who met it. No content."""
    REPORT_DUTY = "report_duty"
    """That a caseworker has learnt something that the law says is to be reported, and has not done it yet. No content."""
    RECEIPT = "receipt"
    """Which inbound messages were answered already, by hash."""
    AUDIT = "audit"
    COUNTERS = "counters"
    DESK_SESSION = "desk_session"
    ONE_TIME_LINK = "one_time_link"
    FAILED_SIGN_IN = "failed_sign_in"
    INVITATION = "invitation"
    """What the agency's system said of the person is sealed, and goes when it is opened; the row stays a while."""
    FOLLOW_UP = "follow_up"
    """Which case is to be invited again, and when. Sealed; what was answered is not in it."""
    OUTGOING = "outgoing"
    """What was ordered of the carrier. Number and text are sealed, and go when it is done; the row stays a while."""
    DO_NOT_CONTACT = "do_not_contact"
    """A number that said stop, as a keyed hash."""
    PHONE_CALL = "phone_call"
    """Which conversation a call is, by a keyed hash of the carrier's name of it."""
    SMS_RECEIPT = "sms_receipt"
    """Which SMS were answered already, by a keyed hash."""
    SMS_THREAD = "sms_thread"
    """Which conversation stands for what a number wrote lately, by a keyed hash of the number."""
    NOTICE = "notice"
    """What other systems were told of a request for a human: ids and fixed words."""
    AGENCY_REQUEST = "agency_request"
    """Which signed requests of the agency's system were taken already, by hash."""


OF_THE_PERSON = (
    Record.CONVERSATION,
    Record.ANSWERS,
    Record.PLAN,
    Record.RETURN_CODE,
    Record.ENDED_CONVERSATION,
    Record.HANDOVER,
    Record.REPORT_DUTY,
    Record.AUDIT,
    Record.COUNTERS,
    Record.INVITATION,
    Record.FOLLOW_UP,
    Record.OUTGOING,
    Record.DO_NOT_CONTACT,
    Record.SMS_THREAD,
)
"""What the applicant is told about. The rest concerns caseworkers' accounts and repeated messages."""


class Until(StrEnum):
    ENDED = "ended"
    CLOSED = "closed"
    USED = "used"
    SIGNED_OUT = "signed_out"
    SIGNED_IN = "signed_in"
    NEVER = "never"
    DECIDED = "decided"
    DONE = "done"


class After(StrEnum):
    SILENT = "silent"
    AGREED = "agreed"
    CHOSEN = "chosen"
    ENDED = "ended"
    CLOSED = "closed"
    WRITTEN = "written"
    MADE = "made"
    SIGNED_IN = "signed_in"
    TRIED = "tried"
    RAN_OUT = "ran_out"
    ORDERED = "ordered"
    CAME = "came"
    DUE = "due"


UNITS = {"D": "day", "W": "week", "M": "month", "Y": "year", "TM": "minute", "TH": "hour"}
LENGTH = {
    "D": timedelta(days=1),
    "W": timedelta(weeks=1),
    "M": timedelta(days=30),
    "Y": timedelta(days=365),
    "TM": timedelta(minutes=1),
    "TH": timedelta(hours=1),
}
PERIOD = re.compile(r"P(T?)([1-9]\d{0,3})([DWMYH])")

ALLOWED: dict[Record, tuple[frozenset[Until], After | None]] = {
    Record.CONVERSATION: (frozenset({Until.ENDED}), After.SILENT),
    Record.ANSWERS: (frozenset({Until.CLOSED}), None),
    Record.PLAN: (frozenset({Until.CLOSED}), After.AGREED),
    Record.RETURN_CODE: (frozenset({Until.ENDED}), After.CHOSEN),
    Record.ENDED_CONVERSATION: (frozenset(), After.ENDED),
    Record.HANDOVER: (frozenset(), After.CLOSED),
    Record.REPORT_DUTY: (frozenset({Until.DONE}), None),
    Record.RECEIPT: (frozenset({Until.ENDED}), None),
    Record.AUDIT: (frozenset(), After.WRITTEN),
    Record.COUNTERS: (frozenset({Until.NEVER}), None),
    Record.DESK_SESSION: (frozenset({Until.SIGNED_OUT}), After.SIGNED_IN),
    Record.ONE_TIME_LINK: (frozenset({Until.USED}), After.MADE),
    Record.FAILED_SIGN_IN: (frozenset({Until.SIGNED_IN}), After.TRIED),
    Record.INVITATION: (frozenset(), After.RAN_OUT),
    Record.FOLLOW_UP: (frozenset({Until.DECIDED}), After.DUE),
    Record.OUTGOING: (frozenset(), After.ORDERED),
    Record.DO_NOT_CONTACT: (frozenset({Until.NEVER}), None),
    Record.PHONE_CALL: (frozenset(), After.CAME),
    Record.SMS_RECEIPT: (frozenset(), After.CAME),
    Record.SMS_THREAD: (frozenset(), After.CAME),
    Record.NOTICE: (frozenset(), After.WRITTEN),
    Record.AGENCY_REQUEST: (frozenset(), After.CAME),
}
"""The events that can end each record. What is listed is required: the program does it, and the table must say so."""


class Kept(BaseModel):
    """One row of an agency's table. `period` is ISO 8601 with one unit: P90D, P2Y, PT30M. A month is 30 days, a year 365."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    record: Record
    what: str
    how_long: str
    why: str
    source: str
    verified: bool
    until: Until | None = None
    after: After | None = None
    period: str | None = None

    @model_validator(mode="after")
    def _possible(self) -> Kept:
        until, after = ALLOWED[self.record]
        if (self.until is None) != (not until) or (self.until is not None and self.until not in until):
            names = {"record": self.record.value, "names": ", ".join(sorted(until)) or "-"}
            said = f"{self.record} is kept until {', '.join(sorted(until)) or 'a period has passed'}"
            raise PydanticCustomError("keep_until", said, names)
        if self.after is not after or (self.after is None) != (self.period is None):
            names = {"record": self.record.value, "names": after.value if after else "-"}
            said = f"{self.record} has {f'a period after {after}' if after else 'no period'}"
            raise PydanticCustomError("keep_after", said, names)
        if self.period is not None and _parts(self.period) is None:
            said = "period must be an ISO 8601 duration with one unit, like P90D or PT30M"
            raise PydanticCustomError("period_form", said)
        return self

    @property
    def length(self) -> timedelta:
        """The period. Raises ValueError for a row without one."""
        parts = _parts(self.period or "")
        if parts is None:
            raise ValueError(f"{self.record} has no period")
        return parts[0] * LENGTH[parts[1]]


def _parts(period: str) -> tuple[int, str] | None:
    """Number and unit, or None."""
    found = PERIOD.fullmatch(period)
    if found is None:
        return None
    unit = found[1] + found[3]
    return (int(found[2]), unit) if unit in UNITS else None


def how_long(kept: Kept, phrases: Mapping[str, str], locale: str) -> str:
    """The rule in words. `phrases` has `until.<event>`, `after.<event>` (with `{period}`) and `or`.

    Raises KeyError for a phrase that is missing.
    """
    said = []
    if kept.until is not None:
        said.append(phrases[f"until.{kept.until}"])
    parts = _parts(kept.period or "")
    if parts is not None:
        number, unit = parts
        period = format_unit(number, f"duration-{UNITS[unit]}", "long", locale=locale)
        said.append(phrases[f"after.{kept.after}"].format(period=period))
    joined = f" {phrases['or']} ".join(said)
    return joined[:1].upper() + joined[1:]


def rule_of(keep: tuple[Kept, ...], record: Record) -> Kept:
    """Raises KeyError for a record that the table does not have."""
    for kept in keep:
        if kept.record is record:
            return kept
    raise KeyError(record)
