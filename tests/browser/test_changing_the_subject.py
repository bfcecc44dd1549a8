"""One touch or one key, and the page is about the planning; back with the person's word; a page to come back to."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from bot.composition import House
from tests.browser.sample_site import SampleSite
from tests.browser.test_journey import items_on, served, shot, tap
from tests.conversations.test_whole_journey import ITEMS

__all__ = ["served"]


def write(page: Page, text: str) -> None:
    before = page.locator("#conversation").get_attribute("data-reply-to")
    page.fill("#words", text)
    page.locator(".send").click()
    page.wait_for_function("b => document.getElementById('conversation')?.dataset.replyTo !== b", arg=before)


def to_first_item(page: Page, base: str) -> str:
    """With the word "kantarell". Returns the digits."""
    page.goto(base)
    tap(page, "continue", "private", "no", "code")
    shot(page, "code")
    write(page, "kantarell")
    shot(page, "code_kept")
    said = page.locator("#messages").inner_text()
    digits = "".join(c for c in said.split("siffrorna", 1)[1][:6] if c.isdigit())
    tap(page, "continue", "skip", "yes")
    assert items_on(page) == [ITEMS[0]]
    return digits


def test_the_button_and_the_word(phone: BrowserContext, served: tuple[str, House]) -> None:
    page = phone.new_page()
    to_first_item(page, served[0])
    shot(page, "item_with_subject")
    page.locator("#turn button").tap()
    expect(page.locator("#choices button[value=cover_plan]")).to_be_visible()
    assert items_on(page) == []
    shot(page, "cover")
    tap(page, "cover_meeting")
    write(page, "ja jag är ensam")
    expect(page.locator("#choices button[value=cover_plan]")).to_be_visible()
    write(page, "Kantarell")
    expect(page.locator("#choices button[value=private]")).to_be_visible()
    tap(page, "private")
    assert items_on(page) == [ITEMS[0]]


def test_the_key_works_before_any_network(phone: BrowserContext, served: tuple[str, House]) -> None:
    page = phone.new_page()
    to_first_item(page, served[0])
    phone.set_offline(True)
    page.fill("#words", "det är så att han")
    page.keyboard.press("Escape")
    text = page.locator("main").inner_text()
    assert "planering" in text
    assert ITEMS[0] not in text
    assert page.locator("#words").count() == 0
    page.wait_for_timeout(300)
    phone.set_offline(False)
    expect(page.locator("#choices button[value=cover_plan]")).to_be_visible()
    assert items_on(page) == []


def test_a_reload_behind_the_cover_shows_the_cover(phone: BrowserContext, served: tuple[str, House]) -> None:
    page = phone.new_page()
    to_first_item(page, served[0])
    page.locator("#turn button").tap()
    expect(page.locator("#choices button[value=cover_plan]")).to_be_visible()
    page.reload()
    expect(page.locator("#choices button[value=cover_plan]")).to_be_visible()
    assert items_on(page) == []


def test_without_javascript(plain_phone: BrowserContext, served: tuple[str, House]) -> None:
    page = plain_phone.new_page()
    page.goto(served[0])
    for choice in ("continue", "private", "no", "continue", "skip", "yes"):
        page.locator(f"#choices button[value={choice}]").click()
    expect(page.locator("li.item")).to_have_count(1)
    page.locator("#turn button").click()
    expect(page.locator("#choices button[value=cover_plan]")).to_be_visible()
    assert items_on(page) == []


def test_coming_back_on_another_phone(
    phone: BrowserContext, plain_phone: BrowserContext, served: tuple[str, House]
) -> None:
    page = phone.new_page()
    digits = to_first_item(page, served[0])
    other = plain_phone.new_page()
    other.goto(served[0])
    other.locator("a[href='/back']").click()
    shot(other, "back")
    other.fill("#words", f"kantarell {digits}")
    other.locator(".send").click()
    other.locator("#choices button[value=private]").click()
    expect(other.locator("li.item .said")).to_have_text(ITEMS[0])


@pytest.mark.parametrize("status", [409, 503])
def test_it_is_told_until_the_server_has_heard(page: Page, site: SampleSite, status: int) -> None:
    page.context.add_cookies([{"name": "s", "value": "a.b", "url": site.url}])
    page.goto(site.url)
    page.route("**/say", lambda route: route.fulfill(status=status, body="<div id=conversation></div>"), times=2)
    page.locator("#turn button").tap()
    assert "planering" in page.locator("main").inner_text()
    deadline = time.monotonic() + 8
    while not site.said and time.monotonic() < deadline:
        page.wait_for_timeout(50)
    assert [form["choice"] for form in site.said] == ["cover"]
