"""An agency: its programmes and what may be asked there, hours, gate, what is kept, who must report."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    HttpUrl,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from safety.gate import Block, Staleness
from screening.catalogue.duty import WEEKDAYS, ClosedDay, Duty, Strict, Weekday, day_off
from screening.catalogue.support import CHECK_DAYS
from screening.keep import Kept, Record, rule_of

__all__ = ["Agency", "GateRules", "Programme", "Repeat", "day_off"]

Mode = Literal["routine", "indication", "information_only"]


class Programme(Strict):
    """A programme and its mode.

    `routine`: everybody is invited. `indication`: only when the person or a caseworker asks. `information_only`: never.
    """

    id: str
    name: str
    mode: Mode
    verified: bool
    source: str


class Repeat(Strict):
    occasions: int = Field(ge=1, le=12)
    months_between: int | None = Field(ge=1, le=24)
    verified: bool
    source: str


class GateRules(Strict):
    """When "I am alone" is worth nothing any more, and how long a conversation waits (promise P1).

    An agency may make the house rules stricter, never laxer: the limits below are the laxest.
    """

    idle_minutes: int = Field(ge=1, le=10)
    """Silence after which privacy is asked again."""
    longest_minutes: int = Field(ge=1, le=30)
    """Age of the last "I am alone" after which privacy is asked again, silent or not."""
    closes_when: frozenset[Literal["resumed", "other_channel", "suspected", "new_session"]]
    """What closes the gate at once. All four, always: they are written out so that the file says what happens."""
    again_before: frozenset[Literal["sexual_violence", "own_violence"]]
    """Blocks of questions that need a confirmation of their own. Sexual violence always does."""
    session_minutes: int = Field(ge=5, le=120)
    """Silence after which the conversation is over."""
    resume_hours: int = Field(ge=0, le=72)
    """How long a person who chose a code can come back. 0: never."""
    source: str

    @field_validator("closes_when")
    @classmethod
    def _all_four(cls, given: frozenset[str]) -> frozenset[str]:
        if len(given) != 4:
            names = "resumed, other_channel, suspected, new_session"
            raise PydanticCustomError("all_of", "must name all of: {names}", {"names": names})
        return given

    @field_validator("again_before")
    @classmethod
    def _sexual_violence_always(cls, given: frozenset[str]) -> frozenset[str]:
        if "sexual_violence" not in given:
            raise PydanticCustomError("all_of", "must name {names}", {"names": "sexual_violence"})
        return given

    @model_validator(mode="after")
    def _in_order(self) -> GateRules:
        if not self.idle_minutes <= self.longest_minutes <= self.session_minutes:
            raise PydanticCustomError(
                "limits_order", "idle_minutes, longest_minutes and session_minutes must not go down in this order"
            )
        return self


def stricter(one: GateRules, other: GateRules) -> GateRules:
    """What a conversation that goes on may get in place of `one`: never longer, never fewer blocks."""
    return one.model_copy(
        update={
            "idle_minutes": min(one.idle_minutes, other.idle_minutes),
            "longest_minutes": min(one.longest_minutes, other.longest_minutes),
            "again_before": one.again_before | other.again_before,
        }
    )


class PhoneRules(Strict):
    """What an agency decides about calls and SMS. The defaults promise nothing that nobody has set up."""

    duty_number: str = Field(default="", pattern=r"^(\+[1-9]\d{6,14})?$")
    """Where key 9 leads during opening hours. Empty: a safe-contact plan is offered instead."""
    desk_numbers: tuple[Annotated[str, Field(pattern=r"^\+[1-9]\d{6,14}$")], ...] = ()
    """The desk's own phones, that a call-back by the carrier may ring first. Empty: caseworkers dial themselves."""
    shuffle_yes: bool = False
    """Yes and no change places from one block of questions to the next, so that a tone heard tells nothing."""
    delete_carrier_copies: bool = True
    """Calls and messages are deleted at the carrier once they are over."""
    most_attempts: int = Field(default=3, ge=1, le=10)
    """Tries to reach a person under one plan."""
    invite_by_sms: bool = False
    """An invitation may go by SMS to a person without a plan. Off: the agency hands it over in another way."""
    source: str = "House default"


class Office(Strict):
    """A place with caseworkers of its own."""

    id: str = Field(pattern=r"^[a-z0-9-]{1,60}$")
    name: str


def _clock_time(value: Any) -> Any:
    """YAML reads 8:00 without quotes as 480, which would be eight minutes past midnight."""
    if not isinstance(value, str | time):
        raise PydanticCustomError("time_type", "must be a time in quotes, like 08:00")
    return value


def _of_here(value: time) -> time:
    if value.tzinfo is not None:
        raise PydanticCustomError("time_type", "must be a time without a zone, like 08:00")
    return value


ClockTime = Annotated[time, BeforeValidator(_clock_time), AfterValidator(_of_here)]


class Agency(BaseModel):
    """One agency's file. Notes and sources ride along for the reader and are not used."""

    model_config = ConfigDict(extra="allow", frozen=True)

    id: str = Field(pattern=r"^[a-z][a-z-]+$")
    name: str
    language: str
    timezone: str
    programmes: tuple[Programme, ...] = Field(min_length=1)
    default_programme: str
    instrument: str | None
    repeat: Repeat
    hours: dict[Weekday, tuple[ClockTime, ClockTime]]
    gate: GateRules
    keep: tuple[Kept, ...] = Field(min_length=1)
    duty: dict[str, Any]
    secrecy: dict[str, Any]
    exit_to: HttpUrl
    closed_days: tuple[ClosedDay, ...] = ()
    desk: Duty = Duty()
    phone: PhoneRules = PhoneRules()
    offices: tuple[Office, ...] = ()
    """Empty: every caseworker meets everybody."""
    default_office: str = ""
    """Where a conversation belongs whose invitation names no office, or that began without one. Empty: to any."""
    plan_days: int = Field(default=90, ge=1, le=365)
    """How many days a safe-contact plan holds before the person must be asked anew."""
    contact_check_days: int = Field(default=CHECK_DAYS, ge=30, le=1095)
    """After how many days a contact in the help list is to be checked again."""

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise PydanticCustomError("timezone_unknown", "must be a time zone like Europe/Stockholm") from None
        return name

    @model_validator(mode="after")
    def _whole(self) -> Agency:
        if self.default_programme not in {p.id for p in self.programmes}:
            unknown = {"names": self.default_programme}
            raise PydanticCustomError(
                "programme_unknown", "default_programme {names} is not among the programmes", unknown
            )
        if self.default_office and self.default_office not in {office.id for office in self.offices}:
            unknown = {"names": self.default_office}
            raise PydanticCustomError("office_unknown", "default_office {names} is not among the offices", unknown)
        if any(opens >= closes for opens, closes in self.hours.values()):
            raise PydanticCustomError("hours_order", "hours must open before they close")
        if nowhere := sorted(self.desk.by_office.keys() - {office.id for office in self.offices}):
            raise PydanticCustomError(
                "office_unknown", "desk.by_office names no office: {names}", {"names": nowhere[0]}
            )
        self._keep_is_whole()
        return self

    def _keep_is_whole(self) -> None:
        """Each record once, and the same numbers as the rest of the file."""
        listed = [kept.record for kept in self.keep]
        if missing := [record.value for record in Record if listed.count(record) != 1]:
            names = {"names": ", ".join(missing)}
            raise PydanticCustomError("keep_once", "keep must have each record once: {names}", names)
        same = [
            (Record.CONVERSATION, timedelta(minutes=self.gate.session_minutes), "gate.session_minutes"),
            (Record.PLAN, timedelta(days=self.plan_days), "plan_days"),
        ]
        if self.gate.resume_hours:
            same.append((Record.RETURN_CODE, timedelta(hours=self.gate.resume_hours), "gate.resume_hours"))
        for record, length, name in same:
            if rule_of(self.keep, record).length != length:
                told = {"record": record.value, "name": name}
                raise PydanticCustomError("keep_same", "keep: the period of {record} must be {name}", told)

    def programme(self, programme_id: str) -> Programme:
        """Raises KeyError for a programme that the agency does not have."""
        for programme in self.programmes:
            if programme.id == programme_id:
                return programme
        raise KeyError(programme_id)

    def office_or_default(self, office_id: str) -> str:
        """The office if the agency has it, else its default: a name that is out of date must lose nobody."""
        return office_id if office_id in {office.id for office in self.offices} else self.default_office

    @property
    def staleness(self) -> Staleness:
        gate = self.gate
        blocks = frozenset(Block(name) for name in gate.again_before)
        return Staleness(timedelta(minutes=gate.idle_minutes), timedelta(minutes=gate.longest_minutes), blocks)

    def open_at(self, now: datetime) -> bool:
        """Whether the desk is open at this aware time. Swedish public holidays are closed."""
        local = now.astimezone(ZoneInfo(self.timezone))
        hours = self._hours_on(local)
        return hours is not None and hours[0] <= local.time() < hours[1]

    def opens_next(self, now: datetime) -> datetime | None:
        """When the desk opens next after `now`, within two weeks; None if it never does."""
        local = now.astimezone(ZoneInfo(self.timezone))
        for days in range(15):
            day = local + timedelta(days=days)
            hours = self._hours_on(day)
            if hours is None:
                continue
            opens = day.replace(hour=hours[0].hour, minute=hours[0].minute, second=0, microsecond=0)
            if opens > local:
                return opens
        return None

    def hours_on(self, now: datetime) -> tuple[time, time] | None:
        """The day's hours, or None if the desk is closed all day."""
        return self._hours_on(now.astimezone(ZoneInfo(self.timezone)))

    def on_duty(self, now: datetime) -> int | None:
        """How many are to be at the desk that day; None where the agency has not said."""
        return self.desk.on(now.astimezone(ZoneInfo(self.timezone)).date())

    def closed_because(self, now: datetime) -> str:
        """Why the agency has closed that day, if it has said so."""
        day = now.astimezone(ZoneInfo(self.timezone)).date()
        return next((closed.why for closed in self.closed_days if closed.day == day), "")

    def _hours_on(self, day: datetime) -> tuple[time, time] | None:
        if day_off(day.date()) or any(closed.day == day.date() for closed in self.closed_days):
            return None
        return self.hours.get(WEEKDAYS[day.weekday()])  # type: ignore[call-overload,no-any-return]
