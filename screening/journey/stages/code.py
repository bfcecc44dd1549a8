"""Choosing a code, and coming back with it."""

from __future__ import annotations

from dataclasses import replace

from safety.gate import Block, ClosedBecause, close
from screening.events import CodeChosen, CodeUsed, GateClosed, Outcome
from screening.journey.acts import Act
from screening.journey.code import acceptable, fingerprint
from screening.journey.prompt import prompt
from screening.journey.says import say
from screening.journey.stages.cover import NOT_PLACES
from screening.journey.stages.opening import ask_again, shut_page
from screening.journey.state import HumanState, Journey, Moved, Situation, Step

OPENING = (Step.HELLO, Step.ALONE)
"""Steps before which nothing has been confirmed: coming back to them needs no other question first."""


def chosen(state: Journey, act: Act, at: Situation) -> Moved | None:
    """The person's own word. Skipping it costs nothing."""
    if act in (Act.SKIP, Act.NO, Act.NONE, Act.BACK, Act.CONTINUE):
        moved = replace(state, step=Step.LEAVING)
        return Moved(moved, (), prompt(moved, at))
    if act is not Act.TOLD:
        return None
    if shut_page(state, at):
        # The digits are shown once: only to whoever is alone.
        return ask_again(state, at, Block.GENERAL, state.gate.closed_because)
    word = acceptable(at.detail)
    if word is None:
        return Moved(state, (), (say("privacy.code_bad"),))
    kept = replace(state, step=Step.LEAVING, code=fingerprint(word, state.session), guesses=0)
    told = say("privacy.code_kept", digits=at.fresh_digits, hours=str(at.resume_hours))
    return Moved(kept, (CodeChosen(word, at.fresh_digits, at.resume_hours),), (told,))


def come_back(state: Journey, at: Situation) -> Moved:
    """The person came back with the whole code: a new session, the gate shut, privacy asked before the old place."""
    place = state.return_to if state.step in NOT_PLACES else state.step
    back = replace(
        state,
        gate=close(state.gate, ClosedBecause.RESUMED),
        human=HumanState.NONE,
        step=Step.RECHECK,
        return_to=place or Step.SHARED,
        needed_block=Block.GENERAL,
        guesses=0,
        paused=False,
        outcome=None if state.outcome is Outcome.NOT_SAFE else state.outcome,
    )
    if place in OPENING:
        back = replace(back, step=Step.ALONE, return_to=None)
    if place is Step.WAITING:
        back = replace(back, return_to=Step.BACK_FROM_HUMAN)
    closed = GateClosed(ClosedBecause.RESUMED.value)
    # As everybody is greeted: whoever looks on learns of no earlier time.
    return Moved(back, (CodeUsed(), closed), (say("welcome.hello", agency=at.agency_name), *prompt(back, at)))
