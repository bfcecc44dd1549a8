"""The safe-contact plan: how, when and with what words a person may be contacted (promise P8).

Source: NNEDV, "never contact a survivor in a way that the survivor has not specifically indicated is safe and
private" (techsafety.org/safe-contact-methods). No plan means no contact.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from safety.sms_length import fits_one_sms

ZONE = ZoneInfo("Europe/Stockholm")
ANSWER_WITHIN = timedelta(minutes=10)
"""How long after a person's own SMS an answer to it is still an answer."""
_LINK = re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE)


class ContactWay(StrEnum):
    CALL = "call"
    SMS = "sms"
    EMAIL = "email"


class ContactWindow(StrEnum):
    """Parts of a weekday that a person can choose, in the time of the place where they are."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    ANY_TIME = "any_time"


WINDOW_HOURS: dict[ContactWindow, tuple[time, time]] = {
    ContactWindow.MORNING: (time(8), time(12)),
    ContactWindow.AFTERNOON: (time(12), time(17)),
    ContactWindow.ANY_TIME: (time(8), time(17)),
}


class Ground(StrEnum):
    """Why somebody is contacted at all."""

    PLAN = "plan"
    """The person agreed to it."""
    ANSWER = "answer"
    """The person wrote to us a moment ago, from that number."""
    FAREWELL = "farewell"
    """The person just said stop, and is told once that it is heard."""
    REMINDER = "reminder"
    """The person agreed to contact, and asked to be reminded."""
    INVITATION = "invitation"
    """The agency invites. Only where it has decided that it may go by SMS."""


class Refusal(StrEnum):
    """Why there may be no contact. Each has one sentence for the caseworker in the desk's content."""

    NO_PLAN = "no_plan"
    DO_NOT_CONTACT = "do_not_contact"
    EXPIRED = "expired"
    OTHER_WAY = "other_way"
    OUTSIDE_WINDOW = "outside_window"
    DAY_OFF = "day_off"
    CLOSED = "closed"
    NO_VOICEMAIL = "no_voicemail"
    TOO_MANY_ATTEMPTS = "too_many_attempts"
    NOT_NEUTRAL = "not_neutral"
    TOO_LONG = "too_long"
    NAMES_AGENCY = "names_agency"
    FOREIGN_LINK = "foreign_link"
    NOT_ASKED_FOR = "not_asked_for"
    NO_SMS_INVITATIONS = "no_sms_invitations"
    """The agency has not decided that invitations may go by SMS."""


@dataclass(frozen=True)
class SafeContactPlan:
    """What the person agreed to. `number` is E.164. `code_word` may be empty. Times are aware datetimes.

    By e-mail, `email` is where to; `number` may be empty then.
    """

    way: ContactWay
    number: str = field(repr=False)
    window: ContactWindow
    voicemail: bool
    say_agency: bool
    """Whether the agency's name may be said to whoever answers."""
    code_word: str = field(repr=False)
    expires_at: datetime
    zone: str = ZONE.key
    """Where the person is: the window is in the time of that place."""
    email: str = field(default="", repr=False)
    remind: bool = False
    """Whether the person asked to be reminded."""

    @property
    def address(self) -> str:
        """What is written to or rung."""
        return self.email if self.way is ContactWay.EMAIL else self.number


@dataclass(frozen=True)
class Contact:
    """One contact that somebody wants to make. `text` is the SMS, or the e-mail with its subject, as it would be sent;
    empty for a call.
    """

    ground: Ground
    way: ContactWay
    plan: SafeContactPlan | None = None
    text: str = field(default="", repr=False)
    voicemail: bool = False
    """Somebody is about to speak to a machine."""
    sender: str = ""
    """Who a message is from, as the screen shows it: a number or an address. It is read like the words."""


def never(day: date) -> bool:
    return False


@dataclass(frozen=True)
class World:
    """What is true at the moment. The defaults are for what is not about words; a missing word list refuses all words."""

    at: datetime
    do_not_contact: bool = False
    day_off: Callable[[date], bool] = never
    agency_open: bool = True
    attempts: int = 0
    most_attempts: int = 3
    heard_at: datetime | None = None
    """When the person's own SMS came in."""
    invite_by_sms: bool = False
    sensitive_words: Callable[[str], Sequence[str]] | None = None
    agency_name: str = ""
    link_base: str = ""
    """The only address that a link may lead to."""


def decide(contact: Contact, world: World) -> Refusal | None:
    """Why this contact is not allowed now, or None if it is. Denies by default.

    What concerns the person comes before what concerns the clock, and that before the words.
    """
    if world.do_not_contact and contact.ground is not Ground.FAREWELL:
        return Refusal.DO_NOT_CONTACT
    return _grounds(contact, world) or (_words(contact, world) if contact.way is not ContactWay.CALL else None)


def refusal(
    plan: SafeContactPlan | None,
    way: ContactWay,
    at: datetime,
    *,
    do_not_contact: bool = False,
    voicemail: bool = False,
    day_off: Callable[[date], bool] = never,
    agency_open: bool = True,
    attempts: int = 0,
    most_attempts: int = 3,
) -> Refusal | None:
    """The same for a contact that a human makes in their own words by this plan."""
    world = World(
        at,
        do_not_contact=do_not_contact,
        day_off=day_off,
        agency_open=agency_open,
        attempts=attempts,
        most_attempts=most_attempts,
    )
    if do_not_contact:
        return Refusal.DO_NOT_CONTACT
    return _grounds(Contact(Ground.PLAN, way, plan, voicemail=voicemail), world)


def _grounds(contact: Contact, world: World) -> Refusal | None:
    match contact.ground:
        case Ground.PLAN:
            return _by_plan(contact, world)
        case Ground.REMINDER:
            # Nobody is rung to be reminded: a call that nobody expects is not what was asked for.
            if contact.plan is not None and (not contact.plan.remind or contact.way is ContactWay.CALL):
                return Refusal.NOT_ASKED_FOR
            return _by_plan(contact, world)
        case Ground.ANSWER | Ground.FAREWELL:
            age = world.at - world.heard_at if world.heard_at is not None else None
            heard = age is not None and timedelta(0) <= age <= ANSWER_WITHIN
            return None if heard and contact.way is ContactWay.SMS else Refusal.NO_PLAN
        case Ground.INVITATION:
            if not world.invite_by_sms or contact.way is not ContactWay.SMS:
                return Refusal.NO_SMS_INVITATIONS
            return _in_hours(world, ContactWindow.ANY_TIME, ZONE)
    return Refusal.NO_PLAN


def _by_plan(contact: Contact, world: World) -> Refusal | None:
    plan = contact.plan
    if plan is None:
        return Refusal.NO_PLAN
    if world.at >= plan.expires_at:
        return Refusal.EXPIRED
    if contact.way is not plan.way:
        return Refusal.OTHER_WAY
    if world.attempts >= world.most_attempts:
        return Refusal.TOO_MANY_ATTEMPTS
    refused = _in_hours(world, plan.window, ZoneInfo(plan.zone))
    if refused is not None:
        return refused
    return Refusal.NO_VOICEMAIL if contact.voicemail and not plan.voicemail else None


def _in_hours(world: World, window: ContactWindow, zone: ZoneInfo) -> Refusal | None:
    local = world.at.astimezone(zone)
    opens, closes = WINDOW_HOURS[window]
    if local.weekday() >= 5 or not opens <= local.time() < closes:
        return Refusal.OUTSIDE_WINDOW
    # The holidays are those of the agency's country, on the agency's own day.
    if world.day_off(world.at.astimezone(ZONE).date()):
        return Refusal.DAY_OFF
    return None if world.agency_open else Refusal.CLOSED


def _names(text: str, agency_name: str) -> bool:
    """Also as it stands in an address: arbetsformedlingen."""
    return bool(agency_name) and _letters(agency_name) in _letters(text)


def _letters(text: str) -> str:
    """Small letters and figures alone, without dots and accents."""
    return "".join(character for character in unicodedata.normalize("NFKD", text.casefold()) if character.isalnum())


def _words(contact: Contact, world: World) -> Refusal | None:
    """An SMS is read by whoever holds the phone: neutral, whole on one screen, leading nowhere but to us.

    So is the line of an e-mail that a locked screen shows.
    """
    text = contact.text
    if world.sensitive_words is None or not text.strip() or world.sensitive_words(text):
        return Refusal.NOT_NEUTRAL
    if world.sensitive_words(contact.sender):
        return Refusal.NOT_NEUTRAL
    may_name = contact.plan is not None and contact.plan.say_agency
    if not may_name and _names(f"{_LINK.sub('', text)} {contact.sender}", world.agency_name):
        return Refusal.NAMES_AGENCY
    base = world.link_base.rstrip("/") + "/"
    if any(not world.link_base or not link.startswith(base) for link in _LINK.findall(text)):
        return Refusal.FOREIGN_LINK
    fits = contact.way is ContactWay.EMAIL or fits_one_sms(text)
    return None if fits else Refusal.TOO_LONG
