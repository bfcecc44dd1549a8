"""A house with a phone, and the carrier's double that rings it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import httpx
import pytest

from bot.composition import House
from bot.phone.local_carrier import LocalCarrier
from bot.phone.routes import Phone

TOKEN = "token-of-the-tests"
ACCOUNT = "AC" + "0" * 32
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
async def carrier(house: House) -> AsyncIterator[LocalCarrier]:
    async with served(house) as carrier:
        yield carrier


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
