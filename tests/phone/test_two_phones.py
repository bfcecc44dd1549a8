"""`enrum phone --call-back`: what each of the two phones hears, line by line, over the signed webhooks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

import httpx
import pytest

from bot.composition import House
from bot.phone.local_carrier import LocalCarrier
from bot.phone.pocket import PocketCarrier
from bot.phone.setting_up import phone_of
from bot.phone.stage import DESK, Allows, in_opening_hours, request, with_desk_phone
from bot.phone.two_phones import TwoPhones
from casework.records import Handover
from casework.requests import attempts
from tests.conftest import Clock
from tests.phone.conftest import ACCOUNT, BASE, TOKEN, post_with

RUNG = ["caseworker: Du har bett om ett samtal. Tryck 1 för att ringa upp.", "caseworker: Jag ringer upp nu."]
ASKED = ["person: Hej. Du har ett samtal.", "person: Tryck 1 om du kan prata nu. Tryck 2 om det inte passar."]
Play = Callable[..., Awaitable[list[str]]]


@pytest.fixture
async def play(house: House) -> AsyncIterator[Play]:
    from bot.web.application import application

    house = with_desk_phone(replace(house, settings=replace(house.settings, public_url=BASE)))
    pocket, kim = PocketCarrier(), house.accounts.redeem(house.accounts.link(), "Kim", "en lång lösenfras")
    phone = phone_of(house, lambda settings: pocket)
    assert phone.bridge is not None
    calls = phone.bridge.call_backs
    transport = httpx.ASGITransport(app=application(house, phone))
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:

        async def play(*lines: str, allows: Allows | None = None) -> list[str]:
            heard: list[str] = []
            handover_id = request(house, kim, allows or Allows(), house.now() + timedelta(days=1))
            carrier = LocalCarrier(BASE, TOKEN, ACCOUNT, post_with(client), most_redirects=100, second=0.2)  # type: ignore[arg-type]
            both = TwoPhones(carrier, pocket, phone, heard.append, lambda: str(calls.last(handover_id)))
            assert calls.order(handover_id, DESK, kim.id, handover_id) is None
            await both.begin()
            for line in lines:
                assert not both.over, heard
                await both.do(line)
            assert both.over, heard
            await both.end()
            with house.records.reading() as session:
                heard.append(f"tries: {attempts(house.records.keys, session.get_one(Handover, handover_id))}")
            return [line.strip() for line in heard if "screen:" not in line]

        yield play


async def test_connected(play: Play) -> None:
    heard = await play("d 1", "p human", "p 1", "d q")
    assert heard == [*RUNG, "[the person's phone rings]", *ASKED, "tries: 1"]


async def test_it_does_not_suit(play: Play) -> None:
    heard = await play("d 1", "p human", "p 2")
    assert heard[4:] == [
        ASKED[1],
        "person: Tack för samtalet. Hej då.",
        "caseworker: Den som svarade valde att det inte passar nu.",
        "tries: 1",
    ]


async def test_machines_and_nobody(play: Play) -> None:
    silent = await play("d 1", "p machine")
    assert silent[3].startswith("caseworker: En telefonsvarare svarade, eller") and len(silent) == 5
    allowed = Allows(voicemail=True, code_word="4711")
    spoken = await play("d 1", "p beep", allows=allowed)
    assert spoken[3:5] == [
        "person: 4 7 1 1.",
        "person: Hej. Vi ringde dig, men du svarade inte. Vi ringer igen en annan dag.",
    ]
    assert (await play("d 1", "p no-answer"))[3:] == ["caseworker: Ingen svarade.", "tries: 1"]


async def test_the_caseworker_changes_their_mind(play: Play) -> None:
    assert await play("d") == [RUNG[0], "tries: 0"]
    heard = await play("d 1", "x", "d 5", "d q", "p human")
    assert "When the person's phone rings" in heard[3] and heard[4] == "[nothing listens for keys there now]"
    assert heard[5:] == ["tries: 1"], "whoever answers then hears nothing"


def test_it_is_ten_o_clock_on_a_day_when_the_desk_is_open(house: House, clock: Clock) -> None:
    agency = house.agency
    for at, day in (
        ("2026-11-27T16:00", "2026-11-30"),
        ("2026-12-23T23:59", "2026-12-28"),
        ("2026-11-24T03:00", "2026-11-25"),
    ):
        clock.at = datetime.fromisoformat(f"{at}+01:00")
        now = in_opening_hours(agency, clock)
        assert now().isoformat() == f"{day}T10:00:00+01:00" and agency.open_at(now())
        clock.pass_by(minutes=3)
        assert now().minute == 3
