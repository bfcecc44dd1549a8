"""An invitation by SMS: only where the agency lets it, by the one dispatcher, with its reason shown; the number is kept nowhere."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from click.testing import CliRunner
from sqlalchemy import select

from bot.command.invite import command
from bot.composition import House
from bot.phone.pocket import PocketCarrier
from bot.phone.routes import Phone
from bot.phone.setting_up import phone_of
from casework.agency_requests import signature
from casework.caseworker import Caseworker
from casework.contact.carriers import SaidStop
from casework.contact.orders import Status
from casework.contact.stops import Lifted, Stops
from casework.errands import Unsure
from casework.invitations import Claims, Invitations
from casework.records import AuditEntry, Outgoing
from safety.safe_contact import Refusal
from tests.conftest import Clock

SECRET = b"a secret of thirty-two bytes or more"
BASE = "https://enrum.test"
ANNA, TYPED = "+46701740605", "070-174 06 05"
CASE = {"case": "AF-2026-0001", "programme": "sius"}


@pytest.fixture
def house(house: House, tmp_path: Path) -> House:
    """With an agency that lets invitations go by SMS, and asks again."""
    file = tmp_path / "secret"
    file.write_bytes(SECRET)
    rules = house.agency.phone.model_copy(update={"invite_by_sms": True})
    settings = replace(house.settings, agency_secret_file=str(file), public_url=BASE)
    again = house.agency.repeat.model_copy(update={"occasions": 3, "months_between": 3})
    agency = house.agency.model_copy(update={"phone": rules, "repeat": again})
    return replace(house, settings=settings, agency=agency)


@pytest.fixture
async def client(house: House, phone: Phone) -> AsyncIterator[httpx.AsyncClient]:
    from bot.web.application import application

    transport = httpx.ASGITransport(app=application(house, phone), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        yield client


async def ask(client: httpx.AsyncClient, clock: Clock, method: str = "POST", path: str = "", **body: Any) -> Any:
    content = json.dumps({**CASE, **body}).encode() if method == "POST" else b""
    time, path = str(int(clock().timestamp())), f"/api/invitations{path}"
    headers = {"X-Enrum-Time": time, "X-Enrum-Signature": signature(SECRET, time, method, path, content)}
    return await client.request(method, path, content=content, headers=headers)


def deliver(phone: Phone) -> None:
    assert phone.delivery is not None
    phone.delivery.run()


def orders(house: House) -> list[Outgoing]:
    with house.records.reading() as session:
        return list(session.scalars(select(Outgoing).filter_by(what="sms")))


async def test_the_api_sends_the_link_once_and_says_so_as_described(
    client: httpx.AsyncClient,
    house: House,
    phone: Phone,
    pocket: PocketCarrier,
    clock: Clock,
    tmp_path: Path,
    caplog: Any,
) -> None:
    caplog.set_level(0)
    told = (await ask(client, clock, sms=TYPED)).json()
    described = (await client.get("/api/openapi.json")).json()["paths"]["/api/invitations"]["post"]
    jsonschema.validate(told, described["responses"]["201"]["content"]["application/json"]["schema"])
    jsonschema.validate({**CASE, "sms": TYPED}, described["requestBody"]["content"]["application/json"]["schema"])
    assert told["sms"] == "ordered"
    for _ in range(2):
        deliver(phone)
    assert pocket.sent == [
        (ANNA, f"Hej, här är länken till din planering: {told['link']} Öppna den när det passar dig.")
    ]
    with house.records.reading() as session:
        noted = session.scalars(select(AuditEntry).filter_by(about=told["id"]).order_by(AuditEntry.seq)).all()
    assert [(one.who, one.what, one.why) for one in noted] == [
        ("agency", "invitation.made", "invitation"),
        ("agency", "sms.ordered", "invitation"),
    ]
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("enrum.db*"))
    assert ANNA.encode() not in kept and "701740605" not in caplog.text and TYPED not in caplog.text
    assert "sms" not in (await ask(client, clock, case="AF-2")).json(), (
        "who does not ask for an SMS is told nothing of one"
    )


@pytest.mark.parametrize("wrong", ["", "112", "Anna", "0" * 41, 46701740605])
async def test_no_number_no_invitation(client: httpx.AsyncClient, house: House, clock: Clock, wrong: Any) -> None:
    answer = await ask(client, clock, sms=wrong)
    assert (answer.status_code, answer.json()) == (400, {"error": "unreadable"})
    with house.records.reading() as session:
        assert session.scalars(select(AuditEntry).filter_by(what="invitation.made")).all() == []


async def test_without_a_carrier_it_is_not_promised(house: House, clock: Clock) -> None:
    from bot.web.application import application

    off = replace(house, settings=replace(house.settings, twilio_from=""))
    transport = httpx.ASGITransport(app=application(off))
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        answer = await ask(client, clock, sms=TYPED)
    assert (answer.status_code, answer.json()) == (400, {"error": "no_sms"})


@pytest.mark.parametrize(
    ("forbids", "why"),
    [
        ("agency", Refusal.NO_SMS_INVITATIONS),
        ("stop", Refusal.DO_NOT_CONTACT),
        ("evening", Refusal.OUTSIDE_WINDOW),
        ("holiday", Refusal.DAY_OFF),
        ("elsewhere", Refusal.FOREIGN_LINK),
    ],
)
async def test_what_forbids_it_is_told_and_the_invitation_is_there_all_the_same(
    house: House, pocket: PocketCarrier, clock: Clock, forbids: str, why: Refusal
) -> None:
    from bot.web.application import application

    if forbids == "agency":
        rules = house.agency.phone.model_copy(update={"invite_by_sms": False})
        house = replace(house, agency=house.agency.model_copy(update={"phone": rules}))
    if forbids == "elsewhere":
        house = replace(house, settings=replace(house.settings, public_url=""))
    phone = phone_of(house, lambda settings: pocket)
    assert phone._dispatcher is not None
    if forbids == "stop":
        with house.records.session() as session:
            phone._dispatcher.stop(session, ANNA)
    if forbids == "evening":
        clock.pass_by(hours=10)
    if forbids == "holiday":
        clock.pass_by(days=(32))  # Christmas Day, a Friday
        assert clock().strftime("%m-%d") == "12-25"
    transport = httpx.ASGITransport(app=application(house, phone))
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        told = (await ask(client, clock, sms=TYPED)).json()
        assert told["sms"] == why.value and orders(house) == []
        assert (await ask(client, clock, "GET", f"/{told['id']}")).json() == {"status": "open"}
    deliver(phone)
    assert pocket.sent == []


async def test_a_stop_in_between_holds(
    client: httpx.AsyncClient, house: House, phone: Phone, pocket: PocketCarrier, clock: Clock
) -> None:
    assert (await ask(client, clock, sms=TYPED)).json()["sms"] == "ordered"
    assert phone._dispatcher is not None
    with house.records.session() as session:
        phone._dispatcher.stop(session, ANNA)
    deliver(phone)
    (order,) = orders(house)
    assert (pocket.sent, order.status, order.refusal) == ([], Status.REFUSED, Refusal.DO_NOT_CONTACT)


FATES = [
    ("stop", "do_not_contact", "Numret har stoppat sms från oss."),
    ("evening", "outside_window", "Inbjudningar skickas bara på vardagar klockan 8 till 17."),
    ("said stop to the carrier", "do_not_contact", "Numret har stoppat sms från oss."),
    ("no answer", "dead", "osäkert om det kom fram"),
    ("undelivered", "failed", "Operatören kunde inte lämna fram det."),
    ("delivered", "delivered", ""),
    ("sent", "sent", ""),
]


@pytest.mark.parametrize(("fate", "told", "shown"), FATES, ids=[fate[0] for fate in FATES])
async def test_what_became_of_it_is_told_where_the_one_who_invited_looks(
    at_desk: httpx.AsyncClient,
    house: House,
    phone: Phone,
    pocket: PocketCarrier,
    clock: Clock,
    fate: str,
    told: str,
    shown: str,
) -> None:
    """To the agency's system and at the desk, with the reason; the number nowhere."""
    made = (await ask(at_desk, clock, sms=TYPED)).json()
    described = (await at_desk.get("/api/openapi.json")).json()["paths"]["/api/invitations/{id}"]["get"]
    schema = described["responses"]["200"]["content"]["application/json"]["schema"]
    status = (await ask(at_desk, clock, "GET", f"/{made['id']}")).json()
    assert status == {"status": "open", "sms": "ordered"}
    assert phone._dispatcher is not None and phone.delivery is not None
    match fate:
        case "stop":
            with house.records.session() as session:
                phone._dispatcher.stop(session, ANNA)
        case "evening":
            clock.pass_by(hours=10)
        case "said stop to the carrier":
            pocket.raises = [SaidStop()]
        case "no answer":
            pocket.raises = [Unsure()]
    clock.pass_by(seconds=1)
    deliver(phone)
    if fate in ("undelivered", "delivered"):
        phone.delivery.report("SM1", fate == "delivered")
    if fate == "evening":
        clock.pass_by(hours=14)  # The next day, when the desk is open again.
        await send(at_desk, "/desk/sign-in", name="Kim Ek", password=PASSWORD)
    status = (await ask(at_desk, clock, "GET", f"/{made['id']}")).json()
    jsonschema.validate(status, schema)
    assert status == {"status": "open", "sms": told}
    pages = [(await at_desk.get(page)).text for page in ("/desk/follow-ups", "/desk/invite")]
    assert all(number not in page for page in pages for number in (ANNA, TYPED, "701740605"))
    if not shown:
        assert all("inte kom fram" not in page for page in pages)
        return
    assert shown in pages[0] and "AF-2026-0001" in pages[0]
    assert "Inbjudningar vars sms inte kom fram: 1" in pages[1]
    taken = await send(at_desk, "/desk/follow-ups", id=made["id"], what="take_back")
    assert "Inbjudan går inte att öppna längre." in taken.text and "AF-2026-0001" not in taken.text
    clock.pass_by(seconds=1)
    assert (await ask(at_desk, clock, "GET", f"/{made['id']}")).json() == {"status": "revoked", "sms": told}
    again = await send(at_desk, "/desk/follow-ups", id="x" * 16, what="take_back")
    assert again.status_code == 409


async def test_an_invitation_that_was_opened_otherwise_needs_nobody(
    at_desk: httpx.AsyncClient, phone: Phone, pocket: PocketCarrier, clock: Clock
) -> None:
    made = (await ask(at_desk, clock, sms=TYPED)).json()
    pocket.raises = [Unsure()]
    deliver(phone)
    assert "inte kom fram" in (await at_desk.get("/desk/follow-ups")).text
    async with httpx.AsyncClient(transport=at_desk._transport, base_url=BASE) as person:
        await person.post(f"/i/{made['link'].rpartition('/')[2]}")
    assert "inte kom fram" not in (await at_desk.get("/desk/follow-ups")).text
    assert (await ask(at_desk, clock, "GET", f"/{made['id']}")).json() == {"status": "used", "sms": "dead"}


async def test_somebody_who_is_due_is_invited_by_sms_too(
    at_desk: httpx.AsyncClient, house: House, phone: Phone, pocket: PocketCarrier, clock: Clock
) -> None:
    await ask(at_desk, clock)
    clock.pass_by(days=100)
    await send(at_desk, "/desk/sign-in", name="Kim Ek", password=PASSWORD)
    page = (await at_desk.get("/desk/follow-ups")).text
    (due,) = re.findall(r'name="id" value="([^"]+)"', page)
    assert f'<label for="number-{due}">' in page and f'id="number-{due}" name="number"' in page
    wrong = await send(at_desk, "/desk/follow-ups", id=due, what="invite", number="112")
    assert wrong.status_code == 422 and "Inget skapades" in wrong.text and orders(house) == []
    invited = await send(at_desk, "/desk/follow-ups", id=due, what="invite", number=TYPED)
    assert "Sms:et är på väg." in invited.text and "Tillfälle 2." in invited.text
    deliver(phone)
    assert [number for number, _ in pocket.sent] == [ANNA]


async def test_an_agency_that_does_not_invite_by_sms_has_no_field_in_the_list(house: House, clock: Clock) -> None:
    from bot.web.application import application

    rules = house.agency.phone.model_copy(update={"invite_by_sms": False})
    house = replace(house, agency=house.agency.model_copy(update={"phone": rules}))
    phone = phone_of(house, lambda settings: PocketCarrier())
    transport = httpx.ASGITransport(app=application(house, phone))
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        await ask(client, clock)
        clock.pass_by(days=100)
        await signed_in(client, house)
        page = (await client.get("/desk/follow-ups")).text
    assert 'value="invite"' in page and 'name="number"' not in page


async def test_taken_back_before_it_went(
    client: httpx.AsyncClient, house: House, phone: Phone, pocket: PocketCarrier, clock: Clock
) -> None:
    told = (await ask(client, clock, sms=TYPED)).json()
    assert (await ask(client, clock, "DELETE", f"/{told['id']}")).status_code == 204
    deliver(phone)
    (order,) = orders(house)
    assert (pocket.sent, order.status, order.order) == ([], Status.REFUSED, None)


# The desk, as a caseworker has it: forms and pages.

PASSWORD = "en lång mening som lösenord"


@pytest.fixture
async def at_desk(client: httpx.AsyncClient, house: House) -> httpx.AsyncClient:
    return await signed_in(client, house)


async def signed_in(client: httpx.AsyncClient, house: House) -> httpx.AsyncClient:
    house.accounts.redeem(house.accounts.link(), "Kim Ek", PASSWORD)
    await send(client, "/desk/sign-in", name="Kim Ek", password=PASSWORD)
    return client


async def send(client: httpx.AsyncClient, path: str, **fields: str) -> httpx.Response:
    page = (await client.get(path)).text
    found = re.search(r'name="form_token" value="([^"]+)"', page)
    assert found is not None, page
    return await client.post(path, data={"form_token": found[1], **fields}, headers={"Origin": BASE})


async def test_the_desk_sends_it_where_a_number_is_given(
    at_desk: httpx.AsyncClient, house: House, phone: Phone, pocket: PocketCarrier
) -> None:
    asked = {"case": "AF-1", "programme": "sius", "locale": "sv"}
    assert 'name="number"' in (await at_desk.get("/desk/invite")).text
    plain = await send(at_desk, "/desk/invite", **asked)
    assert plain.status_code == 200 and "Sms:et" not in plain.text
    wrong = await send(at_desk, "/desk/invite", **asked, number="112")
    assert wrong.status_code == 422 and "Inget skapades" in wrong.text and ">112<" not in wrong.text
    made = await send(at_desk, "/desk/invite", **asked, number=TYPED)
    assert "Sms:et är på väg." in made.text and ANNA not in made.text
    deliver(phone)
    ((number, text),) = pocket.sent
    link = re.search(rf"{BASE}/i/[\w-]+", made.text)
    assert number == ANNA and link and link[0] in text
    assert phone._dispatcher is not None
    with house.records.session() as session:
        phone._dispatcher.stop(session, ANNA)
    refused = await send(at_desk, "/desk/invite", **asked, number=TYPED)
    assert 'role="alert">Sms:et skickades inte. Numret har stoppat sms från oss.' in refused.text
    assert "Kod för" in refused.text and ANNA not in refused.text and TYPED not in refused.text


async def test_on_the_persons_word_the_stop_is_lifted_and_the_link_goes(
    at_desk: httpx.AsyncClient, house: House, phone: Phone, pocket: PocketCarrier
) -> None:
    assert phone._dispatcher is not None
    with house.records.session() as session:
        phone._dispatcher.stop(session, ANNA)
    made = await send(at_desk, "/desk/invite", case="AF-1", programme="sius", locale="sv", number=TYPED)
    found = re.search(rf"{BASE}/i/[\w-]+", made.text)
    assert found is not None and "Häv stoppet för det här numret" in made.text and "START" in made.text
    token = re.search(r'name="form_token" value="([^"]+)"', made.text)
    assert token is not None

    async def lift(**told: str) -> httpx.Response:
        fields = {"form_token": token[1], "link": found[0], "number": TYPED, "why": "new_number", "met": "yes"} | told
        return await at_desk.post("/desk/invite/lift", data=fields, headers={"Origin": BASE})

    for told, status, said in (
        ({"met": ""}, 422, "kryssa i att du har träffat personen"),
        ({"number": "112"}, 422, "Skriv hela numret."),
        ({"number": "070-174 06 06"}, 409, "Det numret har inte stoppat sms från oss."),
        ({"link": "https://evil.test/i/x"}, 409, "Gör en ny inbjudan."),
        ({"link": f"{BASE}/i/{'x' * 28}"}, 409, "Gör en ny inbjudan."),
    ):
        wrong = await lift(**told)
        assert wrong.status_code == status and said in wrong.text, told
        assert TYPED not in wrong.text and ANNA not in wrong.text
    assert orders(house) == []
    lifted = await lift()
    assert lifted.status_code == 200 and "Stoppet är hävt" in lifted.text and "Sms:et är på väg." in lifted.text
    deliver(phone)
    ((number, text),) = pocket.sent
    assert number == ANNA and found[0] in text
    with house.records.reading() as session:
        (noted,) = session.scalars(select(AuditEntry).where(AuditEntry.what.startswith("stop.")))
    assert (noted.what, noted.why) == ("stop.lifted.new_number", "asked") and noted.about == found[0][-28:-12]


async def test_what_the_carrier_turns_back_after_a_lifting_is_a_stop_again(
    at_desk: httpx.AsyncClient, house: House, phone: Phone, pocket: PocketCarrier
) -> None:
    asked = {"case": "AF-1", "programme": "sius", "locale": "sv", "number": TYPED}
    await send(at_desk, "/desk/invite", **asked)
    pocket.raises = [SaidStop()]
    deliver(phone)
    assert (
        "Ta tillbaka inbjudan och gör en ny. Där kan du häva stoppet." in (await at_desk.get("/desk/follow-ups")).text
    )
    assert phone._dispatcher is not None
    Stops(house.records, house.now).lift_of_invitation(
        ANNA, "x", Caseworker("kim", "Kim", "caseworker"), Lifted.MISTAKE
    )
    assert "Sms:et är på väg." in (await send(at_desk, "/desk/invite", **asked)).text
    pocket.raises = [SaidStop()]
    deliver(phone)
    refused = await send(at_desk, "/desk/invite", **asked)
    assert "Numret har stoppat sms från oss." in refused.text and pocket.sent == []


async def test_the_desk_does_not_offer_what_the_agency_has_not_decided(house: House, pocket: PocketCarrier) -> None:
    from bot.web.application import application

    rules = house.agency.phone.model_copy(update={"invite_by_sms": False})
    house = replace(house, agency=house.agency.model_copy(update={"phone": rules}))
    phone = phone_of(house, lambda settings: pocket)
    transport = httpx.ASGITransport(app=application(house, phone))
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        await signed_in(client, house)
        assert 'name="number"' not in (await client.get("/desk/invite")).text
        forged = await send(client, "/desk/invite", case="AF-1", programme="sius", locale="sv", number=TYPED)
    assert "Myndigheten har inte bestämt att inbjudningar får gå som sms." in forged.text and orders(house) == []


def test_the_command_asks_for_the_number_and_says_why_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"ENRUM_HOME": str(tmp_path / "home"), "ENRUM_PUBLIC_URL": BASE}
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    arguments = ["--case", "AF-1", "--programme", "sius", "--sms"]
    without = CliRunner().invoke(command, arguments, input=f"{TYPED}\n")
    assert without.exit_code == 1 and "no SMS can be sent" in without.output
    for name, value in (("ACCOUNT_SID", "AC0"), ("AUTH_TOKEN", "t"), ("FROM", "+46700000001")):
        monkeypatch.setenv(f"ENRUM_TWILIO_{name}", value)
    wrong = CliRunner().invoke(command, arguments, input="112\n")
    assert wrong.exit_code == 1 and "nothing was made" in wrong.output
    refused = CliRunner().invoke(command, arguments, input=f"{TYPED}\n")
    assert refused.exit_code == 0 and "sms   refused: no_sms_invitations" in refused.output and "link" in refused.output


def test_it_goes_once(house: House, phone: Phone, pocket: PocketCarrier) -> None:
    issued = Invitations(house.records, house.now).issue(Claims(case="1", programme="sius"))
    assert phone.invite is not None
    for _ in range(2):
        assert phone.invite(ANNA, f"{BASE}/i/{issued.token}", issued.id, "kim") is None
        deliver(phone)
    assert len(pocket.sent) == 1
