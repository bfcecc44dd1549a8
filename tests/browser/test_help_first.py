"""After a sign of danger, harm or exposure: a human and help now first, and the emergency number to touch."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from bot.composition import House
from bot.web.emergency import with_emergency_link
from tests.browser.test_changing_the_subject import write
from tests.browser.test_journey import served, shot, tap

__all__ = ["served"]


def ids(page: Page) -> list[str]:
    return [str(found) for found in page.locator("#choices button").evaluate_all("all => all.map(e => e.value)")]


@pytest.mark.browser
@pytest.mark.parametrize("words", ["han slår mig", "han slår mig nu"], ids=["exposed", "danger"])
def test_help_comes_first_on_the_screen(phone: BrowserContext, served: tuple[str, House], words: str) -> None:
    page = phone.new_page()
    page.goto(served[0])
    tap(page, "continue", "private", "no", "continue")
    assert ids(page)[0] == "continue"
    write(page, words)
    assert ids(page)[:2] == ["human", "help_now"]
    for choice in ("human", "help_now"):
        expect(page.locator(f"#choices button[value={choice}]")).to_be_in_viewport(ratio=1)
        assert page.locator(f"#everywhere button[value={choice}]").count() == 0
    shot(page, f"help_first_{len(words)}")
    tap(page, "help_now")
    expect(page.locator("#messages a[href='tel:112']").first).to_be_visible()
    shot(page, f"help_now_{len(words)}")
    tap(page, "continue")
    assert ids(page)[0] == "continue"
    assert page.locator("#everywhere button[value=help_now]").count() == 1


@pytest.mark.browser
def test_where_a_human_is_offered_help_now_comes_first(phone: BrowserContext, served: tuple[str, House]) -> None:
    page = phone.new_page()
    page.goto(served[0])
    tap(page, "continue", "private", "no", "continue")
    write(page, "jag vill ta mitt liv")
    assert ids(page)[0] == "help_now" and "contact_me" in ids(page)
    expect(page.locator("#choices button[value=help_now]")).to_be_in_viewport(ratio=1)
    expect(page.locator("#messages a[href='tel:112']")).to_have_text("112")
    shot(page, "help_first_human")


@pytest.mark.browser
def test_no_number_to_touch_while_the_gate_is_shut(phone: BrowserContext, served: tuple[str, House]) -> None:
    page = phone.new_page()
    page.goto(served[0])
    tap(page, "continue")
    write(page, "han slår mig")
    assert ids(page)[:2] == ["human", "help_now"]
    tap(page, "help_now")
    expect(page.locator("#messages")).to_contain_text("112")
    assert "tel:" not in page.content()


@pytest.mark.parametrize(
    ("text", "links"), [("Ring 112.", 1), ("112, eller 112", 2), ("1120, 0112, 08-112 11, +112", 0), ("<b>112</b>", 1)]
)
def test_only_the_number_itself_is_a_link(text: str, links: int) -> None:
    made = with_emergency_link(text)
    assert made.count('<a href="tel:112">112</a>') == links
    assert "<b>" not in made and made.striptags().replace("\n", " ") == text
