"""The office side of the desk in a browser: a stopped number, the menu, links for accounts, the contents; wide and narrow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.composition import House
from bot.phone.pocket import PocketCarrier
from bot.phone.setting_up import phone_of
from bot.web.application import application
from casework.contact.stops import stop, stopped
from casework.roles import Role
from safety.safe_contact import ContactWindow
from tests.browser.desk_helpers import at_desk
from tests.browser.serving import serving
from tests.browser.test_axe import Checked, ask_for_contact, checked
from tests.casework.local_server import free_port
from tests.conftest import Clock, rejoined
from tests.phone.conftest import ACCOUNT, TOKEN

__all__ = ["checked"]

PERSON, TYPED = "+46700000000", "070-000 00 00"


@pytest.fixture
def office(engine_house: House, tmp_path: Path) -> Iterator[tuple[str, House]]:
    """A served house whose agency lets invitations go by SMS, with a carrier in the pocket. The number said stop."""
    port = free_port()
    house = rejoined(engine_house, tmp_path, Clock())
    rules = house.agency.phone.model_copy(update={"invite_by_sms": True})
    carrier = {"twilio_auth_token": TOKEN, "twilio_account_sid": ACCOUNT, "twilio_from": "+46700000001"}
    settings = replace(house.settings, public_url=f"http://127.0.0.1:{port}", **carrier)
    house = replace(house, settings=settings, agency=house.agency.model_copy(update={"phone": rules}))
    pocket = PocketCarrier()
    with house.records.session() as session:
        stop(session, house.records.keys, PERSON, house.now())
    with serving(application(house, phone_of(house, lambda settings: pocket)), port) as base:
        yield base, house


def is_stopped(house: House) -> bool:
    with house.records.reading() as session:
        return stopped(session, house.records.keys, PERSON)


def no_sideways_scroll(page: Page) -> None:
    """On a phone, too, everything is within the width."""
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (page.url, width)


def lift(page: Page, why: str) -> None:
    page.locator(f"input[name=why][value={why}]").check()
    page.locator("input[name=met]").check()
    page.locator("form[action$='/lift'] button").click()


def test_a_stopped_number_is_seen_and_lifted_with_the_keyboard_and_by_touch(
    browser: Browser, office: tuple[str, House], checked: Checked
) -> None:
    base, house = office
    kim = at_desk(browser, base, house, "Kim")
    handover = ask_for_contact(house, ContactWindow.ANY_TIME)
    kim.reload()
    expect(kim.locator("#later + ol .verdict, section[aria-labelledby=later] .verdict")).to_contain_text(
        "Numret har stoppat sms från oss."
    )
    checked.look(kim, "stopped-queue")
    kim.goto(f"{base}/desk/handover/{handover}")
    kim.locator("form[action$='/claim'] button").click()
    expect(kim.locator("#stop")).to_be_visible()
    checked.look(kim, "stopped-plan")
    no_sideways_scroll(kim)
    kim.locator("form[action$='/lift'] button").click()
    assert is_stopped(house), "the browser itself asks for the reason first"
    lift(kim, "changed_mind")
    expect(kim.locator("[role=status]").first).to_have_text("Stoppet är hävt för det här numret.")
    expect(kim.locator(".verdict")).to_contain_text("Du får ta kontakt nu.")
    checked.look(kim, "lifted-plan")
    assert not is_stopped(house)
    kim.context.close()


def test_inviting_a_stopped_number_from_the_menu(browser: Browser, office: tuple[str, House], checked: Checked) -> None:
    base, house = office
    kim = at_desk(browser, base, house, "Kim")
    kim.locator("nav a", has_text="Ny inbjudan").click()
    kim.wait_for_url(f"{base}/desk/invite")
    checked.look(kim, "invite")
    no_sideways_scroll(kim)
    kim.fill("#case", "850101-1234")
    kim.locator("form[action='/desk/invite'] button").click()
    expect(kim.locator("#problem")).to_contain_text("ser ut som ett personnummer")
    expect(kim.locator("#case")).to_have_value("")
    checked.look(kim, "invite-personal-number")
    kim.fill("#case", "ÄR-123")
    kim.fill("#number", TYPED)
    kim.locator("form[action='/desk/invite'] button").click()
    expect(kim.locator("[role=alert]")).to_contain_text("Numret har stoppat sms från oss.")
    checked.look(kim, "invitation-stopped")
    no_sideways_scroll(kim)
    kim.fill("#number", "070-174 06 05")
    lift(kim, "new_number")
    expect(kim.locator("#problem")).to_contain_text("Det numret har inte stoppat sms från oss.")
    checked.look(kim, "lift")
    kim.fill("#number", TYPED)
    lift(kim, "new_number")
    expect(kim.locator("h1")).to_have_text("Stoppet är hävt")
    expect(kim.locator("[role=status]")).to_have_text("Sms:et är på väg.")
    checked.look(kim, "lifted")
    no_sideways_scroll(kim)
    assert not is_stopped(house)
    kim.context.close()


def test_links_for_accounts_and_the_contents(browser: Browser, office: tuple[str, House], checked: Checked) -> None:
    base, house = office
    tokens = [house.accounts.link(Role.CONSULTANT), house.accounts.link()]
    alex = at_desk(browser, base, house, "Alex", Role.ADMINISTRATOR)
    links = alex.locator("section[aria-labelledby=links-title]")
    expect(links.locator("li")).to_have_count(2)
    checked.look(alex, "account-links")
    no_sideways_scroll(alex)
    links.locator("button").first.click()
    expect(links.locator("li")).to_have_count(1)
    checked.look(alex, "account-link-withdrawn")
    assert sum(house.accounts.link_is_open(token) for token in tokens) == 1

    new = browser.new_context(locale="sv-SE").new_page()
    new.goto(f"{base}/desk/first/{next(token for token in tokens if house.accounts.link_is_open(token))}")
    new.fill("#name", "Karin Ek")
    for field in ("#password", "#again"):
        new.fill(field, "en lång lösenfras")
    new.locator("form.card button").click()
    expect(new.locator("#name")).to_have_value("Karin")
    checked.look(new, "first-name")

    mio = at_desk(browser, base, house, "Mio", Role.COORDINATOR)
    expect(mio.locator(".files a").first).to_have_text("Första skärmen")
    assert mio.locator("section[aria-labelledby=soon] li").count() > 5
    checked.look(mio, "contents")
    no_sideways_scroll(mio)
    mio.locator(".files a").first.click()
    expect(mio.locator("h1")).to_have_text("Första skärmen")
    mio.locator("#text").fill(mio.locator("#text").input_value().replace("Hej!", "Hej där!"))
    mio.locator("form[action*='/file'] button").last.click()
    expect(mio.locator("#confirm .bubble")).to_have_count(6)
    checked.look(mio, "confirm-greeting")
    no_sideways_scroll(mio)
    for page in (alex, new, mio):
        page.context.close()
