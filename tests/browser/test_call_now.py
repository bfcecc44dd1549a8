"""While the phones ring the desk's page shows, by itself and aloud for a screen reader, how far the call is."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from bot.composition import House
from bot.phone.local_carrier import LocalCall, LocalCarrier
from bot.phone.pocket import PocketCarrier
from bot.phone.routes import Phone
from bot.phone.setting_up import phone_of
from bot.web.application import application
from casework.contact.orders import What
from safety.safe_contact import ContactWindow
from tests.browser.desk_helpers import at_desk
from tests.browser.test_axe import RULES, ask_for_contact
from tests.conftest import Clock, rejoined
from tests.phone.conftest import ACCOUNT, TOKEN, post_with

DESK, PERSON = "+46104160000", "+46700000000"


@dataclass
class Ringing:
    """A served house whose carrier is in the pocket, and both phones."""

    base: str
    house: House
    phone: Phone
    pocket: PocketCarrier

    def rung(self, what: What, number: str) -> str:
        """The carrier is asked to ring, at once or by the server's own round. Returns the call-back's name."""
        assert self.phone.delivery is not None
        deadline = time.monotonic() + 10
        while not self.pocket.rung or self.pocket.rung[-1][:2] != (what, number):
            assert time.monotonic() < deadline, self.pocket.rung
            self.phone.delivery.run()
            time.sleep(0.05)
        return self.pocket.rung[-1][2]

    def do(self, what: Callable[[LocalCarrier], Coroutine[Any, Any, LocalCall]]) -> LocalCall:
        """Something at one of the phones, over real HTTP: in a thread, because the browser's loop has this one."""

        async def done() -> LocalCall:
            async with httpx.AsyncClient(base_url=self.base) as client:
                return await what(LocalCarrier(self.base, TOKEN, ACCOUNT, post_with(client)))  # type: ignore[arg-type]

        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, done()).result()


@pytest.fixture
def ringing(engine_house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ringing]:
    monkeypatch.setattr("bot.phone.local_carrier.PAUSE", 0.0)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    house = rejoined(engine_house, tmp_path, Clock())
    rules = house.agency.phone.model_copy(update={"desk_numbers": (DESK,)})
    carrier = {"twilio_auth_token": TOKEN, "twilio_account_sid": ACCOUNT, "twilio_from": "+46700000001"}
    settings = replace(house.settings, public_url=base, **carrier)
    house = replace(house, settings=settings, agency=house.agency.model_copy(update={"phone": rules}))
    pocket = PocketCarrier()
    phone = phone_of(house, lambda settings: pocket)
    config = uvicorn.Config(
        application(house, phone), port=port, log_level="error", ws="none", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield Ringing(base, house, phone, pocket)
    server.should_exit = True
    thread.join(10)


async def desk_presses_one(carrier: LocalCarrier, name: str) -> LocalCall:
    call = carrier.call(DESK)
    await call.answer(f"/twilio/call-back/desk?c={name}&g=desk")
    with suppress(RuntimeError):  # it is asked to wait, for as long as the other phone rings
        await call.press("1")
    return call


def test_ringing_answered_connected_over(browser: Browser, ringing: Ringing) -> None:
    expect.set_options(timeout=10000)
    kim = at_desk(browser, ringing.base, ringing.house, "Kim")
    asked_for: list[str] = []
    kim.on("request", lambda request: asked_for.append(request.url) if "/call-now" in request.url else None)
    kim.goto(f"{ringing.base}/desk/handover/{ask_for_contact(ringing.house, ContactWindow.ANY_TIME)}")
    kim.locator("form[action$='/claim'] button").click()
    expect(kim.locator("#call")).to_have_count(0)
    kim.locator("form[action$='/call'] button").click()
    said = kim.locator("#call")
    expect(said).to_have_text("Din telefon ringer snart. Svara och tryck 1.")
    assert (said.get_attribute("role"), said.get_attribute("aria-atomic")) == ("status", "true")
    # The page must not move under the hands of somebody who has begun to fill it in.
    kim.locator("input[value=reached]").focus()
    kim.evaluate("window.same = document.getElementById('call')")

    name = ringing.rung(What.RING_DESK, DESK)
    ringing.do(lambda carrier: desk_presses_one(carrier, name))
    expect(said).to_have_text("Personens telefon ringer.")

    ringing.rung(What.RING_PERSON, PERSON)
    address = f"/twilio/call-back/person?c={name}&g=person"
    person = ringing.do(lambda carrier: carrier.call(PERSON).answer(address, "human"))
    expect(said).to_have_text("Någon har svarat och får frågan om det passar.")
    assert Axe().run(kim, options=RULES).response["violations"] == []

    async def presses(carrier: LocalCarrier) -> LocalCall:
        person.carrier = carrier
        return await person.press("1")

    ringing.do(presses)
    expect(said).to_have_text("Ni är ihopkopplade.")

    async def hangs_up(carrier: LocalCarrier) -> LocalCall:
        person.carrier = carrier
        await person.hang_up()
        return person

    ringing.do(hangs_up)
    expect(said).to_have_text("Samtalet är slut. Ni kopplades ihop.")
    assert kim.evaluate("window.same === document.getElementById('call')"), "the same live region all the time"
    assert kim.evaluate("document.activeElement.value") == "reached"
    before = len(asked_for)
    kim.wait_for_timeout(1500)
    assert before == len(asked_for) > 3, "and when it is over nobody asks any more"
    kim.context.close()
