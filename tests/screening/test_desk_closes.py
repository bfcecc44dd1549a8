"""Somebody waits for a human and the desk empties or closes: said once, calmly, never behind the cover."""

from __future__ import annotations

from dataclasses import replace

import pytest

from safety.content import Channel
from screening.journey.acts import Act
from screening.journey.says import WORDINGS
from screening.journey.stages.human import news_of_desk
from screening.journey.state import Desk, HumanState, Journey, Situation, Step
from screening.journey.step import step
from tests.promises.world import NOON, World

WAITS = Journey("s", Channel.WEB, step=Step.WAITING, human=HumanState.WAITING)


def at(desk: Desk, human: HumanState = HumanState.WAITING) -> Situation:
    situation = World(mode="routine", instrument=None).situation(None, NOON, human)
    return replace(
        situation,
        open_now=desk is not Desk.CLOSED,
        at_desk=lambda: desk is Desk.THERE,
        opens_day="tisdag",
        opens_time="08:00",
    )


def keys_of(moved) -> list[str]:
    return [one.key for one in moved.says]


def test_who_waits_is_told_once_and_offered_a_plan() -> None:
    told = news_of_desk(WAITS, at(Desk.CLOSED))
    assert told is not None
    assert keys_of(told) == ["handover.waiting_closed"]
    assert dict(told.says[0].params) == {"day": "tisdag", "time": "08:00"}
    assert (told.state.step, told.state.human, told.events) == (Step.WAITING, HumanState.WAITING, ())
    assert news_of_desk(told.state, at(Desk.CLOSED)) is None
    plan = step(told.state, Act.CONTACT_ME, at(Desk.CLOSED))
    assert plan.state.step is Step.PLAN_WAY


def test_somebody_who_comes_and_goes_is_no_news_and_closing_still_is() -> None:
    away = news_of_desk(WAITS, at(Desk.AWAY))
    assert away is not None and keys_of(away) == ["handover.waiting_away"]
    for desk in (Desk.THERE, Desk.AWAY, Desk.THERE, Desk.AWAY):
        assert news_of_desk(away.state, at(desk)) is None
    closed = news_of_desk(away.state, at(Desk.CLOSED))
    assert closed is not None
    assert news_of_desk(closed.state, at(Desk.AWAY)) is None


@pytest.mark.parametrize("where", [one for one in Step if one is not Step.WAITING])
def test_nowhere_else_is_anything_said_of_it(where: Step) -> None:
    assert news_of_desk(replace(WAITS, step=where, return_to=Step.WAITING), at(Desk.CLOSED)) is None


def test_not_to_somebody_who_has_a_human_or_has_left() -> None:
    assert news_of_desk(WAITS, at(Desk.CLOSED, HumanState.CLAIMED)) is None
    assert news_of_desk(WAITS, at(Desk.CLOSED, HumanState.NONE)) is None
    for gone in (replace(WAITS, ended=True), replace(WAITS, paused=True)):
        assert news_of_desk(gone, at(Desk.CLOSED)) is None


def test_who_begins_to_wait_at_an_empty_desk_hears_it_at_once_and_not_again() -> None:
    asks = Journey("s", Channel.WEB, step=Step.HANDOVER)
    begun = step(asks, Act.CHAT_NOW, at(Desk.AWAY, HumanState.NONE))
    # The gate is shut, so privacy is asked first: nothing is said of the desk before the answer.
    assert begun.state.step is Step.RECHECK
    waits = step(begun.state, Act.PRIVATE, at(Desk.AWAY))
    assert "handover.waiting_away" in keys_of(waits)
    assert (waits.state.step, waits.state.told_desk) == (Step.WAITING, Desk.AWAY)
    assert news_of_desk(waits.state, at(Desk.AWAY)) is None


def test_what_is_written_to_a_human_gets_the_news_first_and_then_its_receipt() -> None:
    first = step(WAITS, Act.TOLD, at(Desk.CLOSED))
    assert keys_of(first) == ["handover.waiting_closed"]
    assert keys_of(step(first.state, Act.TOLD, at(Desk.CLOSED))) == ["handover.received"]


def test_all_of_it_is_neutral() -> None:
    lines = [key for key in WORDINGS if key.startswith("handover.waiting")]
    assert len(lines) == 3
    assert {WORDINGS[key].content_class.value for key in lines} == {"neutral"}
