"""Two sides of a conversation in two browsers: what both tests of the desk do."""

from __future__ import annotations

from playwright.sync_api import Browser, Page

from bot.composition import House
from casework.desk.way_in import home_of
from casework.roles import Role
from screening.events import HandoverKind, HandoverRequested

PASSWORD = "en lång lösenfras"


def at_desk(browser: Browser, base: str, house: House, name: str, role: Role = Role.CASEWORKER, **how: object) -> Page:
    """Somebody's own browser, signed in, on the first page of their role: the queue, for a caseworker."""
    accounts = house.accounts
    accounts.redeem(accounts.link(role), name, PASSWORD)
    page = browser.new_context(locale="sv-SE", **how).new_page()  # type: ignore[arg-type]
    page.set_default_timeout(20000)
    page.goto(f"{base}/desk/sign-in")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.locator("form.card button").click()
    page.wait_for_url(f"{base}{home_of(role)}")
    return page


def tap(page: Page, *choices: str) -> None:
    """Answer with these choices, one after the other."""
    for choice in choices:
        before = page.locator("#conversation").get_attribute("data-reply-to")
        page.locator(f"#choices button[value={choice}]").click()
        page.wait_for_function(
            "b => (document.getElementById('conversation')?.dataset.replyTo ?? '') !== b", arg=before or ""
        )


def ask_for_chat(page: Page, base: str) -> None:
    """From the first page to waiting for a human, alone and with no question asked."""
    page.goto(base)
    tap(page, "continue", "private", "no", "continue", "skip", "no", "continue", "chat_now")


def somebody_waits(house: House) -> str:
    """Somebody who waits to write. Returns the conversation's id."""
    opened = house.intake.open(
        agency=house.agency.id, programme=house.agency.default_programme, channel="web", locale="sv"
    )
    turn = house.intake.begin(opened.id)
    turn.events.append(HandoverRequested(HandoverKind.CHAT, urgent=False))
    house.intake.commit(turn)
    house.bell.changed(opened.id)
    return opened.id
