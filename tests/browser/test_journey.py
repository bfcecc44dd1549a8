"""The whole journey in a real browser, served as `enrum serve` serves it, with a caseworker at the desk in another one."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect

from bot.composition import House, utc_now
from bot.web.application import application
from tests.browser.serving import serving
from tests.casework.local_server import free_port
from tests.conftest import rejoined
from tests.conversations.test_whole_journey import ITEMS

SHOTS = os.environ.get("SHOTS")


@pytest.fixture
def served(engine_house: House, tmp_path: Path) -> Iterator[tuple[str, House]]:
    """The application on a port of its own; yields its address and its house."""
    house = rejoined(engine_house, tmp_path, utc_now)
    with serving(application(house), free_port()) as base:
        yield base, house


def tap(page: Page, *choices: str) -> None:
    for choice in choices:
        before = page.locator("#conversation").get_attribute("data-reply-to")
        page.locator(f"#choices button[value={choice}]").click()
        page.wait_for_function(
            "b => (document.getElementById('conversation')?.dataset.replyTo ?? '') !== b", arg=before or ""
        )


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png")


def items_on(page: Page) -> list[str]:
    return [text or "" for text in page.locator("li.item .said").evaluate_all("all => all.map(e => e.textContent)")]


def open_desk(browser: Browser, base: str, house: House) -> Page:
    desk = browser.new_context(locale="sv-SE").new_page()
    desk.set_default_timeout(8000)
    desk.goto(f"{base}/desk/first/{house.accounts.first_link(house.now())}")
    desk.fill("#name", "Kim")
    desk.fill("#password", "en lång lösenfras")
    desk.fill("#again", "en lång lösenfras")
    desk.locator("form.card button").click()
    desk.wait_for_url("**/desk/sign-in*")
    desk.fill("#name", "Kim")
    desk.fill("#password", "en lång lösenfras")
    desk.locator("form button").last.click()
    desk.wait_for_url(f"{base}/desk")
    return desk


def test_everything_yes_and_a_caseworker_answers(
    phone: BrowserContext, browser: Browser, served: tuple[str, House]
) -> None:
    base, house = served
    desk = open_desk(browser, base, house)
    page = phone.new_page()
    page.goto(base)
    assert phone.cookies() == []
    shot(page, "1-welcome")
    tap(page, "continue")
    shot(page, "2-privacy")
    tap(page, "private", "no")
    shot(page, "3-leaving")
    tap(page, "continue")
    shot(page, "4-information")
    tap(page, "skip")
    shot(page, "5-invitation")
    tap(page, "yes")
    shot(page, "6-questions")
    read = []
    while True:
        if page.locator("#choices button[value=private]").count():
            tap(page, "private")
        elif page.locator("li.item").count():
            read += items_on(page)
            tap(page, "yes")
        else:
            break
    assert read == ITEMS
    shot(page, "7-support")
    tap(page, "continue")
    shot(page, "8-handover")
    tap(page, "chat_now", "yes")
    shot(page, "9-waiting")

    desk.reload()
    shot(desk, "desk-1-queue")
    desk.locator("form[action$='/claim'] button").first.click()
    expect(page.locator("#messages")).to_contain_text("Kim")
    shot(desk, "desk-2-claimed")
    assert "Har du blivit hotad" in (desk.text_content("body") or "")
    page.fill("#words", "Hej, kan du hjälpa mig?")
    page.locator("#text button").click()
    expect(desk.locator("body")).to_contain_text("Hej, kan du hjälpa mig?")
    desk.fill("textarea", "Hej! Ja, det kan jag.")
    desk.locator("form[action$='/write'] button").click()
    expect(page.locator("#messages")).to_contain_text("Hej! Ja, det kan jag.")
    shot(page, "10-human")
    shot(desk, "desk-3-chat")
    assert page.locator("#choices button").count() == 0
    desk.locator("form[action$='/end'] button").click()
    expect(page.locator("#choices button[value=finish]")).to_be_visible()
    page.locator("#choices button[value=finish]").click()
    expect(page.locator("#messages")).to_contain_text("historik")
    shot(page, "11-close")
    assert phone.cookies() == []


def test_everything_declined(phone: BrowserContext, served: tuple[str, House]) -> None:
    base, _ = served
    page = phone.new_page()
    page.goto(base)
    tap(page, "continue", "private", "yes", "continue", "skip", "no")
    expect(page.locator("#messages")).to_contain_text("Kvinnofridslinjen")
    shot(page, "declined-support")
    tap(page, "continue")
    page.locator("#choices button[value=none]").click()
    expect(page.locator("#messages")).to_contain_text("historik")
    assert phone.cookies() == []


def test_the_exit_without_a_network_leaves_nothing(phone: BrowserContext, served: tuple[str, House]) -> None:
    base, _ = served
    page = phone.new_page()
    page.goto(base)
    tap(page, "continue", "private", "no", "continue")
    assert phone.cookies() != []
    phone.set_offline(True)
    took, left_over = page.evaluate(
        """() => {
          const button = document.querySelector('#leave button');
          const start = performance.now();
          const {x, y} = button.getBoundingClientRect();
          const finger = {bubbles: true, button: 0, pointerId: 7, clientX: x + 9, clientY: y + 9};
          button.dispatchEvent(new PointerEvent('pointerdown', finger));
          const blank = performance.now() - start;
          if (getComputedStyle(document.body).visibility !== 'hidden') return [blank, -1];
          button.dispatchEvent(new PointerEvent('pointerup', finger));
          return [blank, document.body.childElementCount + document.body.textContent.trim().length];
        }"""
    )
    print(f"blank after {took:.1f} ms, without a network")
    assert left_over == 0
    page.wait_for_timeout(300)
    assert phone.cookies() == []
    phone.set_offline(False)
    with contextlib.suppress(Error):  # the page that was left is gone, and so is where the script ran
        page.evaluate("() => history.back()")
    page.wait_for_timeout(500)
    assert "orolig" not in page.content()


def test_the_exit_ends_the_conversation_on_the_server(phone: BrowserContext, served: tuple[str, House]) -> None:
    base, house = served
    page = phone.new_page()
    page.goto(base)
    tap(page, "continue", "private")
    conversation = phone.cookies()[0]["value"].split(".")[0]
    page.route("**/*smhi*/**", lambda route: route.fulfill(body="väder"))
    page.locator("#leave button").click()
    deadline = time.monotonic() + 5
    while not house.intake.begin(conversation).ended and time.monotonic() < deadline:
        time.sleep(0.05)
    assert house.intake.begin(conversation).outcome == "left"


def test_a_reload_in_mid_answer_loses_and_doubles_nothing(phone: BrowserContext, served: tuple[str, House]) -> None:
    base, _ = served
    page = phone.new_page()
    page.goto(base)
    tap(page, "continue", "private", "no", "continue", "skip", "yes", "yes")
    page.reload()
    assert items_on(page) == []
    tap(page, "private")
    assert items_on(page) == [ITEMS[1]]
    page.locator("#choices button[value=no]").dispatch_event("click")
    page.reload()
    page.reload()
    assert items_on(page) == []
    tap(page, "private")
    assert items_on(page) in ([ITEMS[1]], [ITEMS[2]])


def test_without_javascript(plain_phone: BrowserContext, served: tuple[str, House]) -> None:
    base, _ = served
    page = plain_phone.new_page()
    page.goto(base)
    for choice in ("continue", "private", "no", "continue", "skip", "yes"):
        page.locator(f"#choices button[value={choice}]").click()
    assert items_on(page) == [ITEMS[0]]
    page.route("**/*smhi*/**", lambda route: route.fulfill(body="väder"))
    page.locator("#leave button").click()
    page.wait_for_timeout(500)
    assert "Har du" not in (page.text_content("body") or "")
    assert plain_phone.cookies() == []
