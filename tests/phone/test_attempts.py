"""No more attempts than the agency allows, for as long as the plan holds: whatever the carrier does, whatever is deleted meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import select

from bot.composition import House
from bot.phone.pocket import PocketCarrier
from bot.phone.setting_up import phone_of
from casework.audit import first_break
from casework.contact.delivery import Delivery
from casework.contact.dispatcher import Dispatcher
from casework.contact.orders import Status
from casework.errands import NotNow, Unsure
from casework.records import AuditEntry, Handover, Outgoing
from casework.requests import attempts, read_plan
from casework.retention import SWEEPS
from safety.safe_contact import ContactWay, ContactWindow, Refusal, SafeContactPlan
from screening.events import HandoverKind, HandoverRequested, Outcome
from screening.keep import Record
from tests.conftest import Clock

ANNA = "+46701740605"
STEPS = ("goes", "unsure", "away", "crash", "month")


class Crash(BaseException):
    """The process is gone while the carrier has it."""


class Trying:
    """A plan of ninety days, by SMS, and a desk that presses the button."""

    def __init__(self, house: House, clock: Clock, most: int) -> None:
        rules = house.agency.phone.model_copy(update={"most_attempts": most})
        self.house = replace(house, agency=house.agency.model_copy(update={"phone": rules}))
        self.clock, self.pocket = clock, PocketCarrier()
        phone = phone_of(self.house, lambda settings: self.pocket)
        assert phone.delivery is not None and phone._dispatcher is not None
        self.delivery: Delivery = phone.delivery
        self.dispatcher: Dispatcher = phone._dispatcher
        opened = house.intake.open(agency=house.agency.id, programme="sius", channel="web", locale="sv")
        turn = house.intake.begin(opened.id)
        until = clock() + timedelta(days=90)
        plan = SafeContactPlan(ContactWay.SMS, ANNA, ContactWindow.ANY_TIME, False, False, "", until)
        turn.events.append(HandoverRequested(HandoverKind.CONTACT, False, plan=plan))
        house.intake.commit(turn)
        assert turn.handover is not None
        self.conversation, self.id, self.presses = opened.id, turn.handover.id, 0

    def press(self) -> Refusal | None:
        self.presses += 1
        return self.dispatcher.send_by_plan(self.id, "call_me", f"{self.id}{self.presses}", "kim")

    def do(self, step: str) -> Refusal | None:
        if step == "month":
            self.clock.pass_by(days=35)  # the same weekday; what was ordered before is deleted
            SWEEPS[Record.OUTGOING].remove(self.house.records, self.house.agency.keep, self.clock())
            return None
        refused = self.press()
        self.pocket.raises = {"unsure": [Unsure()], "away": [NotNow()], "crash": [Crash()]}.get(step, [])
        with suppress(Crash):
            self.delivery.run()
        self.pocket.raises = []
        self.clock.pass_by(minutes=6)
        self.delivery.run()  # what was away goes now; what crashed is buried
        return refused

    @property
    def row(self) -> Handover:
        with self.house.records.reading() as session:
            return session.get_one(Handover, self.id)

    def orders(self) -> list[Outgoing]:
        with self.house.records.reading() as session:
            return list(session.scalars(select(Outgoing).where(Outgoing.handover_id == self.id)))


@pytest.fixture
def trying(house: House, clock: Clock) -> Callable[[int], Trying]:
    return lambda most: Trying(house, clock, most)


def test_every_course_of_events(trying: Callable[[int], Trying], clock: Clock) -> None:
    begun = clock.at
    for course in product(STEPS, repeat=3):
        clock.at = begun
        one = trying(1)
        made = 0
        for step in course:
            wanted = Refusal.TOO_MANY_ATTEMPTS if made and step != "month" else None
            assert one.do(step) is wanted, course
            made += step != "month" and wanted is None
        assert attempts(one.house.records.keys, one.row) == made <= 1, course
        assert len(one.pocket.sent) == made - (made and next(s for s in course if s != "month") in ("unsure", "crash"))


def test_three_in_three_months(trying: Callable[[int], Trying]) -> None:
    one = trying(3)
    assert [one.do(step) for step in ("goes", "month", "goes", "month", "goes", "goes")] == [None] * 5 + [
        Refusal.TOO_MANY_ATTEMPTS
    ]
    assert len(one.pocket.sent) == 3
    plan = read_plan(one.house.records.keys, one.row)
    assert plan is not None and plan.number == ANNA


def test_what_was_ordered_many_times_goes_as_often_as_is_allowed(trying: Callable[[int], Trying]) -> None:
    one = trying(2)
    assert [one.press() for _ in range(5)] == [None] * 5, "nothing has gone yet"
    one.delivery.run()
    assert len(one.pocket.sent) == 2
    assert sorted(row.status for row in one.orders()) == ["refused"] * 3 + ["sent"] * 2


@pytest.mark.parametrize("outcome", [Outcome.LEFT, Outcome.ERASED])
def test_what_was_ordered_goes_with_the_conversation(trying: Callable[[int], Trying], outcome: Outcome) -> None:
    one = trying(3)
    one.press()
    (order,) = one.orders()
    keys = one.house.records.keys
    assert order.order is not None and keys.find(f"outgoing:{order.id}") is not None
    one.house.intake.end(one.conversation, outcome)
    (order,) = one.orders()
    assert (order.status, order.refusal, order.order) == (Status.REFUSED, Refusal.NO_PLAN, None)
    assert keys.find(f"outgoing:{order.id}") is None
    one.delivery.run()
    assert one.pocket.sent == []


def test_the_trail_says_who_ordered_it_and_once(trying: Callable[[int], Trying]) -> None:
    one = trying(3)
    for _ in range(2):
        one.dispatcher.send_by_plan(one.id, "call_me", "the same", "kim")
    with one.house.records.reading() as session:
        rows = session.execute(select(AuditEntry.who, AuditEntry.about, AuditEntry.why).filter_by(what="sms.ordered"))
        assert rows.all() == [("kim", one.id, "call_back")]
    assert first_break(one.house.records) is None
