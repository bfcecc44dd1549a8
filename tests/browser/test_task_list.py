"""A caseworker's tasks, done in the browser, with the clicks counted: few, and none of them a riddle."""

from __future__ import annotations

from playwright.sync_api import Browser, Locator, expect

from bot.composition import House
from safety.safe_contact import ContactWindow
from tests.browser.desk_helpers import at_desk
from tests.browser.test_axe import ask_for_contact
from tests.browser.test_journey import served, shot

__all__ = ["served"]

WAIT = 20000
MOST_CLICKS = 8


def test_the_one_in_danger_first_voicemail_forbidden_and_the_report_ticked(
    browser: Browser, served: tuple[str, House]
) -> None:
    expect.set_options(timeout=WAIT)
    base, house = served
    for _ in range(3):
        ask_for_contact(house, ContactWindow.ANY_TIME)
    danger = ask_for_contact(house, ContactWindow.ANY_TIME, urgent=True)
    desk = at_desk(browser, base, house, "Kim")
    clicks = 0

    def click(what: Locator) -> None:
        nonlocal clicks
        clicks += 1
        what.click()

    # Find the one in danger: the first card among those who wait for contact, and it says so. Claim it.
    first = desk.locator("#lists .card").first
    expect(first).to_contain_text("Brådskande")
    click(first.get_by_role("button", name="Ta hand om"))
    expect(desk).to_have_url(f"{base}/desk/handover/{danger}")
    # See that voicemail is forbidden: on the strip, without a click.
    expect(desk.get_by_text("Lämna inget meddelande i röstbrevlådan.")).to_be_in_viewport()
    shot(desk, "task-1-plan")
    # Tick the report.
    click(desk.get_by_role("link", name="Vad gör jag nu?"))
    click(desk.locator("#child > summary"))
    click(desk.locator("#child input[value=learnt]"))
    expect(desk.locator("#child .clock")).to_contain_text("0 tim 0 min")
    click(desk.locator("#child input[value=reported]"))
    expect(desk.locator("#child .clock-done")).to_be_visible()
    shot(desk, "task-2-report")
    # Say how the call went: it is to be tried again, as agreed.
    click(desk.get_by_role("link", name="Tillbaka till ärendet"))
    click(desk.locator("input[name=how][value=not_reached]"))
    click(desk.get_by_role("button", name="Spara"))
    expect(desk.locator("section[aria-labelledby=follow_ups]")).to_contain_text("Gick inte att nå förra gången")
    assert house.handovers.ticking.work(danger).reported
    print(f"{clicks} clicks")
    assert clicks <= MOST_CLICKS


def test_with_the_keyboard_alone(browser: Browser, served: tuple[str, House]) -> None:
    """From the queue to a claimed case and a tick: Tab, Enter and Space reach everything, in the order of the page."""
    expect.set_options(timeout=WAIT)
    base, house = served
    danger = ask_for_contact(house, ContactWindow.ANY_TIME, urgent=True)
    desk = at_desk(browser, base, house, "Kim")

    def tab_to(selector: str, most: int = 60) -> None:
        for _ in range(most):
            desk.keyboard.press("Tab")
            if desk.evaluate("s => document.activeElement.matches(s)", selector):
                return
        raise AssertionError(f"{selector} cannot be reached with Tab")

    tab_to(".skip", most=1)
    tab_to(f"#claim-{danger}")
    desk.keyboard.press("Enter")
    expect(desk).to_have_url(f"{base}/desk/handover/{danger}")
    tab_to("a[href$='/next']")
    desk.keyboard.press("Enter")
    expect(desk.locator("#child > summary")).to_be_visible()
    tab_to("#child > summary")
    desk.keyboard.press("Enter")
    tab_to("#child input[value=learnt]")
    desk.keyboard.press("Space")
    expect(desk.locator("#child .clock")).to_be_visible()
    assert house.handovers.ticking.work(danger).report_is_due
