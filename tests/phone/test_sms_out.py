"""SMS that go out: by the plan, once, decided again when they are sent; the carrier away, the carrier's copies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select

from bot.composition import House
from bot.phone.local_carrier import LocalCarrier
from bot.phone.pocket import PocketCarrier
from bot.phone.routes import Phone
from bot.phone.setting_up import dispatcher_of, phone_of
from casework.contact.carriers import SaidStop
from casework.contact.delivery import Delivery
from casework.contact.dispatcher import Dispatcher
from casework.contact.orders import Status, What
from casework.errands import Never, NotNow, Unsure
from casework.outbox import summary
from casework.records import Handover, Outgoing
from safety.safe_contact import Refusal
from screening.events import HandoverKind, HandoverRequested
from tests.conftest import Clock
from tests.phone.conftest import ANNA, served


@pytest.fixture
def row(house: House) -> Callable[[], Outgoing]:
    def row() -> Outgoing:
        with house.records.reading() as session:
            return session.scalars(select(Outgoing).filter_by(what="sms").order_by(Outgoing.created.desc())).first()  # type: ignore[return-value]

    return row


@pytest.fixture
def orders(house: House) -> Callable[[], list[Outgoing]]:
    def orders() -> list[Outgoing]:
        with house.records.reading() as session:
            return list(session.scalars(select(Outgoing)))

    return orders


def test_a_person_who_said_stop_to_the_carrier_is_not_asked_again(  # type: ignore[no-untyped-def]
    by_sms: str, dispatcher: Dispatcher, delivery: Delivery, pocket
) -> None:
    assert dispatcher.send_by_plan(by_sms, "call_me", "a", "kim") is None
    pocket.raises = [SaidStop()]
    delivery.run()
    assert dispatcher.send_by_plan(by_sms, "call_me", "b", "kim") is Refusal.DO_NOT_CONTACT


def test_the_outbox_shows_what_died_first(
    by_sms: str, dispatcher: Dispatcher, delivery: Delivery, house: House, pocket
) -> None:  # type: ignore[no-untyped-def]
    dispatcher.send_by_plan(by_sms, "call_me", "a", "kim")
    pocket.raises = [Never()]
    delivery.run()
    dispatcher.send_by_plan(by_sms, "call_me", "b", "kim")
    lines = summary(house.records)
    assert [(line.what, line.status, line.n, line.tries) for line in lines] == [
        ("sms", "dead", 1, 1),
        ("sms", "waiting", 1, 0),
    ]
    assert ANNA not in repr(lines)


def test_an_sms_by_the_plan_goes_once(by_sms: str, dispatcher: Dispatcher, delivery: Delivery, pocket, row) -> None:  # type: ignore[no-untyped-def]
    for _ in range(3):
        assert dispatcher.send_by_plan(by_sms, "call_me", "first", "kim") is None
        delivery.run()
    assert pocket.sent == [(ANNA, "Hej. Ring oss när det passar, eller svara 1 så ringer vi dig.")]
    assert (row().status, row().order) == (Status.SENT, None)


def test_it_is_decided_again_when_it_is_sent(  # type: ignore[no-untyped-def]
    by_sms: str, dispatcher: Dispatcher, delivery: Delivery, pocket, row, house: House, clock: Clock
) -> None:
    assert dispatcher.send_by_plan(by_sms, "call_me", "a", "kim") is None
    clock.pass_by(hours=9)
    delivery.run()
    assert (row().status, row().refusal, row().order) == (Status.REFUSED, Refusal.OUTSIDE_WINDOW, None)
    clock.pass_by(hours=14)
    assert dispatcher.send_by_plan(by_sms, "call_me", "b", "kim") is None
    with house.records.session() as session:
        dispatcher.stop(session, ANNA)
    delivery.run()
    assert pocket.sent == []
    assert dispatcher.send_by_plan(by_sms, "call_me", "c", "kim") is Refusal.DO_NOT_CONTACT


def test_only_so_many_tries(by_sms: str, dispatcher: Dispatcher, delivery: Delivery, pocket) -> None:  # type: ignore[no-untyped-def]
    answers = []
    for n in range(4):
        answers.append(dispatcher.send_by_plan(by_sms, "call_me", str(n), "kim"))
        delivery.run()
    assert answers == [None, None, None, Refusal.TOO_MANY_ATTEMPTS]


def test_no_plan_no_sms(dispatcher: Dispatcher, by_sms: str, house: House) -> None:
    assert dispatcher.send_by_plan("unknown", "call_me", "a", "kim") is Refusal.NO_PLAN
    assert dispatcher.invite(ANNA, "https://enrum.test/i/x", "b", "kim") is Refusal.NO_SMS_INVITATIONS
    opened = house.intake.begin(house.intake.open(agency="x", programme="x", channel="web", locale="sv").id)
    opened.events.append(HandoverRequested(HandoverKind.CONTACT, True))
    house.intake.commit(opened)
    with house.records.reading() as session:
        bare = session.scalars(select(Handover).filter_by(urgent=True)).one().id
    assert dispatcher.send_by_plan(bare, "call_me", "c", "kim") is Refusal.NO_PLAN


def test_a_carrier_that_is_away_is_tried_again_and_not_for_ever(  # type: ignore[no-untyped-def]
    by_sms: str, dispatcher: Dispatcher, delivery: Delivery, pocket, row, clock: Clock
) -> None:
    dispatcher.send_by_plan(by_sms, "call_me", "a", "kim")
    pocket.raises = [NotNow(), NotNow()]
    waits = []
    for _ in range(60):
        delivery.run()
        if row().status == Status.SENT:
            break
        waits.append(clock())
        clock.pass_by(minutes=1)
    assert (len(pocket.sent), row().tries, len(waits)) == (1, 3, 6)
    dispatcher.send_by_plan(by_sms, "call_me", "b", "kim")
    pocket.raises = [NotNow()] * 9
    for _ in range(6):
        delivery.run()
        clock.pass_by(hours=1)
    assert (row().status, row().order, row().tries, len(pocket.sent)) == (Status.DEAD, None, 5, 1)


@pytest.mark.parametrize("error", [Never(), Unsure()])
def test_what_may_have_gone_is_not_sent_again(  # type: ignore[no-untyped-def]
    by_sms: str, dispatcher: Dispatcher, delivery: Delivery, pocket, row, clock: Clock, error: Exception
) -> None:
    dispatcher.send_by_plan(by_sms, "call_me", "a", "kim")
    pocket.raises = [error]
    for _ in range(3):
        delivery.run()
        clock.pass_by(minutes=10)
    assert (row().status, row().order, pocket.sent) == (Status.DEAD, None, [])


def test_a_deletion_may_come_twice_so_it_is_tried_again(  # type: ignore[no-untyped-def]
    delivery: Delivery, pocket, orders, clock: Clock
) -> None:
    delivery.forget(What.DELETE_CALL, "CA1")
    pocket.raises = [Unsure(), RuntimeError("of ours")]
    for _ in range(3):
        assert delivery.run() == 1
        clock.pass_by(minutes=6)
    (order,) = orders()
    assert (order.status, order.tries, pocket.deleted) == (Status.DONE, 3, ["CA1"])


def test_a_crash_while_sending_leaves_it_unsent_again(  # type: ignore[no-untyped-def]
    by_sms: str, dispatcher: Dispatcher, delivery: Delivery, pocket, row, clock: Clock
) -> None:
    class Crash(BaseException):
        pass

    dispatcher.send_by_plan(by_sms, "call_me", "a", "kim")
    pocket.raises = [Crash()]  # type: ignore[list-item]
    with pytest.raises(Crash):
        delivery.run()
    assert row().status == Status.SENDING
    clock.pass_by(minutes=6)
    delivery.run()
    assert (row().status, pocket.sent) == (Status.DEAD, [])


async def test_reports_in_any_order(  # type: ignore[no-untyped-def]
    by_sms: str, dispatcher: Dispatcher, delivery: Delivery, carrier: LocalCarrier, row, pocket
) -> None:
    dispatcher.send_by_plan(by_sms, "call_me", "a", "kim")
    delivery.run()
    for news in ("queued", "delivered", "failed", "sent", "delivered"):
        await carrier.send("/twilio/status", {"MessageSid": "SM1", "MessageStatus": news})
    assert row().status == Status.DELIVERED
    delivery.run()
    assert pocket.deleted == ["SM1"], "the carrier's copy goes as soon as it is over, once"


async def test_the_carriers_copies_go(write, carrier: LocalCarrier, delivery: Delivery, pocket, clock: Clock) -> None:  # type: ignore[no-untyped-def]
    await write("hej", message="SM77")
    call = await carrier.call().dial()
    await call.hang_up()
    clock.pass_by(hours=2)
    delivery.run()
    assert set(pocket.deleted) == {"SM77", "SM1", call.sid}


async def test_the_agency_may_keep_them(house: House, clock: Clock, pocket: PocketCarrier) -> None:
    rules = house.agency.phone.model_copy(update={"delete_carrier_copies": False})
    keeps = replace(house, agency=house.agency.model_copy(update={"phone": rules}))
    phone = phone_of(keeps, lambda settings: pocket)
    assert phone.delivery is not None
    async with served(keeps, phone) as carrier:
        await carrier.sms("hej", ANNA)
        phone.delivery.run()
        clock.pass_by(days=1)
        phone.delivery.run()
    assert len(pocket.sent) == 1 and pocket.deleted == []


async def test_a_caseworker_sends_the_one_sms_from_the_desk(  # type: ignore[no-untyped-def]
    by_sms: str, house: House, phone: Phone, delivery: Delivery, pocket: PocketCarrier, clock: Clock
) -> None:
    import re

    import httpx

    from bot.web.application import application

    house.accounts.redeem(house.accounts.link(), "Kim Ek", "en lång lösenfras")
    token = house.accounts.sign_in("Kim Ek", "en lång lösenfras")
    transport = httpx.ASGITransport(app=application(house, phone))
    async with httpx.AsyncClient(transport=transport, base_url="http://enrum.test") as client:
        client.cookies.set("desk", token)
        page = f"/desk/handover/{by_sms}"

        def field(name: str, text: str) -> str:
            return re.search(rf'name="{name}" value="([^"]*)"', text)[1]  # type: ignore[index]

        first = await client.get(page)
        assert "/sms" not in first.text, "not before it is claimed"
        await client.post(f"{page}/claim", data={"form_token": field("form_token", first.text)})
        claimed = await client.get(page)
        form = {"form_token": field("form_token", claimed.text), "once": field("once", claimed.text)}
        for _ in range(2):
            assert (await client.post(f"{page}/sms", data=form)).status_code == 303
        assert "på väg" in (await client.get(f"{page}?sms")).text
        delivery.run()
        assert [number for number, _ in pocket.sent] == [ANNA]
        clock.pass_by(minutes=1)
        with house.records.session() as session:
            dispatcher = dispatcher_of(house)
            assert dispatcher is not None
            dispatcher.stop(session, ANNA)
        refused = await client.post(f"{page}/sms", data=form | {"once": "another"})
        assert refused.status_code == 409 and "Numret har stoppat sms från oss." in refused.text
