"""The event loop waits for no database: one slow look-up would hold up every other conversation."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import event

from bot.composition import House
from bot.talk.hearing import Heard
from bot.talk.reply import NotTaken, Refusal
from tests.conftest import Clock, Person


@pytest.fixture
def asked(house: House) -> Iterator[dict[bool, int]]:
    """How many statements went to the database on the thread of the test, which is that of the event loop, and on others."""
    counts = {True: 0, False: 0}
    here = threading.current_thread()

    def note(*_: object) -> None:
        counts[threading.current_thread() is here] += 1

    engine = house.records._engine
    event.listen(engine, "before_cursor_execute", note)
    yield counts
    event.remove(engine, "before_cursor_execute", note)


async def test_no_turn_asks_the_database_on_the_event_loop(
    house: House, person: Person, clock: Clock, asked: dict[bool, int]
) -> None:
    await person.begin()
    await person.answer("continue", "private", "no", "what_is_kept", "back", "human", "chat_now")
    assert person.last["state"]["handover"] == "waiting"
    await house.turns.look(person.id, person.token)
    await house.turns.standing(person.id, person.token)
    clock.pass_by(hours=8)
    assert await house.turns.tell_of_desk(person.id)
    assert "stängt" in (await house.turns.look(person.id)).messages[-1].text
    assert asked[True] == 0 and asked[False] > 0


async def test_a_token_that_is_not_the_persons_takes_no_turn(house: House, person: Person) -> None:
    await person.begin()
    before = await house.turns.look(person.id)
    with pytest.raises(NotTaken) as refused:
        await house.turns.take(person.id, Heard(choice="continue"), "another")
    assert refused.value.refusal is Refusal.WRONG_TOKEN
    assert await house.turns.look(person.id, person.token) == before
