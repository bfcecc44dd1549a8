"""No violation of WCAG 2.2 A and AA, by axe-core, on any page of the desk or of the applicant."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bot.composition import House
from bot.web.appearance import TEMPLATES as APPLICANT
from casework.desk.pages import HERE as DESK
from casework.invitations import Claims, Invitations
from casework.roles import Role
from safety.safe_contact import ContactWay, ContactWindow, SafeContactPlan
from screening.events import HandoverKind, HandoverRequested
from tests.browser.desk_helpers import PASSWORD, ask_for_chat, at_desk, somebody_waits, tap
from tests.browser.test_journey import served, shot

__all__ = ["served"]

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
PIECES = {"base", "parts", "lists", "messages", "now", "clock", "checklists", "message", "help", "conversation"}
PIECES |= {"nav", "admin_parts", "new_plan", "call_now", "taken"}
"""Templates that are part of another page."""


class Checked:
    """Pages that axe has looked at, by name. Each on a wide and a narrow screen, light and dark."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.found: list[str] = []

    def look(self, page: Page, name: str) -> None:
        self.names.add(name)
        page.wait_for_load_state("load")  # without its style sheet a page is judged as nobody sees it
        size = page.viewport_size
        for width, scheme in ((1280, "light"), (390, "dark")):
            page.set_viewport_size({"width": width, "height": 844})
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            for violation in Axe().run(page, options=RULES).response["violations"]:
                where = ", ".join(str(node["target"]) for node in violation["nodes"][:3])
                self.found.append(f"{name} {width} {scheme}: {violation['id']}: {where}")
            shot(page, f"axe-{name}-{width}")
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(size or {"width": 1280, "height": 720})


@pytest.fixture
def checked() -> Iterator[Checked]:
    checked = Checked()
    yield checked
    assert checked.found == []


def templates(folder: object) -> set[str]:
    return {path.stem for path in folder.glob("*.html")} - PIECES  # type: ignore[attr-defined]


def ask_for_contact(house: House, window: ContactWindow, *, urgent: bool = False) -> str:
    """Somebody who wants to be contacted, with a plan. Returns the handover's id."""
    opened = house.intake.open(
        agency=house.agency.id, programme=house.agency.default_programme, channel="web", locale="ar"
    )
    plan = SafeContactPlan(
        way=ContactWay.CALL,
        number="+46700000000",
        window=window,
        voicemail=False,
        say_agency=False,
        code_word="blåbär",
        expires_at=house.now() + timedelta(days=10),
    )
    turn = house.intake.begin(opened.id)
    turn.events.append(HandoverRequested(HandoverKind.CONTACT, urgent=urgent, plan=plan))
    house.intake.commit(turn)
    assert turn.handover is not None
    return turn.handover.id


def test_every_page_of_the_desk(
    browser: Browser, phone: BrowserContext, served: tuple[str, House], checked: Checked
) -> None:
    base, house = served
    link = house.accounts.link()
    kim = at_desk(browser, base, house, "Kim")
    other = browser.new_context(locale="sv-SE").new_page()
    other.goto(f"{base}/desk/sign-in")
    checked.look(other, "sign_in")
    other.goto(f"{base}/desk/first/{link}")
    checked.look(other, "first")
    checked.look(kim, "queue")

    ask_for_contact(house, ContactWindow.MORNING, urgent=True)
    contact = ask_for_contact(house, ContactWindow.AFTERNOON)
    person = phone.new_page()
    robin = house.accounts.redeem(house.accounts.link(Role.CONSULTANT), "Robin", PASSWORD)
    somebody_waits(house)
    house.handovers.claim(house.handovers.queue(robin).waiting[0].id, robin)  # and has no page open
    ask_for_chat(person, base)
    kim.reload()
    kim.locator("section[aria-labelledby=alone] form button").wait_for()
    checked.look(kim, "queue")
    house.accounts.sign_in("Robin", PASSWORD)
    kim.locator("section[aria-labelledby=waiting] form button").click(no_wait_after=True)
    expect(kim.locator("#log")).to_contain_text("Du har tagit samtalet", timeout=20000)
    kim.fill("#text", "Hej!")
    kim.locator("#write button").click()
    expect(kim.locator("#log")).to_contain_text("Hej!", timeout=20000)
    kim.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    kim.locator("#child input[value=learnt]").check()
    expect(kim.locator("#child .clock")).to_be_visible(timeout=20000)
    checked.look(kim, "chat")
    chat = kim.url
    kim.goto(f"{chat}/next")
    kim.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    checked.look(kim, "next")
    kim.goto(f"{chat}/report/child")
    checked.look(kim, "report")
    kim.goto(chat)
    kim.locator("form[action$='/end'] button").click()
    kim.locator("#anyway").wait_for()
    checked.look(kim, "not_reported")
    kim.goto(f"{base}/desk/duty/{chat.rsplit('/', 1)[1]}")
    checked.look(kim, "duty")
    kim.goto(f"{base}/desk/handover/{contact}")
    kim.locator("main form button").last.click()
    checked.look(kim, "contact")
    kim.goto(f"{base}/desk/password")
    checked.look(kim, "password")
    kim.goto(f"{base}/desk/handover/nowhere")
    checked.look(kim, "calm")
    kim.locator("button[lang=en]").click()
    kim.goto(f"{base}/desk")
    assert kim.locator("html").get_attribute("lang") == "en"
    checked.look(kim, "queue")
    look_at_inviting(kim, base, checked)
    look_at_accounts_and_contents(browser, base, house, checked)
    look_at_the_second_step(kim, base, checked)
    # What comes back from the agency's own sign-in service is looked at in test_outside.py, which has such a service, and
    # what lifts a number's stop in test_office.py, which has a carrier.
    assert templates(DESK / "templates") - {"outside", "lift"} <= checked.names


def look_at_inviting(kim: Page, base: str, checked: Checked) -> None:
    kim.goto(f"{base}/desk/follow-ups")
    checked.look(kim, "follow_ups")
    kim.goto(f"{base}/desk/invite")
    checked.look(kim, "invite")
    kim.fill("#case", "AF-1")
    kim.locator("form[action='/desk/invite'] button").click()
    kim.locator("form[action='/desk/invite/qr']").wait_for()
    checked.look(kim, "invitation")


def look_at_accounts_and_contents(browser: Browser, base: str, house: House, checked: Checked) -> None:
    alex = at_desk(browser, base, house, "Alex", Role.ADMINISTRATOR)
    alex.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    checked.look(alex, "accounts")
    mio = at_desk(browser, base, house, "Mio", Role.COORDINATOR)
    checked.look(mio, "contents")
    mio.goto(f"{base}/desk/contents/file?path=content/sv/welcome.yml")
    checked.look(mio, "content")
    for page in ("form?path=support/national.yml&item=lines.1", "form?path=content/sv/welcome.yml&item=welcome.hello"):
        mio.goto(f"{base}/desk/contents/{page}")
        mio.locator("form.sheet button").wait_for()
        checked.look(mio, "sheet")
    mio.goto(f"{base}/desk/contents/form?path=support/national.yml&item=lines.1")
    mio.locator("form.sheet input[value='020-50 50 50']").fill("020-50 50 51")
    mio.locator("form.sheet input[name$='.verified_on']").fill(date.today().isoformat())
    mio.locator("form.sheet button").last.click()
    mio.locator("#confirm").wait_for()
    checked.look(mio, "confirm")
    mio.goto(f"{base}/desk/contents/roster")
    mio.fill("input[name='hours.monday.0']", "18:00")
    mio.locator("form.sheet button").click()
    mio.locator("#problem").wait_for()
    checked.look(mio, "sheet")
    mio.goto(f"{base}/desk/contents/preview")
    mio.locator(".choices a").first.click()
    checked.look(mio, "preview")


def look_at_the_second_step(kim: Page, base: str, checked: Checked) -> None:
    kim.goto(f"{base}/desk/second-step")
    checked.look(kim, "second_step")
    secret = kim.locator("main p code").inner_text().replace(" ", "")
    kim.fill("#code", pyotp.TOTP(secret).now())
    kim.locator("form[action='/desk/second-step'] button").click()
    kim.locator(".codes").wait_for()
    checked.look(kim, "codes")
    kim.goto(f"{base}/desk")
    kim.locator("form[action='/desk/sign-out'] button").click()
    kim.fill("#name", "Kim")
    kim.fill("#password", PASSWORD)
    kim.locator("form.card button").click()
    kim.wait_for_url(f"{base}/desk/code")
    checked.look(kim, "code")


def test_every_page_of_the_applicant(phone: BrowserContext, served: tuple[str, House], checked: Checked) -> None:
    base, house = served
    person = phone.new_page()
    person.set_default_timeout(20000)
    person.goto(base)
    checked.look(person, "page")
    tap(person, "continue")
    checked.look(person, "page")
    tap(person, "private", "no", "continue")
    checked.look(person, "page")
    tap(person, "skip", "yes")
    checked.look(person, "page")
    tap(person, "skip") if person.locator("#choices button[value=skip]").count() else None
    person.locator("#everywhere summary").click()
    checked.look(person, "page")
    person.locator("#everywhere button[value=human]").click()
    person.locator("#choices button[value=contact_me]").wait_for()
    tap(person, "contact_me")
    person.goto(f"{base}/back")
    checked.look(person, "back")
    person.goto(f"{base}/nowhere")
    checked.look(person, "calm")
    claims = Claims(case="AF-1", programme=house.agency.default_programme)
    token = Invitations(house.records, house.now).issue(claims).token
    phone.clear_cookies()
    person.goto(f"{base}/i/{token}")
    checked.look(person, "invited")
    # The page after leaving is blank on purpose: there is nothing on it to look at.
    assert templates(APPLICANT) - {"leave"} <= checked.names
