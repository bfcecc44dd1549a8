"""First and last screens on the real site: that somebody will come back, came back, or is to be called."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select

from bot.composition import House
from casework.records import Conversation, Handover
from casework.requests import HandoverStatus
from tests.browser.test_changing_the_subject import to_first_item, write
from tests.browser.test_journey import served, shot, tap

__all__ = ["served"]
pytestmark = pytest.mark.browser
TELLS = ("tillbaka", "fortfarande", "siffror", "kantarell", "ditt ord")


def test_nothing_tells_that_somebody_goes_to_come_back(
    phone: BrowserContext, plain_phone: BrowserContext, served: tuple[str, House]
) -> None:
    page = phone.new_page()
    digits = to_first_item(page, served[0])
    page.locator("#everywhere summary").click()
    page.locator("#everywhere button[value=later]").click()
    page.locator("#choices button[value=pause]").click()
    expect(page.locator("#messages")).to_contain_text("Du kan stänga sidan nu.")
    shot(page, "paused")
    last = page.locator("main").inner_text().casefold()
    assert [word for word in (*TELLS, digits) if word in last] == []
    assert phone.cookies() == []

    other = plain_phone.new_page()
    other.goto(f"{served[0]}/back")
    other.fill("#words", f"kantarell {digits}")
    other.locator(".send").click()
    expect(other.locator("#messages")).to_contain_text("Jag är en automatisk assistent")
    shot(other, "came_back")
    first = other.locator("main").inner_text().casefold()
    assert [word for word in (*TELLS, digits) if word in first] == []


def agreed(page: Page, base: str) -> None:
    page.goto(base)
    tap(page, "continue", "not_private", "contact_me", "call")
    write(page, "0701740605")
    tap(page, "morning", "no", "no", "skip", "yes")
    expect(page.locator("#messages")).to_contain_text("Trycker du på Lämna tar du tillbaka det här")
    shot(page, "agreed")


def stands(house: House) -> tuple[str, bool]:
    """How the request to be contacted stands, and whether nobody may make contact."""
    with house.records.reading() as session:
        handover = session.scalars(select(Handover)).one()
        conversation = session.get(Conversation, handover.conversation_id)
        assert conversation is not None
        return str(handover.status), conversation.do_not_contact


def test_finish_keeps_what_was_agreed_also_when_the_page_is_left_after_it(
    phone: BrowserContext, served: tuple[str, House]
) -> None:
    page = phone.new_page()
    agreed(page, served[0])
    session = phone.cookies()[0]["value"]
    tap(page, "finish")
    expect(page.locator("#messages")).to_contain_text("nu är vi klara")
    assert stands(served[1]) == (HandoverStatus.WAITING.value, False)
    page.route("**/*smhi*/**", lambda route: route.fulfill(body="väder"))
    page.locator("#leave button").tap()
    phone.request.post(f"{served[0]}/leave", form={"s": session})
    assert stands(served[1]) == (HandoverStatus.WAITING.value, False)


def test_leaving_takes_it_back(phone: BrowserContext, served: tuple[str, House]) -> None:
    page = phone.new_page()
    agreed(page, served[0])
    page.route("**/*smhi*/**", lambda route: route.fulfill(body="väder"))
    page.locator("#leave button").tap()
    deadline = time.monotonic() + 8
    while stands(served[1]) != (HandoverStatus.LEFT.value, True):
        assert time.monotonic() < deadline, "what was agreed stands after leaving"
        time.sleep(0.05)
