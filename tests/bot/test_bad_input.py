"""What comes in wrong: a clear code, a calm sentence, and nothing lost or doubled."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx

from bot.composition import House
from tests.conftest import Clock, Person, rejoined

AUTH = {"Authorization": "Bearer wrong"}


def calm(response: httpx.Response, house: House) -> None:
    told = response.json()
    assert told["message"]
    assert house.catalogue.sensitive_words(told["message"]) == []


async def test_unknown_conversation(client: httpx.AsyncClient, house: House) -> None:
    response = await client.post("/api/conversations/nobody/messages", json={"choice": "yes"}, headers=AUTH)
    assert response.status_code == 404
    calm(response, house)


async def test_wrong_or_missing_token(person: Person, client: httpx.AsyncClient, house: House) -> None:
    await person.begin()
    url = f"/api/conversations/{person.id}/messages"
    for headers in (AUTH, {}, {"Authorization": "Basic x"}):
        response = await client.post(url, json={"choice": "continue"}, headers=headers)
        assert response.status_code == 401
        calm(response, house)


async def test_five_megabytes(person: Person, house: House) -> None:
    await person.begin()
    response = await person.send({"text": "a" * 5_000_000})
    assert response.status_code == 413
    calm(response, house)
    assert (await person.answer("continue"))["state"]["stage"] == "privacy"


async def test_text_just_too_long(person: Person, house: House) -> None:
    await person.begin()
    response = await person.send({"text": "a" * 1601})
    assert response.status_code == 413
    calm(response, house)


async def test_not_utf8_not_json_not_an_object(person: Person, client: httpx.AsyncClient, house: House) -> None:
    await person.begin()
    headers = {"Authorization": f"Bearer {person.token}", "Content-Type": "application/json"}
    bodies = [b'{"text": "\xff\xfe"}', b"{", b"[]", b"", b'{"text": 1}', b'{"text":"a","choice":"yes"}', b"[" * 9000]
    for body in bodies:
        response = await client.post(f"/api/conversations/{person.id}/messages", content=body, headers=headers)
        assert response.status_code == 400, body[:20]
        calm(response, house)


async def test_only_invisible_characters(person: Person) -> None:
    await person.begin()
    assert (await person.send({"text": "\u200b\u202e\u00ad "})).status_code == 400


async def test_a_choice_that_was_not_offered_changes_nothing(person: Person) -> None:
    await person.begin()
    for choice in ("yes", "private", "contact_me", "card_kinds", "no_such_thing"):
        await person.answer(choice)
        assert person.stage == "welcome"
    assert "private" in (await person.answer("continue"))["messages"][-1]["choices"][0]["id"]


async def test_two_answers_at_once_are_one(person: Person) -> None:
    await person.to_first_item()
    both = await asyncio.gather(person.send({"choice": "yes"}), person.send({"choice": "yes"}))
    assert sorted(response.status_code for response in both) == [200, 409]
    await person.answer("again")
    assert person.texts[-2] == "Fråga 2 av 7"


async def test_the_same_key_is_answered_once(person: Person) -> None:
    await person.to_first_item()
    first = (await person.send({"choice": "yes", "key": "k1"})).json()
    second = (await person.send({"choice": "yes", "key": "k1"})).json()
    assert [m["text"] for m in second["messages"]] == [m["text"] for m in first["messages"]]
    assert [m["id"] for m in second["messages"]] == [m["id"] for m in first["messages"]]
    await person.answer("again")
    assert person.texts[-2] == "Fråga 2 av 7"


async def test_an_answer_to_an_older_question_is_not_taken(person: Person) -> None:
    await person.to_first_item()
    old = person.last["messages"][-1]["id"]
    await person.answer("yes")
    late = (await person.send({"choice": "no", "reply_to": old})).json()
    assert late["messages"][-2]["text"] == "Fråga 2 av 7"


async def test_the_server_is_restarted_in_mid_conversation(
    person: Person, house: House, engine_house: House, clock: Clock, tmp_path: Path
) -> None:
    from bot.web.application import application

    await person.to_first_item()
    await person.answer("yes")
    house.records.close()
    again = rejoined(engine_house, tmp_path, clock)
    transport = httpx.ASGITransport(app=application(again))
    async with httpx.AsyncClient(transport=transport, base_url="http://enrum.test") as client:
        person.client = client
        await person.answer("yes", "private")
        assert person.texts[-2] == "Fråga 3 av 7"
    again.records.close()


async def test_a_slash_command_is_only_words(person: Person) -> None:
    await person.to_first_item()
    for text in ("/restart", "/back", "/session_start", '/yes{"a": 1}'):
        await person.send({"text": text})
    await person.answer("again")
    assert person.stage == "questions"


async def test_form_that_is_not_utf8(client: httpx.AsyncClient) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    response = await client.post("/say", content=b"text=%ff%fe", headers=headers)
    assert response.status_code == 400
    assert "kunde inte läsa" in response.text


async def test_unknown_pages_are_calm(client: httpx.AsyncClient) -> None:
    response: Any = await client.get("/nothing-here")
    assert response.status_code == 404
    assert "Min planering" in response.text
