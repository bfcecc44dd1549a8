"""The person's rights, as the person meets them: through the API, and on the page without JavaScript."""

from __future__ import annotations

import re

import httpx
from sqlalchemy import func, select

from bot.composition import House
from casework.access import erased_at
from casework.records import Conversation, Message, by_the_hour
from tests.conftest import Clock, Person
from tests.figures import figures_of

RECEIPT = re.compile(r"\b([2-9A-Z]{5}-[2-9A-Z]{5})\b")


async def test_what_is_kept_and_back_again(person: Person, house: House) -> None:
    await person.to_first_item()
    await person.answer("yes")
    assert "what_is_kept" in person.choices
    told = await person.answer("what_is_kept")
    # What is kept about this person is sensitive, so that it does not stay when the gate closes.
    assert any(m["class"] == "sensitive" and "Ingen handläggare" in m["text"] for m in told["messages"])
    said = "\n".join(person.texts)
    assert "Ingen handläggare har öppnat något av det." in said
    assert re.search(r"samtalet, med \d+ meddelanden", said)
    assert "Samtalet och svaren: Tills samtalet är slut" in said
    assert person.here == ["continue", "erase"]
    await person.answer("continue")
    assert person.texts[-2] == "Fråga 2 av 7"


async def test_it_is_understood_in_words(person: Person) -> None:
    await person.begin()
    await person.answer("continue")
    await person.write("vad har ni sparat om mig")
    assert person.here == ["continue", "erase"]


async def test_everything_is_erased_with_a_receipt(
    person: Person, house: House, clock: Clock, client: httpx.AsyncClient
) -> None:
    await person.to_first_item()
    await person.answer("yes", "what_is_kept", "erase")
    assert person.here == ["no", "yes"]
    last = await person.answer("yes")
    said = "\n".join(person.texts)
    assert house.catalogue.sensitive_words(said) == []
    found = RECEIPT.search(said)
    assert found is not None
    assert erased_at(house.records, found[1]) == by_the_hour(clock.at)
    assert last["messages"][-1]["choices"] == []
    with house.records.reading() as session:
        row = session.get_one(Conversation, person.id)
        assert (row.erased, row.outcome, row.state) == (True, "erased", None)
        assert session.scalar(select(func.count()).select_from(Message)) == 0
    counted = figures_of(house.records)
    assert not [what for what in counted if what.startswith("fov")]
    assert "outcome:erased" in counted
    assert (await person.send({"choice": "again"})).status_code in (401, 410)


async def test_no_keeps_everything(person: Person) -> None:
    await person.to_first_item()
    await person.answer("yes", "what_is_kept", "erase", "no")
    assert person.texts[-2] == "Fråga 2 av 7"


async def test_the_page_without_javascript(client: httpx.AsyncClient, house: House) -> None:
    page = await client.post("/say", data={"choice": "continue"}, follow_redirects=True)
    assert "Vad finns sparat?" in page.text
    for choice in ("what_is_kept", "erase"):
        page = await client.post("/say", data={"choice": choice}, follow_redirects=True)
    assert "Ja, radera allt" in page.text
    page = await client.post("/say", data={"choice": "yes"})
    assert page.status_code == 200
    assert RECEIPT.search(page.text) is not None
    assert not client.cookies.get("s")
    assert RECEIPT.search((await client.get("/")).text) is None
