"""Leaving the page (promise P6): blank before any network call, total, and Back brings nothing back."""

from __future__ import annotations

import time
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.sample_site import SampleSite, choice

pytestmark = pytest.mark.browser

# Tells the test what is on the screen when something happens. The page has to tell: a browser with a navigation under
# way answers no questions about the old page.
WATCH = """
const told = (what) => window.tell({ what, text: document.body.textContent.trim(), title: document.title,
  ground: getComputedStyle(document.documentElement).backgroundColor, after: performance.now() - tapped });
let tapped = 0;
addEventListener("pointerdown", (event) => {
  if (!event.target.closest("#leave")) return;
  tapped = event.timeStamp;
  requestAnimationFrame(() => requestAnimationFrame(() => told("painted")));
  setInterval(() => told("later"), 100);
}, true);
const beacon = navigator.sendBeacon.bind(navigator);
navigator.sendBeacon = (...all) => { told("beacon"); return beacon(...all); };
const plain = window.fetch.bind(window);
window.fetch = (...all) => { if (tapped) told("fetch"); return plain(...all); };
"""


def watched(page: Page) -> list[dict[str, Any]]:
    """Fills up with what the page tells from the tap on the way out."""
    seen: list[dict[str, Any]] = []
    page.expose_function("tell", lambda told: seen.append(told))
    page.add_init_script(WATCH)
    return seen


def begin(page: Page, site: SampleSite) -> None:
    page.goto(f"{site.url}/enter", wait_until="load")
    expect(page.get_by_text("automatisk assistent")).to_be_visible()


def tap_exit(page: Page) -> None:
    """Taps without waiting for what the tap leads to."""
    box = page.get_by_role("button", name="Lämna").bounding_box()
    assert box
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def left(site: SampleSite) -> bool:
    deadline = time.monotonic() + 5
    while not site.left and time.monotonic() < deadline:
        time.sleep(0.02)
    return bool(site.left)


def test_blank_before_any_network_call_with_the_network_stopped(page: Page, site: SampleSite) -> None:
    seen = watched(page)
    begin(page, site)
    site.silent = True
    tap_exit(page)
    page.wait_for_timeout(500)
    assert [told["what"] for told in seen][:2] == ["beacon", "painted"]
    assert {told["text"] for told in seen} == {""}
    assert {told["ground"] for told in seen} == {"rgb(255, 255, 255)"}
    assert {told["title"] for told in seen} == {site.words["loading"]}
    assert page.context.cookies() == []
    print(f"\ntap to beacon {seen[0]['after']:.1f} ms, tap to blank frame {seen[1]['after']:.1f} ms")
    assert seen[1]["after"] < 250


def test_leaving_is_total(page: Page, site: SampleSite) -> None:
    begin(page, site)
    page.evaluate("localStorage.setItem('other', '1'); sessionStorage.setItem('other', '1')")
    page.get_by_role("button", name="Ja", exact=True).tap()
    expect(page.get_by_text("Tack för svar 1.")).to_be_visible()
    tap_exit(page)
    page.wait_for_url("**/weather")
    assert left(site) and site.left == [{"s": "token-1"}]
    assert page.context.storage_state() == {"cookies": [], "origins": []}


def test_page_stores_nothing_while_one_talks(page: Page, site: SampleSite) -> None:
    begin(page, site)
    page.get_by_label("Eller skriv med egna ord").fill("mina ord")
    page.get_by_role("button", name="Skicka").tap()
    expect(page.get_by_text("Tack för svar 1.")).to_be_visible()
    stored = """async () => [localStorage.length, sessionStorage.length, (await indexedDB.databases()).length,
        (await caches.keys()).length, (await navigator.serviceWorker.getRegistrations()).length,
        JSON.stringify(history.state)]"""
    assert page.evaluate(stored) == [0, 0, 0, 0, 0, "null"]
    assert [cookie["name"] for cookie in page.context.cookies()] == ["s"]


def test_leaving_without_a_network_ends_here_and_back_shows_nothing(page: Page, site: SampleSite) -> None:
    page.goto(f"{site.url}/weather")
    begin(page, site)
    page.context.set_offline(True)
    tap_exit(page)
    page.wait_for_timeout(500)
    assert "assistent" not in page.content()
    assert page.context.cookies() == []
    page.context.set_offline(False)
    page.go_back(wait_until="commit")
    assert page.url.endswith("/weather")
    assert "assistent" not in page.content()
    page.goto(site.url)
    expect(page.get_by_text("Det finns inget här.")).to_be_visible()


def test_back_after_leaving_goes_past_the_conversation(page: Page, site: SampleSite) -> None:
    page.goto(f"{site.url}/weather?before")
    begin(page, site)
    tap_exit(page)
    page.wait_for_url(site.view["exit_to"])
    page.go_back(wait_until="commit")
    assert page.url.endswith("/weather?before")


def test_page_kept_by_the_browser_for_back_holds_no_text(phone: BrowserContext, site: SampleSite) -> None:
    """The page is allowed into the Back cache here on purpose; the real one also says no-store."""
    site.no_store = False
    page = phone.new_page()
    shown: list[str] = []
    page.on("console", lambda line: shown.append(line.text))
    page.add_init_script(
        "addEventListener('pageshow', (event) => event.persisted && console.log('kept:' + document.body.textContent))"
    )
    begin(page, site)
    site.view["messages"] = site.view["messages"][:1]
    page.goto(f"{site.url}/weather")
    page.go_back(wait_until="commit")
    expect(page.get_by_text("automatisk assistent")).to_be_visible()
    assert "kept:" in shown, "the browser did not keep the page, so this test proves nothing"
    assert "ordagrant" not in page.content()


def test_answer_on_its_way_cannot_bring_words_back(page: Page, site: SampleSite) -> None:
    seen = watched(page)
    site.delay = 0.4
    begin(page, site)
    page.get_by_role("button", name="Ja", exact=True).tap()
    page.wait_for_timeout(100)
    site.silent = True  # only for what comes from now on: the answer is already with the server
    tap_exit(page)
    page.wait_for_timeout(1200)
    assert len(site.said) == 1 and len(seen) > 8
    assert {told["text"] for told in seen} == {""}


@pytest.mark.parametrize(
    "keys",
    [["ShiftLeft"] * 3, ["ShiftRight"] * 3, ["ShiftLeft", "ShiftRight", "ShiftLeft"], ["Shift+a", *["ShiftLeft"] * 3]],
    ids=" ".join,
)
def test_shift_three_times_leaves(page: Page, site: SampleSite, keys: list[str]) -> None:
    begin(page, site)
    page.get_by_label("Eller skriv med egna ord").focus()
    for key in keys:
        page.keyboard.press(key)
    page.wait_for_url("**/weather")
    assert left(site)


@pytest.mark.parametrize(
    "keys",
    [
        ["Shift+A", "Shift+B", "Shift+C", "Shift+D"],
        ["ShiftLeft", "ShiftLeft", "a", "ShiftLeft"],
        ["Alt+Shift", "Alt+Shift", "Alt+Shift"],
        ["ShiftLeft", "ShiftLeft", "Shift+Tab", "ShiftLeft"],
    ],
    ids=" ".join,
)
def test_shift_that_does_something_else_stays(page: Page, site: SampleSite, keys: list[str]) -> None:
    begin(page, site)
    page.get_by_label("Eller skriv med egna ord").focus()
    for key in keys:
        page.keyboard.press(key)
    page.wait_for_timeout(200)
    expect(page.get_by_text("automatisk assistent")).to_be_visible()
    assert site.left == []


@pytest.mark.parametrize("held", ["Alt", "Control", "Meta"])
def test_shift_beside_a_held_key_stays(page: Page, site: SampleSite, held: str) -> None:
    """Alt+Shift again and again is how one looks for the right keyboard language."""
    begin(page, site)
    page.keyboard.down(held)
    for _ in range(4):
        page.keyboard.press("ShiftLeft")
    page.wait_for_timeout(200)
    expect(page.get_by_text("automatisk assistent")).to_be_visible()
    assert site.left == []


def test_three_presses_spread_over_more_than_five_seconds_stay(page: Page, site: SampleSite) -> None:
    page.clock.install()
    begin(page, site)
    for count in ("1", "2"):
        page.keyboard.press("ShiftLeft")
        expect(page.locator("#presses")).to_have_attribute("data-count", count)
    page.clock.run_for(5100)
    expect(page.locator("#presses")).to_have_attribute("data-count", "0")
    page.keyboard.press("ShiftLeft")
    page.wait_for_timeout(200)
    assert site.left == []
    expect(page.get_by_text("automatisk assistent")).to_be_visible()


def test_leaving_by_a_choice_is_blank_before_the_network_too(page: Page, site: SampleSite) -> None:
    site.view["choices"].append(choice("exit", "Lämna sidan", everywhere=True))
    begin(page, site)
    page.get_by_text("Fler val").tap()
    page.get_by_role("button", name="Lämna sidan").tap()
    page.wait_for_url("**/weather")
    assert left(site) and site.said == []


def test_leaving_by_words_is_total(page: Page, site: SampleSite) -> None:
    begin(page, site)
    page.get_by_label("Eller skriv med egna ord").fill("sluta")
    page.get_by_role("button", name="Skicka").tap()
    page.wait_for_url("**/weather")
    assert left(site) and page.context.cookies() == []
    page.go_back(wait_until="commit")
    assert "assistent" not in page.content()


def test_enter_on_the_button_leaves(page: Page, site: SampleSite) -> None:
    begin(page, site)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/weather")
    assert left(site)


def test_covered_page_can_be_left(page: Page, site: SampleSite) -> None:
    begin(page, site)
    page.evaluate(
        """Object.defineProperty(document, "visibilityState", { value: "hidden" });
        document.dispatchEvent(new Event("visibilitychange"))"""
    )
    tap_exit(page)
    page.wait_for_url("**/weather")
    assert left(site)


# ---- a finger that slides away


class Finger:
    """A real touch, by the browser's own protocol: it scrolls where a finger would."""

    def __init__(self, page: Page) -> None:
        self._cdp = page.context.new_cdp_session(page)

    def _send(self, what: str, *points: tuple[float, float]) -> None:
        touches = [{"x": x, "y": y} for x, y in points]
        self._cdp.send("Input.dispatchTouchEvent", {"type": what, "touchPoints": touches})

    def down(self, x: float, y: float) -> None:
        self._send("touchStart", (x, y))

    def move(self, x: float, y: float) -> None:
        self._send("touchMove", (x, y))

    def up(self) -> None:
        self._send("touchEnd")


def middle(page: Page) -> tuple[float, float]:
    box = page.get_by_role("button", name="Lämna").bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def visible_text(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).visibility === 'hidden' ? '' : document.body.innerText"))


@pytest.mark.parametrize("way", [(0, 60), (-60, 0)], ids=["scroll", "aside"])
def test_a_finger_that_slides_away_leaves_nothing_and_shows_nothing(
    page: Page, site: SampleSite, way: tuple[int, int]
) -> None:
    for number in range(20):
        site.add(f"Meddelande {number}. " * 5)
    begin(page, site)
    finger, (x, y) = Finger(page), middle(page)
    finger.down(x, y)
    assert visible_text(page) == "" and "assistent" not in page.locator("main").inner_html()
    site.view |= {
        "messages": [{**site.view["messages"][0], "id": 90, "text": "Är du för dig själv?"}],
        "reply_to": "90",
    }
    asked = len(site.headers)
    for step in range(1, 7):
        finger.move(x + way[0] * step / 6, y + way[1] * step / 6)
        page.wait_for_timeout(20)
    finger.up()
    expect(page.get_by_text("Är du för dig själv?")).to_be_visible()
    assert [headers.get("x-anew") for headers in site.headers[asked:]] == ["1"]
    assert "Meddelande 19" not in page.content()
    assert site.left == [] and [cookie["name"] for cookie in page.context.cookies()] == ["s"]
    page.get_by_role("button", name="Ja", exact=True).tap()
    expect(page.get_by_text("Tack för svar 1.")).to_be_visible()


def test_blank_from_the_touch_and_gone_at_the_lift(page: Page, site: SampleSite) -> None:
    begin(page, site)
    finger, (x, y) = Finger(page), middle(page)
    finger.down(x, y)
    page.wait_for_timeout(400)
    assert visible_text(page) == "" and site.left == []
    finger.move(x + 3, y + 3)
    finger.up()
    page.wait_for_url("**/weather")
    assert left(site)


def test_a_mouse_button_let_go_elsewhere_does_not_leave(page: Page, site: SampleSite) -> None:
    begin(page, site)
    page.mouse.move(*middle(page))
    page.mouse.down()
    assert visible_text(page) == ""
    page.mouse.move(20, 500)
    page.mouse.up()
    expect(page.get_by_text("automatisk assistent")).to_be_visible()
    assert site.left == []


def test_a_finger_that_slides_away_without_a_network_stays_hidden(page: Page, site: SampleSite) -> None:
    begin(page, site)
    page.context.set_offline(True)
    finger, (x, y) = Finger(page), middle(page)
    finger.down(x, y)
    for step in range(1, 7):
        finger.move(x - 20 * step, y)
    finger.up()
    expect(page.get_by_text(site.words["no_contact"])).to_be_visible()
    assert "assistent" not in page.content()
    page.context.set_offline(False)
    page.get_by_role("button", name="Visa").tap()
    expect(page.get_by_text("automatisk assistent")).to_be_visible()


@pytest.mark.parametrize("width", [180, 320, 360, 390, 1200])
def test_the_two_buttons_are_far_apart(page: Page, site: SampleSite, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 640})
    begin(page, site)
    leave = page.get_by_role("button", name="Lämna").bounding_box()
    turn = page.get_by_role("button", name="Byt ämne").bounding_box()
    assert leave and turn
    aside = leave["x"] - (turn["x"] + turn["width"])
    below = turn["y"] - (leave["y"] + leave["height"])
    assert max(aside, below) >= (40 if width > 300 else 8), (aside, below)
