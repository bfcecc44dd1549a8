"""Words to a human, and words that only sound like something: what the pure journey makes of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from safety.gate import ClosedBecause, confirm
from safety.signals import Finding, Noticed, Signal, noticed
from screening.events import SignalRaised
from screening.journey.acts import Act
from screening.journey.signal_rules import SignalRules, may_be_own_story
from screening.journey.stages.told import told_human
from screening.journey.state import HumanState, Journey, Situation, Step, gate_open
from screening.journey.step import step
from tests.promises.world import NOON, worlds

WORLD = next(world for world in worlds() if world.channel.value == "web")
BY_RULE, IN_DOUBT = Noticed(Signal.OVERSEEN, by_rule=True), Noticed(Signal.OVERSEEN)
SOMEBODY_ELSE = Noticed(Signal.OTHER_PERSON, by_rule=True)


def chatting(human: HumanState = HumanState.CLAIMED, code: str = "") -> tuple[Journey, Situation]:
    begun = WORLD.begin().state
    gate = confirm(begun.gate, begun.session, begun.channel, NOON)
    return replace(begun, step=Step.WAITING, human=human, gate=gate, code=code), WORLD.situation(None, NOON, human)


def test_what_concerns_nobody_elses_eyes_changes_nothing() -> None:
    state, at = chatting()
    moved = told_human(state, (Noticed(Signal.EXPOSED), Noticed(Signal.WANTS_EXIT, True, True)), at)
    assert moved.state == state and not moved.says and not moved.events


@pytest.mark.parametrize(
    ("found", "code", "covers"),
    [(BY_RULE, "", True), (IN_DOUBT, "", False), (IN_DOUBT, "kod", True), (SOMEBODY_ELSE, "kod", False)],
)
def test_the_cover_comes_where_it_is_plain_or_can_be_come_back_from(found: Noticed, code: str, covers: bool) -> None:
    state, at = chatting(code=code)
    moved = told_human(state, (found,), at)
    assert (moved.state.step is Step.COVER) is covers
    assert not moved.state.ended and not gate_open(moved.state, at)
    assert SignalRaised(found.signal.value) in moved.events
    assert moved.state.gate.closed_because is ClosedBecause.SUSPECTED


def test_who_waits_is_asked_about_privacy_and_goes_on_waiting() -> None:
    state, at = chatting(HumanState.WAITING)
    asked = told_human(state, (SOMEBODY_ELSE,), at).state
    assert (asked.step, asked.return_to, asked.human) == (Step.RECHECK, Step.WAITING, HumanState.WAITING)


@pytest.mark.parametrize("place", [Step.HELLO, Step.ALONE, Step.LEAVING, Step.TOPICS, Step.LATER, Step.HANDOVER])
def test_an_own_story_ends_nothing_anywhere(place: Step) -> None:
    state, at = chatting(HumanState.NONE)
    at = replace(at, typed="jag är hans fru och han slår mig", signals=("other_person", "exposed"))
    moved = step(replace(state, step=place, human=HumanState.NONE), Act.OTHER_PERSON, at)
    assert not moved.state.ended and not gate_open(moved.state, at)
    assert all(one.content_class.value == "neutral" for one in moved.says)
    ended = step(
        replace(state, step=place, human=HumanState.NONE), Act.OTHER_PERSON, replace(at, signals=("other_person",))
    )
    assert ended.state.ended


def test_an_own_story_that_somebody_reads_is_covered() -> None:
    state, at = chatting(HumanState.NONE)
    at = replace(at, typed="…", signals=("other_person", "exposed", "overseen"))
    assert step(replace(state, step=Step.TOPICS), Act.OTHER_PERSON, at).state.step is Step.COVER


@pytest.mark.parametrize("place", [Step.ALONE, Step.TOPICS, Step.COVER, Step.HANDOVER])
def test_words_that_only_sound_like_leaving_are_asked_about(place: Step) -> None:
    state, at = chatting(HumanState.NONE)
    state = replace(state, step=place, human=HumanState.NONE)
    asked = step(state, Act.EXIT, replace(at, typed="hur lämnar jag"))
    assert not asked.state.ended and asked.says
    assert step(state, Act.EXIT, replace(at, typed="lämna", leaves=True)).state.ended
    assert step(state, Act.EXIT, at).state.ended


def test_a_command_is_the_whole_message() -> None:
    rules = SignalRules(commands=frozenset({"stäng sidan"}))
    assert rules.is_command(" Stäng  sidan! ")
    assert not rules.is_command("stäng sidan?") and not rules.is_command("ska jag stäng sidan")
    assert SignalRules(commands=frozenset({""})).faults()[-1].startswith("has a command")


def test_whose_story_it_may_be() -> None:
    assert may_be_own_story(["other_person", "child_harm"])
    assert not may_be_own_story(["other_person", "uses_violence"]) and not may_be_own_story(["exposed"])


def test_how_sure_a_signal_is() -> None:
    rule, plain, alike = "sv.exit.word", "sv.exit.outright", "likeness.wants_exit"
    assert noticed([Finding(0, 1, Signal.WANTS_EXIT, alike)]) == (Noticed(Signal.WANTS_EXIT),)
    assert noticed([Finding(0, 1, Signal.WANTS_EXIT, name, name == plain) for name in (alike, rule, plain)]) == (
        Noticed(Signal.WANTS_EXIT, by_rule=True, plain=True),
    )
