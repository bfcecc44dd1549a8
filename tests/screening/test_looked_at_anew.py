"""What is put away when the screen is looked at anew, at every step."""

from __future__ import annotations

from dataclasses import replace

import pytest

from safety.content import Channel
from safety.gate import ClosedBecause, confirm
from screening.journey.code import fingerprint
from screening.journey.stages.reopening import PRIVATE_STEPS, looked_at_anew
from screening.journey.state import Journey, Step, gate_open
from screening.journey.step import look
from tests.promises.world import NOON, World

WORLD = World()
AT = WORLD.situation(None, NOON)
STEPS = [step for step in Step if step is not Step.ITEM]


def at_step(step: Step, *, is_open: bool, code: str = "") -> Journey:
    state = replace(WORLD.begin().state, step=step, code=code, card=AT.cards[0], channel=Channel.WEB)
    gate = confirm(state.gate, state.session, state.channel, NOON) if is_open else state.gate
    return replace(state, gate=gate)


@pytest.mark.parametrize("step", STEPS)
def test_an_open_gate_is_shut(step: Step) -> None:
    moved = looked_at_anew(at_step(step, is_open=True), AT)
    assert (moved is None) is (step is Step.COVER)
    if moved is not None:
        assert not gate_open(moved.state, AT)
        assert moved.state.gate.closed_because is ClosedBecause.RESUMED
        assert look(moved.state, AT).state.step not in PRIVATE_STEPS


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("is_open", [True, False])
def test_who_chose_a_word_finds_the_cover(step: Step, is_open: bool) -> None:
    moved = looked_at_anew(at_step(step, is_open=is_open, code=fingerprint("blåbär", "s")), AT)
    if step is Step.COVER:
        assert moved is None
    else:
        assert moved is not None and moved.state.step is Step.COVER and not moved.state.gate.blocks


@pytest.mark.parametrize("step", sorted(PRIVATE_STEPS))
def test_a_private_step_asks_even_where_nothing_was_open(step: Step) -> None:
    moved = looked_at_anew(at_step(step, is_open=False), AT)
    assert moved is not None and (moved.state.step, moved.state.return_to) == (Step.RECHECK, step)


@pytest.mark.parametrize("over", ["ended", "paused"])
def test_nothing_happens_to_what_is_over(over: str) -> None:
    assert looked_at_anew(replace(at_step(Step.CARD, is_open=True), **{over: True}), AT) is None
