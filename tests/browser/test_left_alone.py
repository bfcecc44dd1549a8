"""A caseworker's page goes away in the middle of a chat: the person is told, a colleague takes over, and the talk goes on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bot.composition import House, utc_now
from bot.web import tasks
from bot.web.application import application
from tests.browser.desk_helpers import ask_for_chat, at_desk
from tests.browser.serving import serving
from tests.browser.test_journey import shot
from tests.browser.test_two_browsers import says
from tests.casework.local_server import free_port
from tests.conftest import rejoined

WAIT = 20000
AWAY = "har inte skärmen öppen just nu"


class Later:
    """The clock on the wall, some minutes ahead."""

    def __init__(self) -> None:
        self.by = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.by


@pytest.fixture
def later() -> Later:
    return Later()


@pytest.fixture
def served(
    engine_house: House, tmp_path: Path, later: Later, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[str, House]]:
    monkeypatch.setattr(tasks, "LOOK_FOR_CHANGES_EVERY", 0.3)
    house = rejoined(engine_house, tmp_path, later)
    with serving(application(house), free_port()) as base:
        yield base, house


@pytest.fixture
def person(phone: BrowserContext) -> Page:
    phone.set_default_timeout(WAIT)
    return phone.new_page()


def minutes_pass(later: Later, *pages: Page) -> None:
    """Three minutes, in which these pages of the desk stay open."""
    later.by += timedelta(minutes=3)
    for page in pages:
        page.reload()


def test_the_page_goes_a_colleague_takes_over_and_the_talk_goes_on(
    browser: Browser, served: tuple[str, House], person: Page, later: Later
) -> None:
    expect.set_options(timeout=WAIT)
    base, house = served
    kim, robin = at_desk(browser, base, house, "Kim"), at_desk(browser, base, house, "Robin")
    ask_for_chat(person, base)
    kim.locator("form[action$='/claim'] button").click(no_wait_after=True)
    expect(person.locator("#messages")).to_contain_text("Kim är här nu")
    kim.wait_for_url("**/desk/handover/*")
    says(person, "Hej Kim")
    expect(kim.locator("#log")).to_contain_text("Hej Kim")

    # The lid is shut.
    kim.context.set_offline(True)
    minutes_pass(later, robin)
    expect(person.locator("#messages")).to_contain_text(f"Kim {AWAY}")
    expect(person.locator("#choices button")).to_have_text(["Kontakta mig en annan gång", "Tillbaka till assistenten"])
    shot(person, "left-1-person")
    says(person, "Jag väntar gärna")
    expect(person.locator("#messages")).to_contain_text("Jag väntar gärna")
    expect(robin.locator("section[aria-labelledby=alone]")).to_contain_text("Kim är inte här – 3 min")
    expect(robin).to_have_title("(1) Väntande – Arbetsförmedlingen")
    shot(robin, "left-2-queue")

    robin.locator("form[action$='/take-over'] button").click(no_wait_after=True)
    expect(person.locator("#messages")).to_contain_text("Robin är här nu och tar över efter Kim.")
    expect(person.locator("#choices button")).to_have_count(0)
    expect(robin.locator("#log")).to_contain_text("Jag väntar gärna")
    assert "Hej Kim" not in (robin.text_content("body") or "")
    robin.fill("#text", "Hej, nu är det jag som läser.")
    robin.locator("#write button").click()
    expect(person.locator("#messages")).to_contain_text("nu är det jag som läser")
    shot(robin, "left-3-taken-over")

    # The lid is opened: Kim is told, and what was written is not on that screen any more.
    kim.context.set_offline(False)
    expect(kim.locator("#over")).to_contain_text("Robin har tagit över samtalet medan du inte var här.")
    expect(kim.locator("#write")).to_be_hidden()
    assert "Hej Kim" not in (kim.text_content("body") or "")
    shot(kim, "left-4-kim")

    # Robin closes the tab. The person goes back to the assistant, and nobody finds the chat in the queue.
    robin.close()
    minutes_pass(later)
    expect(person.locator("#messages")).to_contain_text(f"Robin {AWAY}")
    person.locator("#choices button[value=none]").click()
    expect(person.locator("#messages")).to_contain_text("Vill du gå vidare")
    kim.goto(f"{base}/desk")
    expect(kim.locator("section[aria-labelledby=alone]")).to_have_count(0)
    kim.context.close()


def test_who_comes_back_in_time_goes_on(
    browser: Browser, served: tuple[str, House], person: Page, later: Later
) -> None:
    expect.set_options(timeout=WAIT)
    base, house = served
    kim = at_desk(browser, base, house, "Kim")
    ask_for_chat(person, base)
    kim.locator("form[action$='/claim'] button").click(no_wait_after=True)
    expect(person.locator("#messages")).to_contain_text("Kim är här nu")
    expect(kim.locator("#log")).to_contain_text("Du har tagit samtalet")
    chat, context = kim.url, kim.context
    kim.close()
    minutes_pass(later)
    expect(person.locator("#messages")).to_contain_text(f"Kim {AWAY}")
    again = context.new_page()
    again.goto(chat)
    expect(person.locator("#messages")).to_contain_text("Kim är här igen.")
    expect(person.locator("#choices button")).to_have_count(0)
    context.close()
