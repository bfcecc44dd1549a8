"""The queue in a browser while news come: the long list of contacts stays where it is as it was, and goes when it is not."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from bot.composition import House
from safety.safe_contact import ContactWindow
from screening.events import Outcome
from tests.browser.desk_helpers import at_desk, somebody_waits
from tests.browser.test_axe import ask_for_contact
from tests.browser.test_journey import served

__all__ = ["served"]


def test_a_chat_comes_and_the_contacts_stay_until_they_change(browser: Browser, served: tuple[str, House]) -> None:
    expect.set_options(timeout=20000)
    base, house = served
    contact = ask_for_contact(house, ContactWindow.ANY_TIME)
    answers: list[str] = []
    desk = at_desk(browser, base, house, "Kim")
    desk.on("response", lambda answer: answers.append(answer.text()) if "/desk/waiting?" in answer.url else None)
    card, chats = desk.locator(f"#facts-{contact}"), desk.locator("section[aria-labelledby=waiting] .card")
    expect(card).to_have_count(1)
    conversation = somebody_waits(house)
    expect(chats).to_have_count(1)
    expect(card).to_have_count(1)
    assert answers and contact not in answers[-1] and "data-as-known" in answers[-1]
    # The focus is where it was, and one more contact is seen without reloading.
    desk.focus(f"#claim-{contact}")
    another = ask_for_contact(house, ContactWindow.ANY_TIME, urgent=True)
    expect(desk.locator(f"#facts-{another}")).to_have_count(1)
    expect(card).to_have_count(1)
    assert desk.evaluate("document.activeElement.id") == f"claim-{contact}"
    house.intake.end(conversation, Outcome.LEFT)
    expect(chats).to_have_count(0)
    expect(card).to_have_count(1)
