"""A walk of the pure journey, breadth first: every act at every state, and what must hold at each.

It stops after `LIMIT` states a mode, so that CI stays short, and prints how many it walked and how many were left.
Answers to items and the number of misses are folded together where they cannot matter to what comes next; everything
else is walked: modes, staleness, suspicion, the state of the human.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest

from bot import data_files
from safety.content import Channel, ContentClass
from safety.gate import Block, Staleness
from safety.outlet import Setting, verdict
from screening.events import Ended, HandoverRequested, Outcome
from screening.journey.acts import Act
from screening.journey.state import HumanState, Journey, Moved, PlanDraft, Situation, Step
from screening.journey.step import begin, step

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
RULES = Staleness()
CATALOGUE = data_files.catalogue(NOW.date())
INSTRUMENT = CATALOGUE.instruments[("fov-vuxna", "2019", "sv")]
SEEN_FROM = {Step.HELLO, Step.ITEM, Step.SUPPORT, Step.NOT_PRIVATE}
LIMIT = 4000
Mode = Literal["routine", "indication", "information_only"]


def situation(mode: Mode, human: HumanState, at: datetime, act: Act) -> Situation:
    detail = {Act.TOLD: "0701740605", Act.CARD: "b"}.get(act, "")
    return Situation(
        at,
        "AF",
        RULES,
        mode,
        INSTRUMENT,
        ("a", "b"),
        True,
        False,
        "–",
        90,
        CATALOGUE.signal_rules,
        human=human,
        detail=detail,
    )


def folded(state: Journey) -> Journey:
    """States that behave alike become one."""
    run = state.run and replace(state.run, answers=state.run.answers[:1])
    gate = replace(state.gate, seen_at=NOW if state.gate.blocks else None)
    plan = replace(PlanDraft(), way="call", number="+46701740605", window="morning", voicemail=False, say_agency=False)
    contact = state.step.value.startswith(("handover.", "plan."))
    return replace(
        state,
        gate=gate,
        run=run,
        misses=min(state.misses, 1),
        urgent=False,
        simpler=False,
        plan=plan,
        card="a" if state.card else "",
        wish=state.wish if contact else "",
        share=state.share and contact,
        came_from=state.came_from if contact and state.came_from in SEEN_FROM else None,
        outcome=state.outcome if state.ended else None,
        wants_questions=False,
        informed=False,
        support_given=False,
    )


def check(before: Journey, act: Act, moved: Moved, at: Situation) -> None:
    state = moved.state
    setting = Setting(
        Channel.WEB,
        state.session,
        state.gate,
        RULES,
        at.now,
        left=state.ended and state.outcome is Outcome.LEFT,
        may_ask=state.may_ask,
    )
    story = f"{before.step} + {act} -> {state.step}: "
    for say in moved.says:
        assert verdict("", say.content_class, setting, lambda text: [], block=say.block) is None, story + say.key
    items = [say for say in moved.says if say.content_class is ContentClass.QUESTION]
    assert len(items) <= 1, story
    if act in (Act.NO, Act.DECLINE, Act.SKIP) and not before.may_ask:
        assert not items, story + "a no led to a question"
    ended = [event.outcome for event in moved.events if isinstance(event, Ended)]
    if before.ended:
        assert not moved.says and not moved.events, story + "something after the end"
    if act is Act.EXIT and not before.ended:
        assert ended == [Outcome.LEFT] and not moved.says, story
    if ended and Outcome.COMPLETED in ended:
        assert before.run is not None and before.run_over, story + "completed without a run"
    for event in moved.events:
        if isinstance(event, HandoverRequested) and event.answers:
            assert state.share, story + "answers were sent without a yes"


@pytest.mark.parametrize("mode", ["routine", "indication", "information_only"])
def test_every_act_at_every_state(mode: Mode) -> None:
    start = folded(begin("s", Journey("s", Channel.WEB), situation(mode, HumanState.NONE, NOW, Act.AGAIN)).state)
    seen, queue, turns = {start}, deque([start]), 0
    late = NOW + RULES.idle + timedelta(seconds=1)
    walked = 0
    while queue and walked < LIMIT:
        walked += 1
        state = queue.popleft()
        for act in Act:
            for human in {state.human, HumanState.NONE}:
                for now in (NOW, late):
                    at = situation(mode, human, now, act)
                    moved = step(state, act, at)
                    turns += 1
                    check(state, act, moved, at)
                    following = folded(moved.state)
                    if following not in seen:
                        seen.add(following)
                        queue.append(following)
    print(f"{mode}: {walked} states walked, {turns} turns, {len(queue)} states seen and not walked")
    assert any(state.ended for state in seen)
    assert any(state.run is not None for state in seen) == (mode != "information_only")
    if mode == "information_only":
        assert not any(state.may_ask for state in seen)
    assert any(Block.SEXUAL_VIOLENCE in state.gate.blocks for state in seen) == (mode != "information_only")
