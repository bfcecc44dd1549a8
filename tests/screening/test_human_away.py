"""The human who has the chat is not there: said once, neutrally, and two ways on; nothing otherwise (P7)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from safety.content import Channel, ContentClass
from screening.events import HandoverCancelled
from screening.journey.acts import Act
from screening.journey.prompt import choices
from screening.journey.stages.human import news_of_human
from screening.journey.state import HumanState, Journey, Situation, Step
from screening.journey.step import look, step
from tests.promises.world import NOON, World

TALKS = Journey("s", Channel.WEB, step=Step.WAITING, human=HumanState.CLAIMED)


def at(away: bool, name: str = "Kim", human: HumanState = HumanState.CLAIMED) -> Situation:
    situation = World(mode="routine", instrument=None).situation(None, NOON, human)
    return replace(situation, claimer=name, claimer_away=lambda: away)


def told(state: Journey, situation: Situation) -> Journey:
    moved = news_of_human(state, situation)
    assert moved is not None
    return moved.state


def test_said_once_and_once_again_when_they_are_back() -> None:
    assert news_of_human(TALKS, at(away=False)) is None
    moved = news_of_human(TALKS, at(away=True))
    assert moved is not None and moved.events == ()
    (line,) = moved.says
    assert (line.key, dict(line.params), line.content_class) == ("handover.away", {"name": "Kim"}, ContentClass.NEUTRAL)
    assert news_of_human(moved.state, at(away=True)) is None
    back = news_of_human(moved.state, at(away=False))
    assert back is not None and [one.key for one in back.says] == ["handover.here_again"]
    assert back.state == TALKS


def test_after_a_colleague_took_over_nothing_is_said_until_that_one_goes_too() -> None:
    state = told(TALKS, at(away=True))
    taken = news_of_human(state, at(away=False, name="Robin"))
    assert taken is not None and (taken.says, taken.state) == ((), TALKS)
    gone = news_of_human(state, at(away=True, name="Robin"))
    assert gone is not None and dict(gone.says[0].params) == {"name": "Robin"}


@pytest.mark.parametrize(
    "state",
    [replace(TALKS, step=Step.COVER), replace(TALKS, ended=True), replace(TALKS, paused=True)],
    ids=["cover", "ended", "paused"],
)
def test_nothing_is_said_behind_the_cover_or_after_the_end(state: Journey) -> None:
    assert news_of_human(state, at(away=True)) is None


def test_nothing_of_one_who_has_nothing() -> None:
    for human in (HumanState.NONE, HumanState.WAITING):
        assert news_of_human(TALKS, at(away=True, human=human)) is None
    assert news_of_human(TALKS, at(away=True, name="")) is None  # passed on: nobody has it


def test_what_can_be_chosen_stands_there_only_while_it_is_true() -> None:
    state = told(TALKS, at(away=True))
    assert choices(TALKS, at(away=True)) == ()
    assert choices(state, at(away=True)) == ("contact_me", "none")
    assert choices(state, at(away=False)) == choices(state, at(away=True, name="Robin")) == ()


def test_another_time_or_the_assistant_again() -> None:
    state = told(TALKS, at(away=True))
    plan = step(state, Act.CONTACT_ME, at(away=True))
    assert (plan.state.step, plan.state.human, plan.state.told_away) == (Step.PLAN_WAY, HumanState.NONE, "")
    back = step(state, Act.NONE, at(away=True))
    assert (back.state.step, back.state.human, back.state.told_away) == (Step.BACK_FROM_HUMAN, HumanState.NONE, "")
    for moved in (plan, back):
        assert HandoverCancelled() in moved.events


def test_the_next_talk_with_the_same_human_begins_anew() -> None:
    state = told(TALKS, at(away=True))
    assert look(state, at(away=True, human=HumanState.NONE)).state.told_away == ""
