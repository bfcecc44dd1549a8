"""The last look at a page: whatever file a sensitive word comes from, it does not go out before the gate is open."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import httpx
import pytest

from bot import data_files
from bot.composition import House
from bot.web.application import application
from bot.web.last_look import is_neutral, readable
from tests.conftest import Person

CATALOGUE = data_files.catalogue(date(2026, 11, 23))


@pytest.mark.parametrize(
    "html",
    [
        "<p>Har du varit utsatt för våld?</p>",
        '<img alt="Kvinnofridslinjen">',
        '<button aria-label="Stöd mot våld">Stöd</button>',
        '<input placeholder="Berätta om våldet">',
        "<div data-once='misshandel'></div>",
        "<template><p>Ring 020-50 50 50</p></template>",
        "<title>V&aring;ld i n&auml;ra relationer</title>",
        "<p>Vå<b></b>ld</p><p>våld</p>",
    ],
)
def test_it_sees_what_a_person_would(html: str) -> None:
    assert not is_neutral(html, CATALOGUE.sensitive_words)


def test_it_does_not_mind_an_ordinary_page() -> None:
    html = "<title>Min planering</title><p>Är du för dig själv just nu?</p><button value=help_now>Hjälp nu</button>"
    assert is_neutral(html, CATALOGUE.sensitive_words)
    assert "Är du för dig själv just nu?" in readable(html)


def test_it_does_not_mind_what_nobody_reads() -> None:
    """Random names for the page's script spell a word now and then: "d0" is read as "dö"."""
    assert is_neutral('<div data-reply-to="XzL6_d0-qYgq7WEu"></div>', CATALOGUE.sensitive_words)
    assert not is_neutral('<div data-rest="XzL6_d0-qYgq7WEu"></div>', CATALOGUE.sensitive_words)


async def test_a_mistake_in_a_file_of_the_page_stops_at_the_door(house: House) -> None:
    content = house.catalogue.languages["sv"]
    planted = replace(content, page={**content.page, "more": "Fler val om våld"})
    languages = {**house.catalogue.languages, "sv": planted}
    own = replace(house, catalogue=replace(house.catalogue, languages=languages))
    transport = httpx.ASGITransport(app=application(own), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://enrum.test") as client:
        response = await client.get("/")
    assert response.status_code == 503
    assert "våld" not in response.text


async def test_pages_of_the_journey_go_out(client: httpx.AsyncClient) -> None:
    person = Person(client)
    await person.begin()
    client.cookies.set("s", f"{person.id}.{person.token}")
    for choice in ("continue", "private", "no", "continue", "skip", "yes", "cover"):
        page = await client.get("/")
        assert page.status_code == 200, choice
        await person.answer(choice)
    assert "planering" in (await client.get("/")).text
