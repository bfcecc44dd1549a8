"""A house with a phone, and the carrier's double that rings it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from bot.composition import House
from bot.phone.local_carrier import LocalCarrier
from bot.phone.pocket import PocketCarrier
from bot.phone.routes import Phone
from bot.phone.setting_up import dispatcher_of, phone_of
from casework.contact.delivery import Delivery
from casework.contact.dispatcher import Dispatcher
from casework.records import Handover
from safety.safe_contact import ContactWay, ContactWindow, SafeContactPlan
from screening.events import HandoverKind, HandoverRequested
from tests.conftest import Clock

TOKEN = "token-of-the-tests"
ACCOUNT = "AC" + "0" * 32
ANNA = "+46701740605"
BASE = "http://enrum.test"


def post_with(client: httpx.AsyncClient) -> Callable[..., object]:
    async def post(address: str, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
        response = await client.post(address, content=body, headers=headers)
        return response.status_code, response.text

    return post


@pytest.fixture
def house(house: House) -> House:
    """With a carrier's account."""
    settings = replace(house.settings, twilio_auth_token=TOKEN, twilio_account_sid=ACCOUNT, twilio_from="+46700000001")
    return replace(house, settings=settings)


@pytest.fixture
def pocket() -> PocketCarrier:
    return PocketCarrier()


@pytest.fixture
def phone(house: House, pocket: PocketCarrier) -> Phone:
    """With a carrier that keeps what it is asked to send in its pocket."""
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


class served:
    """The carrier's double before an application of its own."""

    def __init__(self, house: House, phone: Phone | None = None) -> None:
        from bot.web.application import application

        transport = httpx.ASGITransport(app=application(house, phone), raise_app_exceptions=False)
        self._client = httpx.AsyncClient(transport=transport, base_url=BASE)

    async def __aenter__(self) -> LocalCarrier:
        return LocalCarrier(BASE, TOKEN, ACCOUNT, post_with(self._client))  # type: ignore[arg-type]

    async def __aexit__(self, *error: object) -> None:
        await self._client.aclose()
