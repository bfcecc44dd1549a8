"""SMS that come in: whatever they say, the answer is neutral, and a human sees what needs one."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from bot.composition import House
from bot.phone.local_carrier import LocalCarrier
from bot.phone.pocket import PocketCarrier
from bot.settings import PROJECT
from casework.caseworker import Caseworker
from casework.contact.dispatcher import Dispatcher
from casework.records import Handover
from casework.requests import handover_owner, read_plan
from safety.safe_contact import ContactWay, Refusal
from safety.sms_length import fits_one_sms
from tests.conftest import Clock
from tests.conversations.test_whole_journey import counted
from tests.phone.conftest import ANNA

SENTENCES = PROJECT / "tests" / "safety" / "sentences" / "sv_held_out.tsv"


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
