"""Invitations: asked for by signed requests, opened once, by link, code or paper."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from sqlalchemy import select

from bot.composition import House
from bot.phone.local_carrier import LocalCarrier
from casework.agency_requests import signature
from casework.counting import Figure, figures
from casework.invitations import Claims, Invitations, NotOpened, Why, forget_run_out
from casework.records import Conversation, Invitation
from safety.content import Channel
from screening.catalogue.agency import Office
from screening.catalogue.support import Line, Region
from tests.conftest import Clock
from tests.phone.conftest import BASE

SECRET = b"a secret of thirty-two bytes or more"
CASE = {"case": "AF-2026-0001", "programme": "sius", "region": "0180", "sex": "woman", "age_band": "25-34"}


@pytest.fixture
def house(house: House, tmp_path: Path) -> House:
    """With a secret shared with the agency's system."""
    file = tmp_path / "secret"
    file.write_bytes(SECRET + b"\n")
    return replace(house, settings=replace(house.settings, agency_secret_file=str(file)))


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    from bot.web.application import application

    transport = httpx.ASGITransport(app=application(house), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        yield client


@pytest.fixture
def ask(client: httpx.AsyncClient, clock: Clock):  # type: ignore[no-untyped-def]
    """A request of the agency's system."""

    async def ask(
        body: Any = None,
        method: str = "POST",
        path: str = "/api/invitations",
        *,
        secret: bytes = SECRET,
        late: float = 0,
    ) -> httpx.Response:
        content = b"" if body is None else json.dumps(body).encode()
        time = str(int(clock().timestamp() + late))
        headers = {"X-Enrum-Time": time, "X-Enrum-Signature": signature(secret, time, method, path, content)}
        return await client.request(method, path, content=content, headers=headers)

    return ask


@pytest.fixture
def invitations(house: House) -> Invitations:
    return Invitations(house.records, house.now)


def counters(house: House) -> list[Figure]:
    return list(figures(house.records))


async def test_a_link_is_opened_once(ask, client: httpx.AsyncClient, house: House) -> None:  # type: ignore[no-untyped-def]
    made = (await ask(CASE)).json()
    path = made["link"].removeprefix(BASE)
    for _ in range(3):
        page = await client.get(path)
        assert page.status_code == 200, "looking at a link, as a preview does, does not use it up"
        assert house.catalogue.sensitive_words(page.text) == [] and "og:" not in page.text
    assert counters(house) == []
    opened = await client.post(path)
    assert (opened.status_code, opened.headers["location"]) == (303, "/")
    assert "automatisk assistent" in (await client.get("/")).text
    assert (await client.get(path)).status_code == 303, "the same browser goes on where it was"
    started = next(row for row in counters(house) if row.what == "started")
    of = started.as_
    assert (of.programme, of.region, of.sex, of.age_band) == ("sius", "0180", "woman", "25-34")
    client.cookies.clear()
    for answer in (await client.get(path), await client.post(path)):
        assert answer.status_code == 410
        assert "redan använd" in answer.text and house.catalogue.sensitive_words(answer.text) == []
    assert (await ask(method="GET", path=f"/api/invitations/{made['id']}")).json() == {"status": "used"}


def test_a_link_spells_no_sensitive_word(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(["6u3Zrva4-FoV-DhS", "h-sex-2jJx_dw3aa", "XzL6Wd1Q-qYgqWEu"])
    monkeypatch.setattr("casework.invitations.secrets.token_urlsafe", lambda length: next(drawn))
    issuing = Invitations(house.records, house.now, is_neutral=house.catalogue.is_neutral)
    issued = issuing.issue(Claims(case="1", programme="sius"))
    assert house.catalogue.sensitive_words(issued.token) == []
    assert issued.id == "XzL6Wd1Q-qYgqWEu"


async def test_nothing_of_the_case_is_kept_once_it_is_open(  # type: ignore[no-untyped-def]
    ask, client: httpx.AsyncClient, house: House, tmp_path: Path
) -> None:
    made = (await ask(CASE)).json()
    assert (await client.post(made["link"].removeprefix(BASE))).status_code == 303
    with house.records.reading() as session:
        row = session.scalars(select(Invitation)).one()
    assert row.claims is None and house.records.keys.find(f"invitation:{row.id}") is None
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("enrum.db*"))
    assert b"AF-2026-0001" not in kept and made["code"].encode() not in kept
    assert made["link"].rsplit("/", 1)[1].encode() not in kept


async def test_the_api_takes_it_too(ask, client: httpx.AsyncClient, house: House) -> None:  # type: ignore[no-untyped-def]
    token = (await ask(CASE)).json()["link"].rsplit("/", 1)[1]
    assert (await client.post("/api/conversations", json={"invitation": token})).status_code == 201
    again = await client.post("/api/conversations", json={"invitation": token})
    assert (again.status_code, again.json()["error"]) == (410, "invitation")
    assert (await client.post("/api/conversations", json={"invitation": "x" * 28})).status_code == 410


async def test_two_at_once_open_it_once(ask, client: httpx.AsyncClient, house: House) -> None:  # type: ignore[no-untyped-def]
    token = (await ask(CASE)).json()["link"].rsplit("/", 1)[1]
    answers = await asyncio.gather(*(client.post("/api/conversations", json={"invitation": token}) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201, 410, 410, 410, 410, 410]


async def test_a_code_by_phone(ask, carrier: LocalCarrier, house: House) -> None:  # type: ignore[no-untyped-def]
    code = (await ask(CASE)).json()["code"]
    call = await carrier.call().dial()
    await call.press("3", "000000000")
    assert "går inte att använda" in call.text and not call.over
    action = call.action
    await call.press(code)
    assert "Vi ska prata om" in call.text
    after = call.documents[-1]
    call.action = action
    await call.press(code)
    assert call.documents[-1] == after, "the same request again: the same words"
    await call.press("1")
    assert "Är du för dig själv" in call.text
    assert next(row for row in counters(house) if row.what == "started").as_.programme == "sius"
    other = await carrier.call().dial()
    await other.press("3", code, code, code)
    assert "går inte att använda" in other.text and "Vi ska prata om" in other.text


@pytest.mark.parametrize(
    ("change", "why"),
    [("expire", Why.EXPIRED), ("revoke", Why.REVOKED), ("forge", Why.UNKNOWN), ("channel", Why.OTHER_CHANNEL)],
)
def test_what_does_not_open(invitations: Invitations, clock: Clock, change: str, why: Why) -> None:
    claims = Claims(case="1", programme="sius", channels=(Channel.WEB,))
    issued = invitations.issue(claims, days=3)
    token, channel = issued.token, Channel.WEB
    if change == "expire":
        clock.pass_by(days=3)
    if change == "revoke":
        assert invitations.revoke(issued.id) and invitations.revoke(issued.id)
    if change == "forge":
        token = token[:-1] + ("A" if token[-1] != "A" else "B")
    if change == "channel":
        channel = Channel.VOICE
    with pytest.raises(NotOpened) as refused:
        invitations.open_token(token, channel)
    assert refused.value.why is why
    for junk in ("", "x", "é" * 28, issued.id, "A" * 5000):
        with pytest.raises(NotOpened):
            invitations.open_token(junk, Channel.WEB)


def test_what_was_opened_cannot_be_taken_back(house: House, invitations: Invitations, clock: Clock) -> None:
    issued = invitations.issue(Claims(case="1", programme="sius"))
    opening = invitations.open_code(issued.code, Channel.VOICE)
    assert not invitations.revoke(issued.id)
    invitations.give_back(opening)
    assert invitations.open_token(issued.token, Channel.WEB).claims.case == "1"
    clock.pass_by(days=60)
    forget_run_out(house.records, clock())
    with house.records.reading() as session:
        assert session.get_one(Invitation, issued.id).claims is None


async def test_only_the_agency_gets_invitations(ask, client: httpx.AsyncClient, house: House) -> None:  # type: ignore[no-untyped-def]
    assert (await ask(CASE, secret=b"another secret of thirty-two bytes")).status_code == 401
    assert (await client.post("/api/invitations", json=CASE)).status_code == 401
    for late in (-301, 301, 10**9):
        assert (await ask(CASE, late=late)).status_code == 401
    for late in (-299, 299):
        assert (await ask(CASE, late=late)).status_code == 201
    bad = [
        {},
        {**CASE, "programme": "no"},
        {**CASE, "name": "Anna"},
        {**CASE, "case": "AF/1"},
        {**CASE, "case": 850101},
        {**CASE, "days": 0},
        [],
    ]
    for n, body in enumerate(bad):
        assert (await ask(body, late=n)).status_code == 400, body


@pytest.mark.parametrize(
    ("case", "error"),
    [
        ("850101-1234", "looks_like_a_personal_number"),
        ("198501611234", "looks_like_a_personal_number"),
        ("Anna Ek", "looks_like_a_name"),
    ],
)
async def test_a_reference_that_tells_who_it_is_about_is_refused_without_saying_it_back(  # type: ignore[no-untyped-def]
    ask, client: httpx.AsyncClient, house: House, caplog: pytest.LogCaptureFixture, case: str, error: str
) -> None:
    caplog.set_level(0)
    answer = await ask({**CASE, "case": case})
    assert (answer.status_code, answer.json()) == (422, {"error": error, "field": "case"})
    described = (await client.get("/api/openapi.json")).json()["paths"]["/api/invitations"]["post"]["responses"]["422"]
    jsonschema.validate(answer.json(), described["content"]["application/json"]["schema"])
    assert case not in caplog.text
    with house.records.reading() as session:
        assert session.scalars(select(Invitation)).all() == []


async def test_swedish_letters_may_stand_in_a_reference(ask, client: httpx.AsyncClient) -> None:  # type: ignore[no-untyped-def]
    described = (await client.get("/api/openapi.json")).json()["paths"]["/api/invitations"]["post"]["requestBody"]
    jsonschema.validate({**CASE, "case": "ÄR-123"}, described["content"]["application/json"]["schema"])
    assert (await ask({**CASE, "case": "ÄR-123"})).status_code == 201


async def test_a_request_that_is_sent_again_counts_once(ask, house: House, clock: Clock) -> None:  # type: ignore[no-untyped-def]
    assert (await ask(CASE)).status_code == 201
    assert (await ask(CASE)).status_code == 409
    clock.pass_by(seconds=1)
    assert (await ask(CASE)).status_code == 201


async def test_taken_back(ask, client: httpx.AsyncClient) -> None:  # type: ignore[no-untyped-def]
    made = (await ask({**CASE, "qr": True})).json()
    assert made["qr"].startswith("<svg")
    one = f"/api/invitations/{made['id']}"
    assert (await ask(method="DELETE", path=one)).status_code == 204
    assert (await ask(method="GET", path=one)).json() == {"status": "revoked"}
    assert (await client.post(made["link"].removeprefix(BASE))).status_code == 410
    assert (await ask(method="DELETE", path="/api/invitations/unknown")).status_code == 404


async def test_without_a_secret_there_is_no_such_api(house: House) -> None:
    from bot.web.application import application

    off = replace(house, settings=replace(house.settings, agency_secret_file=""))
    transport = httpx.ASGITransport(app=application(off))
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        assert (await client.post("/api/invitations", json=CASE)).status_code == 404


async def test_the_help_of_the_persons_own_municipality(  # type: ignore[no-untyped-def]
    ask, client: httpx.AsyncClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = Line(
        id="x",
        name="Kommunens eget stöd",
        number=None,
        for_whom="Alla",
        verified_on=None,
        valid_until=date(2030, 1, 1),
        confidence="H",
        source="test",
    )
    region = Region(municipality="0180", name="Provstad", lines=(line,))
    monkeypatch.setitem(house.catalogue.regions, "0180", region)
    lists = []
    for case in (CASE, {**CASE, "region": ""}):
        token = (await ask(case)).json()["link"].rsplit("/", 1)[1]
        begun = (await client.post("/api/conversations", json={"invitation": token})).json()
        url, headers = f"/api/conversations/{begun['id']}/messages", {"Authorization": f"Bearer {begun['token']}"}
        for choice in ("continue", "private", "no", "continue", "skip", "no"):
            answer = await client.post(url, json={"choice": choice}, headers=headers)
        lists.append(" ".join(message["text"] for message in answer.json()["messages"]))
    assert ["Kommunens eget stöd" in text for text in lists] == [True, False]


async def test_a_caseworker_can_ask_for_the_questions(ask, client: httpx.AsyncClient) -> None:  # type: ignore[no-untyped-def]
    stages = []
    for asks in (True, False):
        body = {**CASE, "programme": "ovriga-arbetssokande", "asks": asks}
        token = (await ask(body)).json()["link"].rsplit("/", 1)[1]
        begun = (await client.post("/api/conversations", json={"invitation": token})).json()
        url, headers = f"/api/conversations/{begun['id']}/messages", {"Authorization": f"Bearer {begun['token']}"}
        for choice in ("continue", "private", "no", "continue", "skip"):
            answer = await client.post(url, json={"choice": choice}, headers=headers)
        stages.append(answer.json()["state"]["stage"])
    assert stages == ["invitation", "support"]


async def test_the_office_of_the_invitation_is_the_conversations(  # type: ignore[no-untyped-def]
    ask, client: httpx.AsyncClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    offices = (Office(id="north", name="Norr"), Office(id="south", name="Söder"))
    with_offices = house.agency.model_copy(update={"offices": offices, "default_office": "north"})
    monkeypatch.setitem(house.catalogue.agencies, house.agency.id, with_offices)
    belongs = []
    for case in ({**CASE, "office": "south"}, {**CASE, "office": "gone"}, CASE):
        token = (await ask(case)).json()["link"].rsplit("/", 1)[1]
        begun = (await client.post("/api/conversations", json={"invitation": token})).json()
        with house.records.reading() as session:
            belongs.append(session.get_one(Conversation, begun["id"]).office)
    assert belongs == ["south", "north", "north"]


async def test_guessing_codes_by_phone_ends(ask, carrier: LocalCarrier, house: House) -> None:  # type: ignore[no-untyped-def]
    """Nine wrong ones from a number, in as many calls as one likes; then not even a right one, in the same words."""
    code = (await ask(CASE)).json()["code"]
    for _ in range(3):
        call = await carrier.call().dial()
        await call.press("3", *["000000000"] * 3)
        assert "går inte att använda" in call.text and not call.over
    call = await carrier.call().dial()
    await call.press("3", code)
    assert "går inte att använda" in call.text and "Vi ska prata om" in call.text, "and the call goes on without"
    assert counters(house) == []
    other = await carrier.call(caller="+46701740699").dial()
    await other.press("3", code)
    assert next(row for row in counters(house) if row.what == "started").as_.programme == "sius"


async def test_guessing_links_ends(ask, client: httpx.AsyncClient) -> None:  # type: ignore[no-untyped-def]
    link = (await ask(CASE)).json()["link"].removeprefix(BASE)
    for n in range(30):
        answer = await client.post("/i/" + f"{n:028d}")
        assert answer.status_code == 410
    assert (await client.post(link)).status_code == 429
    token = link.rsplit("/", 1)[1]
    assert (await client.post("/api/conversations", json={"invitation": token})).status_code == 429
    assert (await client.post("/api/conversations")).status_code == 201
    assert (await client.get(link)).status_code == 200
