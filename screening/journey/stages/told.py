"""Words to a human. They are delivered, whatever they sound like: here is only what follows on the person's own screen."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from safety.gate import Block, ClosedBecause, close, touch
from safety.signals import Noticed, Signal
from screening.events import GateClosed, SignalRaised
from screening.journey.stages.cover import put_on
from screening.journey.stages.opening import ask_again
from screening.journey.state import HumanState, Journey, Moved, Situation

ABOUT_THE_SCREEN = (Signal.OVERSEEN, Signal.OTHER_PERSON)
"""What concerns the person's screen, and is told to the human beside the words."""


def concerns_screen(found: Collection[Noticed]) -> tuple[Noticed, ...]:
    return tuple(one for one in found if one.signal in ABOUT_THE_SCREEN)


def told_human(state: Journey, found: Collection[Noticed], at: Situation) -> Moved:
    """Somebody is there: the cover, if that is plain or the person can come back from it. In doubt the gate closes, no more.

    Nothing ends here: the words can be the person's own, and there is a human who can ask.
    """
    about = concerns_screen(found)
    if not about:
        return Moved(replace(state, gate=touch(state.gate, at.now)))
    raised = Moved(state, tuple(SignalRaised(one.signal.value) for one in about))
    seen = next((one for one in about if one.signal is Signal.OVERSEEN), None)
    if seen is not None and (seen.by_rule or state.code):
        return raised.then(put_on(state, at))
    if state.human is HumanState.CLAIMED:
        closed = replace(state, gate=close(state.gate, ClosedBecause.SUSPECTED))
        return raised.then(Moved(closed, (GateClosed(ClosedBecause.SUSPECTED.value),)))
    return raised.then(ask_again(state, at, Block.GENERAL, ClosedBecause.SUSPECTED))
