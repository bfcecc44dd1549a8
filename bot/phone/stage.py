"""The stage for a call-back that is only played: an hour when the desk is open, and somebody who asked to be rung."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.composition import Clock, House
from casework.caseworker import Caseworker
from safety.safe_contact import ZONE, ContactWay, ContactWindow, SafeContactPlan
from screening.catalogue.agency import Agency, day_off
from screening.events import HandoverKind, HandoverRequested

DESK = "+46701740606"
"""Of the range that PTS keeps free for use in fiction, as the person's is: they ring nobody."""
PERSON = "+46701740605"


@dataclass(frozen=True)
class Allows:
    """What the plan of the person who is rung says."""

    voicemail: bool = False
    say_agency: bool = False
    code_word: str = ""


def in_opening_hours(agency: Agency, now: Clock) -> Clock:
    """A clock that goes on from ten o'clock of the next day on which the desk is open: nobody is rung at night."""
    begun = now()
    for days in range(1, 31):
        ten = (begun + timedelta(days=days)).astimezone(ZONE).replace(hour=10, minute=0, second=0, microsecond=0)
        if ten.weekday() < 5 and agency.open_at(ten) and not day_off(ten.date()):
            return lambda: now() + (ten - begun)
    raise ValueError("the agency is never open")


def with_desk_phone(house: House) -> House:
    rules = house.agency.phone.model_copy(update={"desk_numbers": (DESK,)})
    return replace(house, agency=house.agency.model_copy(update={"phone": rules}))


def request(house: House, caseworker: Caseworker, allows: Allows, until: datetime) -> str:
    """Somebody asks to be rung, and this caseworker has it. Returns the handover's id."""
    agency = house.agency
    opened = house.intake.open(
        agency=agency.id, programme=agency.default_programme, channel="web", locale=agency.language
    )
    plan = SafeContactPlan(
        ContactWay.CALL,
        PERSON,
        ContactWindow.ANY_TIME,
        allows.voicemail,
        allows.say_agency,
        allows.code_word,
        until,
    )
    turn = house.intake.begin(opened.id)
    turn.events.append(HandoverRequested(HandoverKind.CONTACT, urgent=False, plan=plan))
    house.intake.commit(turn)
    assert turn.handover is not None, "a plan makes a request"
    house.handovers.claim(turn.handover.id, caseworker)
    return turn.handover.id
