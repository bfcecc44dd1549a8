"""What stock Rasa does that would hurt people, shown not to happen here."""

from __future__ import annotations

import logging
from typing import Any

import pytest
import structlog

from bot.composition import House
from bot.engine.store import TurnTrackerStore
from casework.records import Conversation
from tests.conftest import Person

MARKER = "kanariefågel"


def break_action(monkeypatch: pytest.MonkeyPatch, house: House, name: str, error: BaseException) -> None:
    async def fail(*args: Any) -> None:
        raise error

    actions = house.turns._engine.actions._executor.actions
    monkeypatch.setitem(actions, name, fail)


async def test_an_action_that_fails_at_the_start_is_no_finished_screening(
    person: Person, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await person.begin()
    await person.answer("continue", "private", "no", "continue", "skip")
    with monkeypatch.context() as broken:
        break_action(broken, house, "action_yes", RuntimeError(MARKER))
        response = await person.send({"choice": "yes"})
        assert response.status_code == 503
    await person.answer("again")
    assert person.stage == "invitation"
    await person.answer("yes")
    assert person.texts[-2] == "Fråga 1 av 7"


async def test_an_action_that_fails_in_mid_form_leaves_the_same_question(
    person: Person, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await person.to_first_item()
    with monkeypatch.context() as broken:
        break_action(broken, house, "action_yes", RuntimeError(MARKER))
        assert (await person.send({"choice": "yes"})).status_code == 503
    await person.answer("no")
    assert person.texts[-2] == "Fråga 2 av 7"
    await person.answer("back")
    assert person.texts[-2] == "Fråga 1 av 7"


async def test_a_slow_action_is_cut_off_whole(person: Person, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    from bot.talk import turns

    async def slow(*args: Any) -> None:
        await asyncio.sleep(5)

    await person.to_first_item()
    with monkeypatch.context() as broken:
        broken.setattr(turns, "DEADLINE", 0.1)
        broken.setitem(house.turns._engine.actions._executor.actions, "action_yes", slow)
        assert (await person.send({"choice": "yes"})).status_code == 503
    await person.answer("again")
    assert person.texts[-2] == "Fråga 1 av 7"


async def test_nothing_the_person_writes_reaches_a_log(
    person: Person, house: House, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    handler = Keep(logging.DEBUG)
    logging.getLogger().addHandler(handler)
    try:
        await person.to_first_item()
        await person.write(f"{MARKER} hejsan")
        with monkeypatch.context() as broken:
            for name in ("action_not_understood", "action_yes", "action_no", "action_greet"):
                break_action(broken, house, name, ValueError(MARKER))
            await person.send({"text": f"{MARKER} en gång till"})
            await person.send({"choice": "yes"})
        structlog.get_logger().warning(MARKER, text=MARKER)
    finally:
        logging.getLogger().removeHandler(handler)
    out, err = capfd.readouterr()
    assert MARKER not in "".join(lines) + out + err


async def test_a_database_error_does_not_start_the_person_over(
    person: Person, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await person.to_first_item()
    await person.answer("yes")

    def fail(*args: Any) -> None:
        raise RuntimeError(MARKER)

    with monkeypatch.context() as broken:
        broken.setattr(house.intake, "commit", fail)
        assert (await person.send({"choice": "yes"})).status_code in (500, 503)
    await person.answer("again")
    assert person.texts[-2] == "Fråga 2 av 7"


async def test_erasing_while_a_turn_runs_brings_nothing_back(
    person: Person, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await person.to_first_item()
    real = house.turns._engine.act

    async def left_meanwhile(*args: Any) -> Any:
        says = await real(*args)
        await house.turns.leave(person.id)
        return says

    with monkeypatch.context() as racing:
        racing.setattr(house.turns._engine, "act", left_meanwhile)
        assert (await person.send({"choice": "yes"})).status_code in (401, 410)
    with house.records.reading() as session:
        conversation = session.get(Conversation, person.id)
        assert conversation is not None
        assert conversation.state is None
        assert conversation.snapshot is None


async def test_the_tracker_store_is_ours_and_holds_no_text(person: Person, house: House) -> None:
    agent = house.turns._engine._agent
    assert type(agent.tracker_store) is TurnTrackerStore
    assert type(agent.processor.tracker_store) is TurnTrackerStore
    await person.to_first_item()
    await person.write(MARKER)
    snapshot = house.intake.begin(person.id).snapshot
    assert snapshot is not None
    assert MARKER.encode() not in snapshot


async def test_two_people_never_share_a_conversation(person: Person, client: Any) -> None:
    other = Person(client)
    await person.begin()
    await other.begin()
    await person.answer("continue")
    assert other.id != person.id
    await other.answer("again")
    assert other.stage == "welcome"


def test_telemetry_is_off() -> None:
    import os

    assert os.environ["RASA_TELEMETRY_ENABLED"] == "false"
