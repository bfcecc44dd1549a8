"""What is not signed is not heard."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from twilio.request_validator import RequestValidator

from bot.composition import House
from bot.phone.local_carrier import LocalCarrier
from casework.records import PhoneCall
from tests.phone.conftest import ACCOUNT, BASE, TOKEN, served

ADDRESSES = ["/twilio/voice", "/twilio/status"]
CALL = {"CallSid": "CA1", "CallStatus": "completed", "Direction": "inbound"}


@pytest.fixture
async def raw(house: House) -> AsyncIterator[httpx.AsyncClient]:
    from bot.web.application import application

    transport = httpx.ASGITransport(app=application(house), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        yield client


def kept(house: House) -> int:
    with house.records.reading() as session:
        return session.query(PhoneCall).count()


@pytest.mark.parametrize("address", ADDRESSES)
async def test_unsigned_badly_signed_and_of_another_account(carrier: LocalCarrier, house: House, address: str) -> None:
    stranger = replace(carrier, auth_token="another")
    other = replace(carrier, account="AC" + "1" * 32)
    for sender, signature in ((carrier, ""), (carrier, "bm90IGEgc2lnbmF0dXJl"), (stranger, None), (other, None)):
        status, text = await sender.send(address, CALL, signature=signature)
        assert (status, text.endswith("<Response />")) == (403, True)
    assert kept(house) == 0
    assert (await carrier.send(address, CALL))[0] == 200


async def test_every_field_is_signed(raw: httpx.AsyncClient, house: House) -> None:
    told = {"AccountSid": ACCOUNT, "FromCity": "", **CALL}
    right = RequestValidator(TOKEN).compute_signature(f"{BASE}/twilio/status", told)
    headers = {"X-Twilio-Signature": right}
    for changed in ({"CallStatus": "busy"}, {"FromCity": "x"}, {"More": "1"}):
        assert (await raw.post("/twilio/status", data={**told, **changed}, headers=headers)).status_code == 403
    moved = await raw.post("/twilio/status?s=1", data=told, headers=headers)
    assert moved.status_code == 403
    assert (await raw.post("/twilio/status", data=told, headers=headers)).status_code == 200


async def test_bodies_that_are_too_long_or_no_form(raw: httpx.AsyncClient) -> None:
    headers = {"X-Twilio-Signature": "x"}
    assert (await raw.post("/twilio/voice", content=b"x" * 20_000, headers=headers)).status_code == 413
    for body in (b"\xff\xfe\x00", b"", b"{}", b"&&&===%%%", b"Digits=%ff%fe"):
        assert (await raw.post("/twilio/voice", content=body, headers=headers)).status_code == 403
    assert (await raw.get("/twilio/voice")).status_code == 405


async def test_whatever_is_in_a_signed_request_the_answer_is_a_document(carrier: LocalCarrier) -> None:
    for query in (
        "?s=99999999999&m=x",
        "?s=-1&n=code",
        "?n=dialled",
        "?n=language&l=xx",
        "?p=999999&m=x",
        "?n=%00&s=a",
    ):
        for params in ({}, {"CallSid": "CA9"}, {"CallSid": "CA9", "Digits": "é*#99999999999999999999"}):
            status, text = await carrier.send(f"/twilio/voice{query}", params)
            assert status == 200 and text.startswith("<?xml") and "fungerar inte" not in text, (query, params, text)


async def test_without_an_auth_token_there_is_no_phone(house: House) -> None:
    off = replace(house, settings=replace(house.settings, twilio_auth_token=""))
    async with served(off) as carrier:
        for address in ADDRESSES:
            assert (await carrier.send(address, CALL))[0] == 404


async def test_behind_a_proxy_the_public_address_is_what_was_signed(house: House) -> None:
    public = replace(house, settings=replace(house.settings, public_url="https://enrum.example/"))
    async with served(public) as carrier:
        outside = replace(carrier, base="https://enrum.example")

        async def inward(address: str, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
            return await carrier.post(
                address.replace("https://enrum.example", BASE), body, headers | {"Host": "enrum.example"}
            )

        behind = replace(outside, post=inward)
        status, text = await behind.send("/twilio/voice", {"CallSid": "CA1", "Direction": "inbound"})
        assert status == 200 and 'action="https://enrum.example/twilio/voice?' in text
        inner = replace(carrier, post=inward)
        assert (await inner.send("/twilio/voice", {"CallSid": "CA1"}))[0] == 403
        # Under another name than ours nothing is looked at.
        assert (await carrier.send("/twilio/voice", {"CallSid": "CA1"}))[0] == 400


async def test_forwarded_headers_of_a_stranger_count_for_nothing(raw: httpx.AsyncClient) -> None:
    """Whose are believed is said to the server (ENRUM_TRUSTED_PROXIES), before anything comes here."""
    told = {"AccountSid": ACCOUNT, **CALL}
    right = RequestValidator(TOKEN).compute_signature("https://outside.example/twilio/status", told)
    headers = {"X-Twilio-Signature": right, "X-Forwarded-Proto": "https", "X-Forwarded-Host": "outside.example"}
    assert (await raw.post("/twilio/status", data=told, headers=headers)).status_code == 403
