"""SMS: whatever comes in, what goes out is neutral, agreed, and sent once."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.composition import House
from bot.phone.local_carrier import LocalCarrier
from bot.phone.pocket import PocketCarrier
from bot.phone.routes import Phone
from bot.phone.setting_up import dispatcher_of, phone_of
from bot.settings import PROJECT
from casework.caseworker import Caseworker
from casework.contact.carriers import SaidStop
from casework.contact.delivery import Delivery
from casework.contact.dispatcher import Dispatcher
from casework.contact.orders import Status, What
from casework.errands import Never, NotNow, Unsure
from casework.outbox import summary
from casework.records import Handover, Outgoing
from casework.requests import handover_owner, read_plan
from safety.safe_contact import ContactWay, ContactWindow, Refusal, SafeContactPlan
from safety.sms_length import fits_one_sms
from screening.events import HandoverKind, HandoverRequested
from tests.conftest import Clock
from tests.conversations.test_whole_journey import counted
from tests.phone.conftest import served

ANNA = "+46701740605"
SENTENCES = PROJECT / "tests" / "safety" / "sentences" / "sv_held_out.tsv"


@pytest.fixture
def pocket() -> PocketCarrier:
    return PocketCarrier()


@pytest.fixture
def phone(house: House, pocket: PocketCarrier) -> Phone:
    return phone_of(house, lambda settings: pocket)


@pytest.fixture
def delivery(phone: Phone) -> Delivery:
    assert phone.delivery is not None
    return phone.delivery


@pytest.fixture
async def carrier(house: House, phone: Phone) -> AsyncIterator[LocalCarrier]:
    async with served(house, phone) as carrier:
        yield carrier


@pytest.fixture
def write(carrier: LocalCarrier, delivery: Delivery, pocket: PocketCarrier) -> Callable[..., object]:
    """Somebody writes to us. What they get."""

    async def write(text: str, sender: str = ANNA, message: str = "") -> list[str]:
        before = len(pocket.sent)
        assert await carrier.sms(text, sender, message) == [], "an answer never goes past the dispatcher"
        delivery.run()
        assert all(number == sender for number, _ in pocket.sent[before:])
        return [sent for _, sent in pocket.sent[before:]]

    return write


@pytest.fixture
def requests(house: House) -> Callable[[], list[Handover]]:
    def requests() -> list[Handover]:
        with house.records.reading() as session:
            return list(session.scalars(select(Handover).filter_by(status="waiting")))

    return requests


async def test_call_me(write, requests, house: House, clock: Clock) -> None:  # type: ignore[no-untyped-def]
    for word in ("1", "Ring", "RING MIG!"):
        assert await write(word) == [
            "Tack. Vi ringer dig på en vardag mellan 8 och 17. Svara STOPP om du inte vill det."
        ]
    (request,) = requests()
    plan = read_plan(house.records.keys, request)
    assert plan is not None
    assert (plan.way, plan.number, plan.voicemail, plan.say_agency) == (ContactWay.CALL, ANNA, False, False)
    assert plan.expires_at == clock() + timedelta(days=14)


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("hjälp", "Svara 1 om"),
        ("språk", "Vi kan bara svara på svenska"),
        ("kod", "En kod använder du"),
        ("Kantarell4711", "En kod använder du"),
        ("4711", "En kod använder du"),
        ("hej vem är du", "Tack. Vi kan inte svara här."),
        ("😀", "Tack. Vi kan inte svara här."),
        ("", "Tack. Vi kan inte svara här."),
        ("/restart", "Tack. Vi kan inte svara här."),
    ],
)
async def test_other_words(write, requests, text: str, begins: str) -> None:  # type: ignore[no-untyped-def]
    (answer,) = await write(text)
    assert answer.startswith(begins)
    assert requests() == []


@pytest.mark.parametrize(
    "text", ["han slår mig varje kväll", "jag vill inte leva längre", "han har hotat att döda mig"]
)
async def test_a_disclosure_is_answered_neutrally_and_reaches_a_human(  # type: ignore[no-untyped-def]
    write, requests, house: House, tmp_path, text: str
) -> None:
    (answer,) = await write(text)
    assert answer.startswith("Tack. Vi kan inte svara här.") and "ring 112" in answer
    (request,) = requests()
    assert request.urgent and request.plan is None, "nobody may ring who was not asked to"
    user = Caseworker("k", "Kim", "caseworker")
    (item,) = house.handovers.queue(user).contacts
    assert (item.channel, item.contact and item.contact.refusal) == ("sms", Refusal.NO_PLAN)
    await write("1")
    (with_plan,) = requests()
    assert with_plan.urgent and with_plan.plan is not None
    await write(text)
    (still,) = requests()
    assert still.id == with_plan.id and still.plan is not None, "what was agreed stays agreed"
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("enrum.db*"))
    assert text.encode() not in kept and ANNA[3:].encode() not in kept


async def test_when_somebody_else_has_the_phone_nobody_rings_it(write, requests, house: House) -> None:  # type: ignore[no-untyped-def]
    kim = Caseworker("k", "Kim", "caseworker")
    await write("1")
    (before,) = house.handovers.queue(kim).contacts
    assert before.contact is not None and before.contact.way is ContactWay.CALL
    assert await write("det är hennes man, sluta skriva till min fru") == []
    (request,) = requests()
    assert read_plan(house.records.keys, request) is None
    assert house.records.keys.find(handover_owner(request.id)) is None, "nothing is left that it could open"
    (after,) = house.handovers.queue(kim).contacts
    assert after.contact is not None and after.contact.refusal is Refusal.NO_PLAN


@pytest.mark.parametrize("text", ["nej", "Nej tack!", "ring inte", "Ångra"])
async def test_a_no_takes_back_the_wish_to_be_called_and_is_no_stop(  # type: ignore[no-untyped-def]
    write, requests, house: House, text: str
) -> None:
    await write("1")
    assert await write(text) == ["Okej. Svara 1 om du ändrar dig. Svara STOPP om du inte vill att vi hör av oss."]
    (request,) = requests()
    assert read_plan(house.records.keys, request) is None, "nobody may ring"
    await write("1")
    assert any(read_plan(house.records.keys, one) is not None for one in requests()), "a no is not for good"


async def test_stop_is_for_good(write, requests, house: House, clock: Clock) -> None:  # type: ignore[no-untyped-def]
    await write("1")
    assert await write("Stopp") == ["Okej. Du får inga fler sms från oss."]
    clock.pass_by(days=400)
    for text in ("stopp", "1", "hjälp", "hej"):
        assert await write(text) == []
    assert await write("hej", "+46700000009") != [], "others are answered"


async def test_stop_holds_across_cases_and_ways(  # type: ignore[no-untyped-def]
    write, house: House, by_sms: str, dispatcher: Dispatcher, clock: Clock
) -> None:
    """The number says stop: no request, of whatever conversation, and no invitation reaches it again."""
    assert dispatcher.send_by_plan(by_sms, "call_me", "before", "kim") is None
    await write("stopp")
    assert dispatcher.send_by_plan(by_sms, "call_me", "after", "kim") is Refusal.DO_NOT_CONTACT
    assert dispatcher.invite(ANNA, "https://enrum.test/i/x", "i", "kim") is Refusal.DO_NOT_CONTACT
    with house.records.session() as session:
        assert dispatcher.may_call(session, session.get(Handover, by_sms)) is Refusal.DO_NOT_CONTACT


async def test_a_stop_that_the_carrier_has_answered_is_not_answered_again(carrier: LocalCarrier, write, pocket) -> None:  # type: ignore[no-untyped-def]
    told = {"MessageSid": "SM9", "From": ANNA, "Body": "Quit", "OptOutType": "STOP"}
    assert (await carrier.send("/twilio/sms", told))[0] == 200
    assert await write("hej") == [] and pocket.sent == []


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


async def test_after_a_stop_no_number_is_shown_at_the_desk(write, house: House, requests) -> None:  # type: ignore[no-untyped-def]
    await write("1")
    await write("stopp")
    (item,) = house.handovers.queue(Caseworker("k", "Kim", "caseworker")).contacts
    assert item.contact is not None and item.contact.refusal is Refusal.DO_NOT_CONTACT


async def test_the_same_sms_twice_is_one(write, requests, house: House) -> None:  # type: ignore[no-untyped-def]
    assert len(await write("1", message="SM1")) == 1
    assert await write("1", message="SM1") == []
    assert await write("stopp", message="SM1") == []
    assert len(requests()) == 1
    assert counted(house)["handover:contact"] == 1


async def test_senders_that_nobody_can_answer(write, requests) -> None:  # type: ignore[no-untyped-def]
    for sender in ("Posten", "12345", "", "+", "anonymous"):
        assert await write("1", sender) == []
    assert requests() == []


async def test_unsigned_is_not_heard(carrier: LocalCarrier, requests, pocket: PocketCarrier) -> None:  # type: ignore[no-untyped-def]
    told = {"MessageSid": "SM1", "From": ANNA, "Body": "1"}
    assert (await carrier.send("/twilio/sms", told, signature="x"))[0] == 403
    assert requests() == [] and pocket.sent == []


@pytest.fixture
def by_sms(house: House, clock: Clock) -> str:
    """A request of a person who wants to be reached by SMS."""
    opened = house.intake.open(agency=house.agency.id, programme="sius", channel="web", locale="sv")
    turn = house.intake.begin(opened.id)
    until = clock() + timedelta(days=30)
    plan = SafeContactPlan(ContactWay.SMS, ANNA, ContactWindow.ANY_TIME, False, False, "", until)
    turn.events.append(HandoverRequested(HandoverKind.CONTACT, False, plan=plan))
    house.intake.commit(turn)
    with house.records.reading() as session:
        return session.scalars(select(Handover)).one().id


@pytest.fixture
def dispatcher(house: House) -> Dispatcher:
    dispatcher = dispatcher_of(house)
    assert dispatcher is not None
    return dispatcher


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


async def test_whatever_comes_in_only_neutral_templates_go_out(  # type: ignore[no-untyped-def]
    write, house: House, clock: Clock, pocket: PocketCarrier, request: pytest.FixtureRequest
) -> None:
    """A random run, the same each time: words, keywords and noise from many numbers, with stops in between."""
    rng = random.Random(20261123)
    words = house.catalogue.languages["sv"].sms
    assert words is not None
    said = [line.split("\t")[-1] for line in SENTENCES.read_text("utf-8").splitlines() if "\t" in line]
    keywords = [word for group in words.keywords.values() for word in group]
    numbers = [f"+4670174{n:04d}" for n in range(600, 612 + request.config.getoption("--sms-messages") // 20)]
    stopped: set[str] = set()
    for _ in range(request.config.getoption("--sms-messages")):
        number = rng.choice(numbers)
        text = rng.choice(
            [rng.choice(said), rng.choice(keywords), "".join(chr(rng.randrange(32, 0x3000)) for _ in range(9))]
        )
        answers = await write(text, number)
        assert not (answers and number in stopped)
        if answers == [words.stopped]:
            stopped.add(number)
    went = {text for _, text in pocket.sent}
    assert stopped and went <= set(words.templates.values())
    assert all(house.catalogue.sensitive_words(text) == [] and fits_one_sms(text) for text in went)


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
