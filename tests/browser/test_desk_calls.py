"""What stays and what calls at the desk, in a browser: a duty to report after the exit, and the tab when somebody waits."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from bot.composition import House
from screening.events import Outcome
from tests.browser.desk_helpers import at_desk, somebody_waits
from tests.browser.test_journey import served

__all__ = ["served"]


def test_the_tab_says_how_many_wait_and_nothing_of_whom(browser: Browser, served: tuple[str, House]) -> None:
    expect.set_options(timeout=20000)
    base, house = served
    desk = at_desk(browser, base, house, "Kim")
    calm = desk.title()
    assert calm.startswith("Väntande") and "(" not in calm
    expect(desk.locator("#sound")).not_to_be_checked()
    conversation = somebody_waits(house)
    expect(desk).to_have_title(f"(1) {calm}")
    expect(desk.locator("#icon")).to_have_attribute("href", "/desk/static/desk-waiting.svg")
    another = somebody_waits(house)
    expect(desk).to_have_title(f"(2) {calm}")
    for one in (conversation, another):
        house.intake.end(one, Outcome.LEFT)
        house.bell.changed(one)
    expect(desk).to_have_title(calm)
    expect(desk.locator("#icon")).to_have_attribute("href", "/desk/static/desk.svg")


def test_a_duty_to_report_outlives_the_exit(browser: Browser, served: tuple[str, House]) -> None:
    expect.set_options(timeout=20000)
    base, house = served
    desk = at_desk(browser, base, house, "Robin")
    conversation = somebody_waits(house)
    desk.locator("section[aria-labelledby=waiting] .card button").first.click()
    desk.locator("#child summary").click()
    desk.locator("#child input[value=learnt]").check()
    clock = desk.locator(".clock[data-since]")
    expect(clock).to_have_count(1)
    house.intake.end(conversation, Outcome.LEFT)
    house.bell.changed(conversation)
    expect(desk.locator("#over")).to_be_visible()
    link = clock.locator("a")
    expect(link).to_be_visible()
    address = link.get_attribute("href")
    desk.goto(f"{base}/desk")
    desk.locator("section[aria-labelledby=duties] a.button").click()
    desk.wait_for_url(f"{base}{address}")
    expect(desk.locator(f"a[href='{address}/report']")).to_be_visible()
    desk.locator("input[name=how][value=reported]").check()
    desk.locator("form.card button").click()
    desk.wait_for_url(f"{base}/desk")
    expect(desk.locator("section[aria-labelledby=duties]")).to_have_count(0)
