"""The phone changes hands: what a page shows that was hidden, reloaded or opened anew, on the real site."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from bot.composition import House
from tests.browser.test_changing_the_subject import to_first_item, write
from tests.browser.test_journey import items_on, served, shot, tap
from tests.browser.test_page_alone import PUT_AWAY, TAKE_UP
from tests.conversations.test_whole_journey import ITEMS

__all__ = ["served"]
pytestmark = pytest.mark.browser
QUESTION = "#choices button[value=private]"


def to_item_without_a_word(page: Page, base: str) -> None:
    page.goto(base)
    tap(page, "continue", "private", "no", "continue", "skip", "yes")
    assert items_on(page) == [ITEMS[0]]


def switch_app(page: Page) -> None:
    page.evaluate(PUT_AWAY)
    page.evaluate(TAKE_UP)


def hidden_by(how: str, page: Page) -> Page:
    """The page as it is found afterwards."""
    if how == "switched":
        switch_app(page)
        return page
    if how == "reloaded":
        page.reload(wait_until="load")
        return page
    other = page.context.new_page()
    other.goto(page.url)
    return other


HOW = pytest.mark.parametrize("how", ["switched", "reloaded", "opened"])


@HOW
def test_the_question_comes_first_and_one_tap_brings_the_place_back(
    phone: BrowserContext, served: tuple[str, House], how: str
) -> None:
    page = phone.new_page()
    to_item_without_a_word(page, served[0])
    found = hidden_by(how, page)
    expect(found.locator(QUESTION)).to_be_visible()
    assert items_on(found) == []
    assert found.locator("#conversation").get_attribute("data-gate") == "closed"
    assert ITEMS[0] not in found.content() and "1 av 7" not in found.content()
    shot(found, f"hands-{how}")
    tap(found, "private")
    assert items_on(found) == [ITEMS[0]]


def test_a_page_that_is_opened_anew_shuts_the_one_that_was_open(
    phone: BrowserContext, served: tuple[str, House]
) -> None:
    page = phone.new_page()
    to_item_without_a_word(page, served[0])
    phone.new_page().goto(served[0])
    expect(page.locator(QUESTION)).to_be_visible()
    assert items_on(page) == []


def test_no_to_the_question_shows_nothing(phone: BrowserContext, served: tuple[str, House]) -> None:
    page = phone.new_page()
    to_item_without_a_word(page, served[0])
    page.reload()
    tap(page, "not_private")
    assert items_on(page) == [] and ITEMS[0] not in page.content()


@HOW
def test_who_chose_a_word_comes_back_by_the_word(phone: BrowserContext, served: tuple[str, House], how: str) -> None:
    page = phone.new_page()
    digits = to_first_item(page, served[0])
    found = hidden_by(how, page)
    expect(found.locator("#choices button[value=cover_plan]")).to_be_visible()
    expect(found.locator(QUESTION)).to_have_count(0)
    assert items_on(found) == [] and digits not in found.content()
    shot(found, f"hands-word-{how}")
    write(found, "kantarell")
    tap(found, "private")
    assert items_on(found) == [ITEMS[0]]


@HOW
def test_digits_of_the_word_are_gone(phone: BrowserContext, served: tuple[str, House], how: str) -> None:
    page = phone.new_page()
    page.goto(served[0])
    tap(page, "continue", "private", "no")
    expect(page.locator("#messages")).to_contain_text("Så här fungerar Lämna")
    tap(page, "code")
    write(page, "kantarell")
    expect(page.locator("#messages")).to_contain_text("siffrorna")
    assert page.locator("#conversation").get_attribute("data-idle") == "300"
    found = hidden_by(how, page)
    expect(found.locator("#choices button[value=cover_plan]")).to_be_visible()
    assert "siffrorna" not in found.locator("main").inner_text()


@HOW
def test_how_leaving_works_is_not_told_to_somebody_else(
    phone: BrowserContext, served: tuple[str, House], how: str
) -> None:
    page = phone.new_page()
    page.goto(served[0])
    tap(page, "continue", "private", "no")
    found = hidden_by(how, page)
    expect(found.locator(QUESTION)).to_be_visible()
    assert "bara med ett ord" not in found.content()
    tap(found, "private")
    expect(found.locator("#messages")).to_contain_text("bara med ett ord")


@HOW
@pytest.mark.parametrize("first", ["private", "not_private"])
def test_the_plan_is_gone(phone: BrowserContext, served: tuple[str, House], how: str, first: str) -> None:
    """Also one that is made while the gate is shut."""
    page = phone.new_page()
    page.goto(served[0])
    tap(page, "continue", first)
    if first == "private":
        page.locator("#everywhere summary").click()
        page.locator("#everywhere button[value=human]").click()
    expect(page.locator("#choices button[value=contact_me]")).to_be_visible()
    tap(page, "contact_me", "call")
    write(page, "0701740605")
    tap(page, "morning", "no", "no")
    write(page, "krokodil")
    expect(page.locator("#messages")).to_contain_text("krokodil")
    assert page.locator("#conversation").get_attribute("data-idle") == "300"
    found = hidden_by(how, page)
    expect(found.locator(QUESTION)).to_be_visible()
    assert "krokodil" not in found.content() and "701740605" not in found.content()
    tap(found, "private")
    expect(found.locator("#messages")).to_contain_text("krokodil")
    tap(found, "yes")
    expect(found.locator("#messages")).to_contain_text("Klart.")
    after = hidden_by(how, found)
    expect(after.locator("#choices button[value=finish]")).to_be_visible()
    assert "Klart." not in after.content()


def test_without_javascript_a_turn_shows_its_answer_and_a_reload_does_not(
    plain_phone: BrowserContext, served: tuple[str, House]
) -> None:
    page = plain_phone.new_page()
    page.goto(served[0])
    for choice in ("continue", "private", "no", "continue", "skip", "yes"):
        page.locator(f"#choices button[value={choice}]").click()
    assert items_on(page) == [ITEMS[0]]
    page.reload()
    assert items_on(page) == []
    page.locator(QUESTION).click()
    assert items_on(page) == [ITEMS[0]]
    page.locator("#choices button[value=no]").click()
    assert items_on(page) == [ITEMS[1]]
    other = plain_phone.new_page()
    other.goto(served[0])
    assert items_on(other) == []
    assert [cookie["name"] for cookie in plain_phone.cookies()] == ["s"]
