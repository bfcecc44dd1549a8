"""The page as a person meets it, alone: sending, covering, no contact. Leaving has its own file."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.sample_site import ITEM, SampleSite, choice, message

pytestmark = pytest.mark.browser
PUT_AWAY = """Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
document.dispatchEvent(new Event("visibilitychange"));"""
TAKE_UP = """delete document.visibilityState; document.dispatchEvent(new Event("visibilitychange"));"""
HELP = ["Stödlinjen 020-00 00 00"]


def wait_until(true: Callable[[], bool], seconds: float = 8) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.02)


def open_page(page: Page, site: SampleSite) -> None:
    page.goto(f"{site.url}/enter", wait_until="load")
    expect(page.get_by_text("Hej! Jag är en automatisk assistent.")).to_be_visible()


def test_item_is_shown_byte_for_byte(page: Page, site: SampleSite) -> None:
    open_page(page, site)
    item = page.locator(".item .said")
    assert item.evaluate("node => node.textContent") == ITEM
    assert item.evaluate("node => node.children.length") == 0
    assert item.get_attribute("translate") == "no"


def test_answers_without_reloading_and_without_history(page: Page, site: SampleSite) -> None:
    open_page(page, site)
    length = page.evaluate("history.length")
    page.evaluate("window.same = true")
    page.get_by_role("button", name="Ja", exact=True).tap()
    expect(page.get_by_text("Tack för svar 1.")).to_be_visible()
    page.get_by_label("Eller skriv med egna ord").fill("jag vet inte")
    page.get_by_role("button", name="Skicka").tap()
    expect(page.get_by_text("Tack för svar 2.")).to_be_visible()
    expect(page.get_by_label("Eller skriv med egna ord")).to_have_value("")
    assert [(form.get("choice"), form.get("text"), form["reply_to"]) for form in site.said] == [
        ("yes", None, "2"),
        (None, "jag vet inte", "4"),
    ]
    assert site.said[0]["key"] != site.said[1]["key"]
    assert page.evaluate("window.same") and page.evaluate("history.length") == length
    assert page.url == f"{site.url}/"


def test_only_new_messages_are_added_to_the_log(page: Page, site: SampleSite) -> None:
    open_page(page, site)
    page.evaluate("document.getElementById('m-1').known = true")
    page.get_by_role("button", name="Ja", exact=True).tap()
    expect(page.locator("[role=log][aria-live=polite] li")).to_have_count(4)
    assert page.evaluate("document.getElementById('m-1').known")
    expect(page.get_by_text("Tack för svar 1.")).to_be_in_viewport()


def test_double_tap_is_one_answer(page: Page, site: SampleSite) -> None:
    site.delay = 0.4
    open_page(page, site)
    button = page.get_by_role("button", name="Ja", exact=True)
    button.dblclick()
    button.click()
    expect(page.get_by_text("Tack för svar 1.")).to_be_visible()
    assert len(site.said) == 1


def test_message_from_a_human_comes_by_itself_and_leaves_the_draft_alone(page: Page, site: SampleSite) -> None:
    open_page(page, site)
    field = page.get_by_label("Eller skriv med egna ord")
    field.tap()
    page.keyboard.type("halv men")
    site.view["messages"].append(message(3, "Hej, jag heter Kim.", "human"))
    site.tell()
    expect(page.get_by_text("Hej, jag heter Kim.")).to_be_visible()
    page.keyboard.type("ing")
    expect(field).to_have_value("halv mening")
    expect(field).to_be_focused()


def test_asks_every_five_seconds_when_there_are_no_events(page: Page, site: SampleSite) -> None:
    site.events_status = 503
    page.clock.install()
    open_page(page, site)
    page.wait_for_timeout(300)
    site.add("Kom ändå.", "human")
    page.clock.run_for(5100)
    expect(page.get_by_text("Kom ändå.")).to_be_visible()


def test_new_choices_replace_the_old_and_focus_is_kept_near(page: Page, site: SampleSite) -> None:
    open_page(page, site)
    site.view["choices"] = [choice("continue", "Fortsätt")]
    page.get_by_role("button", name="Nej", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Fortsätt")).to_be_visible()
    expect(page.get_by_role("button", name="Nej", exact=True)).to_have_count(0)
    expect(page.locator("#answer")).to_be_focused()


def test_choices_that_are_everywhere_wait_in_a_closed_menu(page: Page, site: SampleSite) -> None:
    open_page(page, site)
    human = page.get_by_role("button", name="Prata med en människa")
    expect(human).to_be_hidden()
    page.get_by_text("Fler val").tap()
    human.tap()
    expect(page.get_by_text("Tack för svar 1.")).to_be_visible()
    assert site.said[0]["choice"] == "human"
    expect(human).to_be_hidden()


# ---- no contact


def test_unsent_words_stay_and_are_sent_again_with_the_same_key(page: Page, site: SampleSite) -> None:
    open_page(page, site)
    page.route("**/say", lambda route: route.abort())
    field = page.get_by_label("Eller skriv med egna ord")
    field.fill("mina ord")
    page.get_by_role("button", name="Skicka").tap()
    expect(page.get_by_text(site.words["no_contact"])).to_be_visible()
    expect(field).to_have_value("mina ord")
    page.unroute("**/say")
    page.get_by_role("button", name="Skicka").tap()
    expect(page.get_by_text("Tack för svar 1.")).to_be_visible()
    expect(page.get_by_text(site.words["no_contact"])).to_have_count(0)
    assert [form["key"] for form in site.said] == ["key-1"]


def test_answer_whose_reply_was_lost_counts_once(page: Page, site: SampleSite) -> None:
    """The server has the answer, the page does not know: the same key says so, even after news brought new keys."""

    def lose_the_reply(route: Route) -> None:
        route.fetch(max_redirects=0)
        route.abort()

    open_page(page, site)
    page.route("**/say", lose_the_reply)
    page.get_by_label("Eller skriv med egna ord").fill("en gång")
    page.get_by_role("button", name="Skicka").tap()
    expect(page.get_by_text(site.words["no_contact"])).to_be_visible()
    page.unroute("**/say")
    site.tell()
    expect(page.get_by_text("Tack för svar 1.")).to_be_visible()
    page.get_by_role("button", name="Skicka").tap()
    wait_until(lambda: len(site.said) == 2)
    assert site.said[0]["key"] == site.said[1]["key"]
    expect(page.locator("li.person")).to_have_count(1)
    expect(page.get_by_label("Eller skriv med egna ord")).to_have_value("")


@pytest.mark.parametrize(("gate", "shown"), [("open", 1), ("closed", 0)])
def test_help_without_a_server_only_while_the_gate_is_open(page: Page, site: SampleSite, gate: str, shown: int) -> None:
    site.view["state"]["gate"] = gate
    site.view["offline_help"] = HELP
    open_page(page, site)
    page.route("**/say", lambda route: route.abort())
    for times in (1, 2, 3):
        expect(page.locator("#trouble").get_by_text(HELP[0])).to_have_count(0)
        page.get_by_role("button", name="Ja", exact=True).tap()
        words = "still_no_contact" if times == 3 else "no_contact"
        expect(page.get_by_text(site.words[words])).to_be_visible()
        expect(page.locator("[aria-busy]")).to_have_count(0)
    expect(page.locator("#trouble").get_by_text(HELP[0])).to_have_count(shown)


# ---- covering


def test_another_app_covers_the_words_and_the_draft_comes_back(page: Page, site: SampleSite) -> None:
    open_page(page, site)
    page.get_by_label("Eller skriv med egna ord").fill("min tanke")
    assert page.evaluate(f"() => {{ {PUT_AWAY}; return document.body.textContent.includes('assistent') }}") is False
    site.view["messages"].append(message(3, "Kom när sidan var täckt.", "human"))
    site.tell()
    page.wait_for_timeout(300)
    assert "täckt" not in page.content() and "tanke" not in page.content()
    asked = len(site.headers)
    page.evaluate(TAKE_UP)
    expect(page.get_by_text("Kom när sidan var täckt.")).to_be_visible()
    assert [headers.get("x-anew") for headers in site.headers[asked:]] == ["1"]
    expect(page.get_by_label("Eller skriv med egna ord")).to_have_value("min tanke")
    expect(page.locator("#cover")).to_be_hidden()


def test_what_was_on_its_way_when_the_page_was_hidden_is_asked_for_anew(page: Page, site: SampleSite) -> None:
    """The answer was for whoever had the phone then."""
    site.delay = 0.5
    open_page(page, site)
    page.get_by_role("button", name="Ja", exact=True).tap()
    page.wait_for_timeout(100)
    page.evaluate(PUT_AWAY)
    page.evaluate(TAKE_UP)
    asked = len(site.headers)
    expect(page.get_by_text("Tack för svar 1.")).to_be_visible()
    assert [headers.get("x-anew") for headers in site.headers[asked:] if "x-anew" in headers]


def test_half_written_words_wait_for_the_answer_about_privacy(page: Page, site: SampleSite) -> None:
    site.view["state"]["gate"] = "open"
    open_page(page, site)
    field = page.get_by_label("Eller skriv med egna ord")
    field.fill("min tanke")
    page.evaluate(PUT_AWAY)
    site.view |= {
        "messages": [message(3, "Är du för dig själv?")],
        "reply_to": "3",
        "choices": [choice("private", "Ja")],
    }
    site.view["state"]["gate"] = "closed"
    page.evaluate(TAKE_UP)
    expect(page.get_by_text("Är du för dig själv?")).to_be_visible()
    expect(field).to_have_value("")
    assert "tanke" not in page.content()
    site.view["state"]["gate"] = "open"
    page.get_by_role("button", name="Ja", exact=True).tap()
    expect(page.get_by_text("Tack för svar 1.")).to_be_visible()
    expect(field).to_have_value("min tanke")


def test_idle_covers_by_itself_and_the_server_decides_what_comes_back(page: Page, site: SampleSite) -> None:
    site.view["idle_seconds"] = 60
    page.clock.install()
    open_page(page, site)
    page.get_by_label("Eller skriv med egna ord").fill("glömd tanke")
    page.clock.run_for(58_000)
    expect(page.get_by_text(ITEM.splitlines()[1])).to_be_visible()
    page.clock.run_for(4_000)
    expect(page.get_by_text(site.words["rested"])).to_be_visible()
    assert "ordagrant" not in page.content()
    site.view["messages"] = [message(3, "Är du för dig själv?")]
    site.view["reply_to"] = "3"
    page.get_by_role("button", name="Fortsätt").tap()
    expect(page.get_by_text("Är du för dig själv?")).to_be_visible()
    assert "ordagrant" not in page.content()
    expect(page.get_by_label("Eller skriv med egna ord")).to_have_value("")


def test_covered_page_without_contact_stays_covered(page: Page, site: SampleSite) -> None:
    open_page(page, site)
    page.evaluate(PUT_AWAY)
    page.route(f"{site.url}/", lambda route: route.abort())
    page.evaluate(TAKE_UP)
    expect(page.get_by_text(site.words["no_contact"])).to_be_visible()
    page.get_by_role("button", name="Visa").tap()
    expect(page.get_by_text(site.words["no_contact"])).to_be_visible()
    expect(page.get_by_role("button", name="Visa")).to_be_visible()
    assert "assistent" not in page.content()


@pytest.mark.parametrize("status", [429, 500, 503])
def test_trouble_at_the_server_leaves_the_conversation_on_the_page(page: Page, site: SampleSite, status: int) -> None:
    open_page(page, site)
    site.failing = status
    page.get_by_role("button", name="Ja", exact=True).tap()
    expect(page.get_by_text(site.words["no_contact"])).to_be_visible()
    expect(page.get_by_text("Hej! Jag är en automatisk assistent.")).to_be_visible()


def test_asks_for_no_news_before_there_is_a_conversation(page: Page, site: SampleSite) -> None:
    site.greets = True
    page.clock.install()
    page.goto(site.url)
    expect(page.get_by_text("Hej! Jag är en automatisk assistent.")).to_be_visible()
    page.clock.run_for(20_000)
    page.wait_for_timeout(300)
    assert (site.asked_for_news, len(site.headers)) == (0, 1)


def test_ended_conversation_gives_way_to_the_calm_page(page: Page, site: SampleSite) -> None:
    open_page(page, site)
    site.over = True
    site.tell()
    expect(page.get_by_text("Det finns inget här.")).to_be_visible()
    assert "assistent" not in page.content()


# ---- without JavaScript, and what every page must have


def test_reads_answers_and_leaves_without_javascript(plain_phone: BrowserContext, site: SampleSite) -> None:
    page = plain_phone.new_page()
    open_page(page, site)
    page.get_by_role("button", name="Ja", exact=True).tap()
    expect(page.get_by_text("Tack för svar 1.")).to_be_visible()
    page.get_by_label("Eller skriv med egna ord").fill("egna ord")
    page.get_by_role("button", name="Skicka").tap()
    expect(page.get_by_text("Tack för svar 2.")).to_be_visible()
    page.get_by_text("Fler val").tap()
    page.get_by_role("button", name="Säg igen").tap()
    expect(page.get_by_text("Tack för svar 3.")).to_be_visible()
    assert [form.get("choice", form.get("text")) for form in site.said] == ["yes", "egna ord", "again"]
    page.get_by_role("button", name="Lämna").tap()
    page.wait_for_url("**/weather")
    assert plain_phone.cookies() == []
    page.go_back(wait_until="commit")
    expect(page.get_by_text("Tack för svar")).to_have_count(0)
    expect(page.get_by_text("assistent")).to_have_count(0)


def test_page_without_javascript_can_fetch_what_a_human_wrote(plain_phone: BrowserContext, site: SampleSite) -> None:
    site.view["state"]["handover"] = "claimed"
    site.view["no_script_refresh"] = 1
    page = plain_phone.new_page()
    open_page(page, site)
    expect(page.get_by_role("button", name="Uppdatera")).to_be_visible()
    site.add("Hej, jag heter Kim.", "human")
    expect(page.get_by_text("Hej, jag heter Kim.")).to_be_visible()


@pytest.mark.parametrize("width", [180, 320, 390, 1200], ids=lambda width: f"{width}px")
def test_way_out_is_always_in_reach(phone: BrowserContext, site: SampleSite, width: int) -> None:
    """180 is a phone of 360 enlarged to 200 %. Large, on top wherever one has scrolled, and first by Tab."""
    for number in range(30):
        site.add(f"Meddelande {number}. " * 5)
    page = phone.new_page()
    page.set_viewport_size({"width": width, "height": 640})
    page.goto(f"{site.url}/enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Lämna")).to_be_focused()
    for place in ("0", "document.body.scrollHeight"):
        page.evaluate(f"scrollTo(0, {place})")
        box = page.get_by_role("button", name="Lämna").bounding_box()
        assert box and box["height"] >= 44 and box["width"] >= 44 and 0 <= box["y"] < 40
        middle = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
        assert page.evaluate("([x, y]) => document.elementFromPoint(x, y).className", middle) == "exit"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_enlarged_page_is_not_all_header(phone: BrowserContext, site: SampleSite) -> None:
    """320 by 256 is a screen of 1280 by 1024 enlarged to 400 %."""
    site.view["agency"]["name"] = "Arbetsförmedlingen"
    page = phone.new_page()
    page.set_viewport_size({"width": 320, "height": 256})
    page.goto(f"{site.url}/enter")
    header = page.locator("header").bounding_box()
    assert header and header["height"] <= 256 / 4
    for name in ("Lämna", "Byt ämne"):
        box = page.get_by_role("button", name=name).bounding_box()
        assert box and box["height"] >= 44 and box["width"] >= 44
    expect(page.get_by_role("heading", name="Min planering Arbetsförmedlingen")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_page_has_what_assistive_technology_needs(page: Page, site: SampleSite) -> None:
    open_page(page, site)
    assert page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == ["sv", "ltr"]
    assert page.locator("h1").count() == page.locator("main").count() == 1
    unlabelled = "[...document.querySelectorAll('input:not([type=hidden]), textarea')].filter(f => !f.labels.length)"
    nameless = "[...document.querySelectorAll('button, a, summary')].filter(b => !b.textContent.trim())"
    ids = "[...document.querySelectorAll('[id]')].map(node => node.id)"
    assert page.evaluate(f"{unlabelled}.length + {nameless}.length") == 0
    assert len(page.evaluate(ids)) == len(set(page.evaluate(ids)))
    shown = "[...document.querySelectorAll('button, summary, #words')].filter(node => node.checkVisibility())"
    assert page.evaluate(f"{shown}.filter(node => node.offsetHeight < 44).map(node => node.outerHTML)") == []


@pytest.mark.parametrize("name", ["page.html", "calm.html", "leave.html"])
def test_page_tells_nobody_anything(site: SampleSite, name: str) -> None:
    html = site.render(name, title="Klart", sentence="Det finns inget här.")
    assert '<meta name="robots" content="noindex' in html and '<meta name="referrer" content="no-referrer">' in html
    assert "og:" not in html and "tel:" not in html and "manifest" not in html
    assert not re.search(r"\son\w+=|<style|\sstyle=|<script(?![^>]*\ssrc=)", html)
    other_addresses = set(re.findall(r"https?://[^\s\"']+", html)) - {site.view["exit_to"]}
    assert other_addresses == set()
