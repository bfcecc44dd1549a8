"""Call-backs: the caseworker's phone first, the person's only as agreed, both together only by a key."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from bot.composition import House
from bot.phone.local_carrier import LocalCall, LocalCarrier
from bot.phone.pocket import PocketCarrier
from bot.phone.routes import Phone
from casework.audit import first_break
from casework.caseworker import Caseworker
from casework.contact.call_backs import CallBacks, Progress, Result, State
from casework.contact.orders import What
from casework.errands import NotNow, Unsure
from casework.handover import ContactNote
from casework.records import AuditEntry, Handover, Outgoing, User
from safety.safe_contact import ContactWay, ContactWindow, Refusal, SafeContactPlan
from screening.events import HandoverKind, HandoverRequested
from tests.conftest import Clock
from tests.conversations.test_whole_journey import counted
from tests.phone.conftest import BASE

ANNA, DESK = "+46701740605", "+46104160000"
DESK_WEBHOOK, PERSON_WEBHOOK = "/twilio/call-back/desk", "/twilio/call-back/person"


@pytest.fixture
def house(house: House) -> House:
    rules = house.agency.phone.model_copy(update={"desk_numbers": (DESK,)})
    agency = house.agency.model_copy(update={"phone": rules})
    return replace(house, agency=agency, settings=replace(house.settings, public_url=BASE))


@pytest.fixture
def kim(house: House) -> Caseworker:
    return house.accounts.redeem(house.accounts.link(), "Kim Ek", "en lång lösenfras")


@pytest.fixture
def requested(house: House, clock: Clock, kim: Caseworker) -> Callable[..., str]:
    """A request to be rung, claimed by Kim."""

    def requested(*, voicemail: bool = False, say_agency: bool = False, code_word: str = "") -> str:
        opened = house.intake.open(agency=house.agency.id, programme="sius", channel="web", locale="sv")
        turn = house.intake.begin(opened.id)
        until = clock() + timedelta(days=30)
        plan = SafeContactPlan(ContactWay.CALL, ANNA, ContactWindow.ANY_TIME, voicemail, say_agency, code_word, until)
        turn.events.append(HandoverRequested(HandoverKind.CONTACT, False, plan=plan))
        house.intake.commit(turn)
        with house.records.reading() as session:
            query = select(Handover.id).where(Handover.conversation_id == opened.id)
            handover_id = session.scalars(query).one()
        house.handovers.claim(handover_id, kim)
        return handover_id

    return requested


@dataclass
class Both:
    """The two phones of a call-back."""

    carrier: LocalCarrier
    phone: Phone
    pocket: PocketCarrier
    handover_id: str

    @property
    def calls(self) -> CallBacks:
        assert self.phone.bridge is not None
        return self.phone.bridge.call_backs

    def deliver(self) -> list[tuple[What, str, str]]:
        """What the carrier is asked to ring now."""
        before = len(self.pocket.rung)
        assert self.phone.delivery is not None
        self.phone.delivery.run()
        return self.pocket.rung[before:]

    def order(self, key: str = "first") -> Refusal | None:
        return self.calls.order(self.handover_id, DESK, "kim", key)

    async def desk(self) -> tuple[LocalCall, str]:
        """The caseworker answers."""
        ((what, number, name),) = self.deliver()
        assert (what, number) == (What.RING_DESK, DESK)
        return await self.carrier.call(DESK).answer(f"{DESK_WEBHOOK}?c={name}"), name

    async def person(self, name: str, who: str = "human") -> LocalCall:
        call = self.carrier.call(ANNA)
        call.query = f"?c={name}&g=person"
        return await call.answer(f"{PERSON_WEBHOOK}?c={name}&g=person", who)

    @property
    def last(self) -> Progress | None:
        return self.calls.last(self.handover_id)


@pytest.fixture
def both(carrier: LocalCarrier, phone: Phone, pocket: PocketCarrier, requested: Callable[..., str]) -> Both:
    return Both(carrier, phone, pocket, requested())


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.phone.local_carrier.PAUSE", 0.0)


async def start(both: Both) -> str:
    assert both.order() is None
    desk, name = await both.desk()
    assert desk.heard == ["Du har bett om ett samtal. Tryck 1 för att ringa upp."]
    waiting = desk.action
    desk.query = f"?c={name}&g=desk"
    with pytest.raises(RuntimeError, match="redirected for ever"):
        await desk.press("1")
    assert waiting and "Jag ringer upp nu." in "".join(desk.documents)
    assert both.deliver() == [(What.RING_PERSON, ANNA, name)]
    return name


async def desk_hears(both: Both, name: str) -> LocalCall:
    """The caseworker's phone asks again how far it is."""
    call = both.carrier.call(DESK)
    await call.answer(f"{DESK_WEBHOOK}?c={name}&s=1")
    return call


async def test_both_are_connected_by_the_key(both: Both, house: House) -> None:
    name = await start(both)
    person = await both.person(name)
    assert person.text == "Hej. Du har ett samtal. Tryck 1 om du kan prata nu. Tryck 2 om det inte passar."
    assert house.catalogue.sensitive_words(person.text) == []
    assert both.last == Progress(State.ANSWERED, None)
    with pytest.raises(RuntimeError, match="redirected for ever"):  # who has answered has not said yes
        await desk_hears(both, name)
    await person.press("1")
    desk = await desk_hears(both, name)
    assert person.room == desk.room == name
    assert both.last == Progress(State.READY, None)
    await person.hang_up()
    assert both.last == Progress(State.OVER, Result.TALKED)


async def test_when_one_puts_the_phone_down_the_other_is_not_left_in_an_empty_room(both: Both) -> None:
    name = await start(both)
    person = await both.person(name)
    await person.press("1")
    desk = await desk_hears(both, name)
    await desk._request(desk.action, {"DialCallStatus": "answered"})
    assert desk.over and "Conference" not in desk.documents[-1]
    assert both.last == Progress(State.OVER, Result.TALKED)


@pytest.mark.parametrize("key", ["2", "0", "#", "*", "9"])
async def test_any_other_key_is_a_no(both: Both, key: str) -> None:
    name = await start(both)
    person = await both.person(name)
    await person.press(key)
    assert person.over and person.heard == ["Tack för samtalet. Hej då."]
    assert both.last == Progress(State.OVER, Result.NOT_NOW)
    desk = await desk_hears(both, name)
    assert desk.over and desk.heard == ["Den som svarade valde att det inte passar nu."]


async def test_silence_is_asked_once_more_and_then_it_is_over(both: Both) -> None:
    name = await start(both)
    person = await both.person(name)
    await person.press("")
    assert not person.over and "Tryck 1 om du kan prata nu." in person.text
    await person.press("")
    assert person.over and person.heard == []
    assert both.last == Progress(State.OVER, Result.NO_KEY)


@pytest.mark.parametrize("who", ["machine_start", "machine_end_beep", "machine_end_silence", "fax", "unknown", ""])
async def test_who_is_not_known_to_be_human_hears_nothing(both: Both, who: str) -> None:
    name = await start(both)
    person = await both.person(name, who)
    assert person.over and person.heard == []
    assert both.last == Progress(State.OVER, Result.MACHINE)


async def test_a_machine_gets_the_short_message_only_where_the_plan_says_so(
    both: Both, requested: Callable[..., str], house: House
) -> None:
    both.handover_id = requested(voicemail=True, code_word="4711")
    name = await start(both)
    person = await both.person(name, "machine_end_beep")
    assert person.heard == ["4 7 1 1.", "Hej. Vi ringde dig, men du svarade inte. Vi ringer igen en annan dag."]
    assert person.over and house.catalogue.sensitive_words(person.text) == []
    assert both.last == Progress(State.OVER, Result.MESSAGE)


async def test_the_agreed_word_comes_first_and_the_agency_only_where_it_may(
    both: Both, requested: Callable[..., str]
) -> None:
    both.handover_id = requested(say_agency=True, code_word="blåbär")
    name = await start(both)
    person = await both.person(name)
    assert person.heard[:2] == ["blåbär.", "Hej. Det här är ett samtal från Arbetsförmedlingen."]


async def test_an_agreed_word_that_tells_what_it_is_about_is_not_said(
    both: Both, requested: Callable[..., str], house: House
) -> None:
    both.handover_id = requested(code_word="trygghet")
    name = await start(both)
    person = await both.person(name)
    assert person.heard[0].startswith("Hej.") and house.catalogue.sensitive_words(person.text) == []


@pytest.mark.parametrize(
    ("status", "result"), [("busy", "no_answer"), ("no-answer", "no_answer"), ("failed", "failed")]
)
async def test_nobody_answers(both: Both, status: str, result: str) -> None:
    name = await start(both)
    call = both.carrier.call(ANNA)
    for _ in range(2):
        told = {**call._params(), "Direction": "outbound-api", "CallStatus": status}
        await both.carrier.send(f"/twilio/status?c={name}&g=person", told)
    assert both.last == Progress(State.OVER, Result(result))


async def test_a_caseworker_who_hangs_up_leaves_nobody_ringing_into_the_void(both: Both) -> None:
    name = await start(both)
    call = both.carrier.call(DESK)
    told = {**call._params(), "Direction": "outbound-api", "CallStatus": "completed"}
    await both.carrier.send(f"/twilio/status?c={name}&g=desk", told)
    person = await both.person(name)
    assert person.over and person.heard == []
    assert both.last == Progress(State.OVER, Result.GONE)


async def test_without_the_key_at_the_desk_nobody_is_rung(both: Both) -> None:
    assert both.order() is None
    desk, _ = await both.desk()
    await desk.press("")
    assert desk.over and both.deliver() == []
    assert both.last == Progress(State.OVER, Result.GONE)


async def test_the_same_order_and_the_same_webhook_again_ring_once(both: Both) -> None:
    for key in ("first", "first", "another, while it is under way"):
        assert both.order(key) is None
    name = await start(both)
    await asyncio.gather(*(both.carrier.send(f"{DESK_WEBHOOK}?c={name}&s=asked", {"Digits": "1"}) for _ in range(4)))
    assert both.deliver() == []
    assert [what for what, _, _ in both.pocket.rung] == [What.RING_DESK, What.RING_PERSON]


async def test_it_is_decided_again_before_the_person_is_rung(both: Both, house: House, clock: Clock) -> None:
    assert both.order() is None
    desk, _ = await both.desk()
    clock.pass_by(hours=10)
    await desk.press("1")
    assert desk.over and desk.heard == ["Det går inte att ringa nu. Skälet står på skärmen."]
    assert both.deliver() == [] and both.last == Progress(State.OVER, Result.REFUSED)
    assert both.order("evening") is Refusal.OUTSIDE_WINDOW


async def test_it_is_decided_by_the_hours_that_a_coordinator_has_just_saved(
    both: Both, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert both.order() is None
    desk, _ = await both.desk()
    closed = house.agency.model_copy(update={"hours": {}})
    with monkeypatch.context() as changed:
        changed.setitem(house.catalogue.agencies, house.agency.id, closed)
        await desk.press("1")
        assert desk.over and both.deliver() == [] and both.last == Progress(State.OVER, Result.REFUSED)
        assert both.order("meanwhile") is Refusal.CLOSED
    assert both.order("open again") is None


async def test_only_so_many_calls_and_a_no_answer_counts_once(both: Both, house: House, kim: Caseworker) -> None:
    for n in range(3):
        assert both.order(str(n)) is None
        desk, name = await both.desk()
        desk.query = f"?c={name}&g=desk"
        with pytest.raises(RuntimeError):
            await desk.press("1")
        both.deliver()
        await both.person(name, "machine_start")
        assert house.handovers.case(both.handover_id, kim).item.contact.attempts == n + 1  # type: ignore[union-attr]
        house.handovers.done(both.handover_id, kim, ContactNote.NOT_REACHED)
    assert both.order("again") is Refusal.TOO_MANY_ATTEMPTS
    case = house.handovers.case(both.handover_id, kim)
    assert case.number == "" and case.item.contact is not None
    assert (case.item.contact.attempts, case.item.contact.refusal) == (3, Refusal.TOO_MANY_ATTEMPTS)


def test_calls_by_the_caseworkers_own_phone_count_too(both: Both, house: House, kim: Caseworker) -> None:
    for how in (ContactNote.NOT_REACHED, ContactNote.NOT_ALONE, ContactNote.NOT_REACHED):
        house.handovers.done(both.handover_id, kim, how)
    assert both.order() is Refusal.TOO_MANY_ATTEMPTS


@pytest.mark.parametrize("error", [NotNow(), Unsure()])
def test_a_call_is_made_at_once_or_not_at_all(both: Both, clock: Clock, error: Exception) -> None:
    assert both.order() is None
    both.pocket.raises = [error]
    assert both.deliver() == []
    clock.pass_by(minutes=30)
    assert both.deliver() == [] and both.last == Progress(State.OVER, Result.FAILED)
    assert both.order("late") is None
    clock.pass_by(minutes=2)
    assert both.deliver() == [] and both.last == Progress(State.OVER, Result.FAILED)


async def test_unsigned_unknown_and_forged(both: Both, house: House) -> None:
    name = await start(both)
    for address in (DESK_WEBHOOK, PERSON_WEBHOOK):
        status, _ = await both.carrier.send(f"{address}?c={name}", {"Digits": "1"}, signature="x")
        assert status == 403
        for wrong in ("", "?c=", "?c=unknown&s=asked", "?c=%00"):
            status, text = await both.carrier.send(f"{address}{wrong}", {"Digits": "1", "AnsweredBy": "human"})
            assert status == 200 and "Conference" not in text and "Say" not in text and "Hangup" in text
    assert both.last == Progress(State.RINGING, None)
    assert "started" not in counted(house) or counted(house)["started"] == 1, "our own call is no conversation"


async def test_the_trail_says_who_had_it_rung_when_and_how_it_went(
    both: Both, house: House, kim: Caseworker, clock: Clock
) -> None:
    def trail() -> list[tuple[str, str, str, str]]:
        words = "contact.rung", *(f"call.{result}" for result in Result)
        with house.records.reading() as session:
            found = session.scalars(select(AuditEntry).filter_by(about=both.handover_id).order_by(AuditEntry.seq))
            return [(one.who, one.what, f"{one.at:%H:%M}", one.why) for one in found if one.what in words]

    assert both.calls.order(both.handover_id, DESK, kim.id, "first") is None
    assert both.calls.order(both.handover_id, DESK, kim.id, "first") is None
    desk, name = await both.desk()
    with pytest.raises(RuntimeError, match="redirected for ever"):
        await desk.press("1")
    both.deliver()
    clock.pass_by(minutes=2)
    person = await both.person(name)
    await person.press("1")
    for _ in range(2):
        await person.hang_up()
    ordered = (kim.id, "contact.rung", "09:30", "call_back")
    assert trail() == [ordered, ("carrier", "call.talked", "09:32", "call_back")]
    both.pocket.raises = [Unsure()] * 4  # the deletion of the carrier's copies may be first
    assert both.calls.order(both.handover_id, DESK, kim.id, "again") is None
    both.deliver()
    assert trail()[2:] == [
        (kim.id, "contact.rung", "09:32", "call_back"),
        ("carrier", "call.failed", "09:32", "call_back"),
    ]
    clock.pass_by(hours=10)
    assert both.calls.order(both.handover_id, DESK, kim.id, "evening") is Refusal.OUTSIDE_WINDOW
    assert len(trail()) == 4 and first_break(house.records) is None


async def test_no_number_is_kept_beside_the_plan(both: Both, house: House, tmp_path) -> None:  # type: ignore[no-untyped-def]
    await start(both)
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("enrum.db*"))
    assert ANNA[3:].encode() not in kept and DESK[3:].encode() not in kept
    with house.records.reading() as session:
        assert all(row.order is None for row in session.scalars(select(Outgoing)))


async def test_begun_minutes_are_counted_once_for_each_phone(both: Both, house: House) -> None:
    name = await start(both)
    person = await both.person(name)
    await person.press("1")
    for _ in range(2):
        await person.hang_up()
    assert counted(house)["carrier:minute_out"] == 2, "61 seconds are two begun minutes"


async def test_how_far_it_is_for_the_one_who_has_it(both: Both, house: House, phone: Phone, kim: Caseworker) -> None:
    from bot.web.application import application

    other = house.accounts.redeem(house.accounts.link(), "Robin", "en lång lösenfras")
    transport = httpx.ASGITransport(app=application(house, phone))
    now = f"/desk/handover/{both.handover_id}/call-now"
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        assert (await client.get(now)).status_code in (303, 401)
        client.cookies.set("desk", house.accounts.sign_in("Kim Ek", "en lång lösenfras"))
        assert 'data-mark="none"' in (await client.get(now)).text
        name = await start(both)
        assert "Personens telefon ringer." in (await client.get(f"{now}?mark=none")).text
        held = asyncio.create_task(client.get(f"{now}?mark=ringing."))
        await asyncio.sleep(0.2)
        assert not held.done()
        await both.person(name, "machine_start")
        told = await asyncio.wait_for(held, 10)
        assert "Samtalet är slut. En telefonsvarare svarade" in told.text and 'data-over="1"' in told.text
        client.cookies.set("desk", house.accounts.sign_in(other.name, "en lång lösenfras"))
        refused = await client.get(now)
        assert refused.status_code >= 400 and "Samtalet är slut" not in refused.text


async def test_from_the_desk(both: Both, house: House, phone: Phone, kim: Caseworker, clock: Clock) -> None:
    from bot.web.application import application

    token = house.accounts.sign_in("Kim Ek", "en lång lösenfras")
    transport = httpx.ASGITransport(app=application(house, phone))
    page = f"/desk/handover/{both.handover_id}"
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        client.cookies.set("desk", token)
        first = await client.get(page)
        assert f'href="tel:{ANNA}"' in first.text and "Försök: 0 av 3." in first.text
        form_token = re.search(r'name="form_token" value="([^"]*)"', first.text)[1]  # type: ignore[index]
        form = {"form_token": form_token, "phone": DESK, "once": "o"}
        refused = await client.post(f"{page}/call", data=form | {"phone": "+46700000001"})
        assert refused.status_code == 409 and both.deliver() == [], "no other phone than the desk's"
        for _ in range(2):
            assert (await client.post(f"{page}/call", data=form)).status_code == 303
        assert [number for _, number, _ in both.deliver()] == [DESK]
        assert "Din telefon ringer snart" in (await client.get(f"{page}?call")).text
        broken = await client.post(f"{page}/plan", data={"form_token": form_token, "way": "call", "window": "morning"})
        assert broken.status_code == 422 and "Inget är ändrat" in broken.text
        plan = {"form_token": form_token, "way": "sms", "number": "070-174 06 06", "window": "morning", "remind": "1"}
        told = await client.post(f"{page}/plan", data=plan | {"code_word": "våldet"})
        assert told.status_code == 422 and "Ordet sägs högt" in told.text
        assert (await client.post(f"{page}/plan", data=plan)).status_code == 303
        again = await client.get(page)
        assert "+46701740606" in again.text and "Personen vill ha en påminnelse" in again.text
        assert f'action="{page}/call"' not in again.text
        ordered = await client.post(f"{page}/remind", data={"form_token": form_token, "once": "r"})
        assert ordered.status_code == 303
        both.deliver()
        assert both.pocket.sent == [
            ("+46701740606", "Hej, en påminnelse. Ring oss när det passar, eller svara 1 så ringer vi dig.")
        ]
        wrong = await client.post(f"{page}/contacted", data={"form_token": form_token, "how": "wrong_person"})
        assert wrong.status_code == 303
    with house.records.reading() as session:
        row = session.get_one(Handover, both.handover_id)
        assert (row.status, row.plan, row.note) == ("closed", None, "wrong_person")
        assert session.scalars(select(User)).one().name == "Kim Ek"
    assert counted(house)["contact:wrong_person"] == counted(house)["contact:new_plan"] == 1
