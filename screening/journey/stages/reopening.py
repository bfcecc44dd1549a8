"""The screen is looked at anew: the page was hidden, reloaded or opened in another window. Who looks now need not be the person."""

from __future__ import annotations

from dataclasses import replace

from safety.gate import Block, ClosedBecause, close
from screening.events import GateClosed
from screening.journey.stages.cover import put_on
from screening.journey.stages.opening import ask_again
from screening.journey.state import Journey, Moved, Situation, Step

PRIVATE_STEPS = frozenset({Step.LEAVING, Step.CODE, Step.PLAN_SUMMARY})
"""Steps whose question itself is private: privacy is asked before it is said again."""
AFTER_PRIVATE = frozenset({Step.BACK_FROM_HUMAN})
"""Steps beside whose question something private may stand."""


def looked_at_anew(state: Journey, at: Situation) -> Moved | None:
    """What was open is shut. Who chose a word comes back by it, from behind the cover; who chose none says anew that they are alone.

    None: there is nothing on the screen that somebody else may not see.
    """
    if state.ended or state.paused or state.step is Step.COVER:
        return None
    if state.code:
        return put_on(state, at)
    if state.step in PRIVATE_STEPS:
        return ask_again(state, at, Block.GENERAL, ClosedBecause.RESUMED)
    if not state.gate.blocks:
        return Moved(state) if state.step in AFTER_PRIVATE else None
    shut = replace(state, gate=close(state.gate, ClosedBecause.RESUMED))
    return Moved(shut, (GateClosed(ClosedBecause.RESUMED.value),))
