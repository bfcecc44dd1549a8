"""An applicant and caseworkers, each in a browser of their own: claim, talk, pass on, hand back, leave."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bot.composition import House
from tests.browser.desk_helpers import ask_for_chat, at_desk
from tests.browser.test_journey import served, shot, tap

__all__ = ["served"]

WAIT = 20000
SAFE = "Går det bra att skriva just nu?"


@pytest.fixture
def kim(browser: Browser, served: tuple[str, House]) -> Iterator[Page]:
    page = at_desk(browser, *served, "Kim")
    yield page
    page.context.close()


@pytest.fixture
def robin(browser: Browser, served: tuple[str, House]) -> Iterator[Page]:
    page = at_desk(browser, *served, "Robin")
    yield page
    page.context.close()


@pytest.fixture
def person(phone: BrowserContext) -> Page:
    phone.set_default_timeout(WAIT)
    page = phone.new_page()
    page.route("**/*smhi*/**", lambda route: route.fulfill(body="väder"))
    return page


def says(page: Page, text: str) -> None:
    page.fill("#words", text)
    page.locator("#text button").click()


def test_claim_talk_pass_on_hand_back_and_leave(
    served: tuple[str, House], person: Page, kim: Page, robin: Page
) -> None:
    expect.set_options(timeout=WAIT)
    base, _ = served
    ask_for_chat(person, base)
    says(person, "Jag väntar här")  # to a human, before there is one

    # Both desks see it by themselves. Two claims: one has it, the other is told who.
    for desk in (kim, robin):
        expect(desk.locator("form[action$='/claim'] button")).to_have_count(1)
    kim.locator("form[action$='/claim'] button").click(no_wait_after=True)
    expect(person.locator("#messages")).to_contain_text("Kim är här nu")
    kim.wait_for_url("**/desk/handover/*")
    claimed = kim.url
    robin.goto(claimed)
    expect(robin.locator("h1")).to_have_text("En kollega har det här")
    expect(robin.locator("main")).to_contain_text("Kim")
    robin.goto(f"{base}/desk")
    expect(robin.locator("main")).to_contain_text("Kim har det här.")

    # What was written while waiting is there, what was said to the assistant is not.
    expect(kim.locator("#log")).to_contain_text("Jag väntar här")
    assert "Fortsätt" not in (kim.text_content("#log") or "")
    expect(kim.locator("#now")).to_contain_text("bekräft")

    # Both see that the other writes, and that it was read.
    kim.locator("#text").press_sequentially("Hej, jag")
    expect(person.locator("#signs")).to_have_text("Handläggaren skriver …")
    kim.fill("#text", "Hej, jag heter Kim.")
    kim.locator("#write button").click()
    expect(person.locator("#messages")).to_contain_text("Hej, jag heter Kim.")
    expect(kim.locator("#signs")).to_have_text("Ditt senaste meddelande har visats för personen.")
    person.locator("#words").press_sequentially("Hej")
    expect(kim.locator("#signs")).to_have_text("Personen skriver …")
    says(person, "Det är bara till Kim")
    expect(kim.locator("#log")).to_contain_text("Det är bara till Kim")
    expect(person.locator("#signs")).to_have_text("Handläggaren har läst det du skrev.")
    shot(person, "two-1-person")
    shot(kim, "two-2-kim")

    # The person changes the subject: the desk sees it at once, and nothing from the desk shows.
    person.locator("#turn button").click()
    expect(kim.locator("#now")).to_contain_text("bytt ämne")
    expect(kim.locator("button[value=danger_now]")).to_be_disabled()
    expect(kim.locator("#held")).to_be_visible()
    kim.fill("#text", "syns inte bakom")
    kim.locator("#write button").click()
    expect(kim.locator("#signs")).to_have_text("Ditt senaste meddelande har inte visats än.")
    assert "syns inte bakom" not in (person.text_content("body") or "")
    shot(kim, "two-3-covered")


def test_passed_on_handed_back_and_left(served: tuple[str, House], person: Page, kim: Page, robin: Page) -> None:
    expect.set_options(timeout=WAIT)
    base, _ = served
    ask_for_chat(person, base)
    kim.locator("form[action$='/claim'] button").click(no_wait_after=True)
    expect(person.locator("#messages")).to_contain_text("Kim är här nu")
    kim.locator("button[value=good_time]").click()
    expect(person.locator("#messages")).to_contain_text(SAFE)
    says(person, "Det är bara till Kim")
    expect(kim.locator("#log")).to_contain_text("Det är bara till Kim")

    # To a colleague, who must claim it. The person is told who reads what.
    kim.get_by_text("Lämna över till någon annan").click()
    kim.locator("input[value=colleague]").check()
    kim.get_by_role("button", name="Lämna över").click()
    expect(person.locator("#messages")).to_contain_text("Kim lämnar över till en kollega")
    expect(person.locator("#messages")).to_contain_text("syns inte för kollegan")
    says(person, "Hallå?")  # to nobody yet: the assistant stays silent
    expect(person.locator("#messages")).to_contain_text("Hallå?")
    assert "Handläggaren ser det du skriver" not in (person.text_content("#messages") or "")
    expect(robin.locator("#lists")).to_contain_text("Överlämnat till dig")
    robin.locator("form[action$='/claim'] button").click(no_wait_after=True)
    expect(person.locator("#messages")).to_contain_text("Robin är här nu")
    expect(robin.locator("#log")).to_contain_text("Hallå?")
    assert "Det är bara till Kim" not in (robin.text_content("body") or "")

    # Back to the assistant, and to a human again.
    robin.locator("form[action$='/hand-back'] button").click()
    expect(person.locator("#messages")).to_contain_text("lämnat tillbaka samtalet")
    person.locator("#everywhere summary").click()
    person.locator("#everywhere button[value=human]").click()
    tap(person, "chat_now")
    kim.goto(f"{base}/desk")
    kim.locator("form[action$='/claim'] button").click(no_wait_after=True)
    expect(kim.locator("#log")).to_contain_text("Du har tagit samtalet")
    assert "Hallå?" not in (kim.text_content("#log") or "")

    # The person leaves: the desk sees it at once, and what was written is gone from it.
    says(person, "Jag skriver en sak till")
    expect(kim.locator("#log")).to_contain_text("Jag skriver en sak till")
    person.locator("#leave button").click()
    expect(kim.locator("#over")).to_have_text("Har lämnat. Kontakta inte.")
    expect(kim.locator("#write")).to_be_hidden()
    assert "Jag skriver en sak till" not in (kim.text_content("#log") or "")
    kim.goto(f"{base}/desk")
    expect(kim.locator("#lists")).to_contain_text("Har lämnat. Kontakta inte.")
    assert kim.locator("form[action$='/claim']").count() == 0
