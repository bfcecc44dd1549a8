"""A caseworker's tasks, done in the browser, with the clicks of each counted: few, and none of them a riddle."""

from __future__ import annotations

import re
from collections import Counter

from playwright.sync_api import Browser, Locator, expect

from bot.composition import House
from bot.phone.local_carrier import LocalCall, LocalCarrier
from bot.settings import PROJECT
from casework.caseworker import Caseworker
from casework.contact.orders import What
from safety.safe_contact import ContactWay, ContactWindow
from tests.browser.desk_helpers import at_desk
from tests.browser.test_axe import ask_for_contact
from tests.browser.test_call_now import DESK, PERSON, Ringing, desk_presses_one, ringing
from tests.browser.test_journey import served, shot

__all__ = ["ringing", "served"]

WAIT = 20000
TASKS = (
    "find the one in danger",
    "claim",
    "see that voicemail is forbidden",
    "book a safe call for now, by the exchange",
    "book a safe call for another time, as agreed with the person",
    "tick the report, and back to the case",
    "note how it went",
)


class Clicks:
    """Counts by task. A task without a click counts too."""

    def __init__(self) -> None:
        self.of: Counter[str] = Counter()
        self._task = ""

    def begin(self, task: str) -> None:
        self._task = task
        self.of[task] += 0

    def on(self, what: Locator) -> None:
        self.of[self._task] += 1
        what.click()


def documented() -> dict[str, int]:
    """What docs/desk.md says of the tasks."""
    rows = re.findall(r"^\| (.+?) \| (\d+) \|", (PROJECT / "docs/desk.md").read_text("utf-8"), re.M)
    return {task: int(n) for task, n in rows}


def the_person_says_not_now(ringing: Ringing) -> None:
    """Both phones ring, and whoever answers presses 2."""
    name = ringing.rung(What.RING_DESK, DESK)
    ringing.do(lambda carrier: desk_presses_one(carrier, name))
    ringing.rung(What.RING_PERSON, PERSON)

    async def not_now(carrier: LocalCarrier) -> LocalCall:
        call = carrier.call(PERSON)
        await call.answer(f"/twilio/call-back/person?c={name}&g=person", "human")
        return await call.press("2")

    ringing.do(not_now)


def test_from_the_queue_to_a_safe_call_and_a_report(browser: Browser, ringing: Ringing) -> None:
    expect.set_options(timeout=WAIT)
    base, house, clicks = ringing.base, ringing.house, Clicks()
    for _ in range(3):
        ask_for_contact(house, ContactWindow.ANY_TIME)
    danger = ask_for_contact(house, ContactWindow.ANY_TIME, urgent=True)
    desk = at_desk(browser, base, house, "Kim")

    clicks.begin("find the one in danger")  # the first card, and it says so
    first = desk.locator("#lists .card").first
    expect(first).to_contain_text("Brådskande")

    clicks.begin("claim")
    clicks.on(first.get_by_role("button", name="Ta hand om"))
    expect(desk).to_have_url(f"{base}/desk/handover/{danger}")

    clicks.begin("see that voicemail is forbidden")  # on the strip
    expect(desk.get_by_text("Lämna inget meddelande i röstbrevlådan.")).to_be_in_viewport()
    shot(desk, "task-1-plan")

    clicks.begin("book a safe call for now, by the exchange")
    clicks.on(desk.locator("form[action$='/call'] button"))
    expect(desk.locator("#call")).to_have_text("Din telefon ringer snart. Svara och tryck 1.")
    the_person_says_not_now(ringing)
    expect(desk.locator("#call")).to_contain_text("valde att det inte passade")

    clicks.begin("book a safe call for another time, as agreed with the person")
    plan = desk.locator("form[action$='/plan']")
    clicks.on(desk.locator("details summary", has_text="Ny överenskommelse"))
    clicks.on(plan.locator("input[name=way][value=call]"))
    clicks.on(plan.locator("input[name=number]"))
    desk.keyboard.type("070-000 00 00")
    clicks.on(plan.locator("input[name=window][value=afternoon]"))
    clicks.on(plan.get_by_role("button"))
    expect(desk.get_by_text("Ta inte kontakt nu.")).to_be_visible()
    shot(desk, "task-2-another-time")

    clicks.begin("tick the report, and back to the case")
    clicks.on(desk.get_by_role("link", name="Vad gör jag nu?"))
    clicks.on(desk.locator("#child > summary"))
    clicks.on(desk.locator("#child input[value=learnt]"))
    expect(desk.locator("#child .clock")).to_contain_text("0 tim 0 min")
    clicks.on(desk.locator("#child input[value=reported]"))
    expect(desk.locator("#child .clock-done")).to_be_visible()
    shot(desk, "task-3-report")
    clicks.on(desk.get_by_role("link", name="Tillbaka till ärendet"))

    clicks.begin("note how it went")
    clicks.on(desk.locator("input[name=how][value=not_reached]"))
    clicks.on(desk.get_by_role("button", name="Spara", exact=True))
    expect(desk.locator("section[aria-labelledby=follow_ups]")).to_contain_text("Gick inte att nå förra gången")

    # And it is so.
    (kim,) = house.handovers.passing_on.colleagues()
    follow_ups = house.handovers.queue(Caseworker(kim.id, kim.name, kim.role)).follow_ups
    contact = next(one.contact for one in follow_ups if one.id == danger)
    assert contact is not None
    assert (contact.way, contact.window, contact.voicemail) == (ContactWay.CALL, ContactWindow.AFTERNOON, False)
    assert house.handovers.ticking.work(danger).reported
    print(*(f"{n} {task}" for task, n in clicks.of.items()), sep="\n")
    assert tuple(clicks.of) == TASKS
    assert dict(clicks.of) == {task: n for task, n in documented().items() if task in TASKS}


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
