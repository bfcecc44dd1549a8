"""The close: what stays, what is erased, a neutral last screen."""

from __future__ import annotations

from dataclasses import replace

from safety.gate import ClosedBecause, close
from screening.events import Ended, Event, GateClosed, HandoverCancelled, Outcome, Paused, StageReached
from screening.journey.acts import Act
from screening.journey.prompt import prompt
from screening.journey.says import say
from screening.journey.state import HumanState, Journey, Moved, Situation, Step


def close_journey(state: Journey, at: Situation) -> Moved:
    """Come to the last screen, and end. What happened is true: nothing that was not answered counts as an answer."""
    outcome = state.outcome or Outcome.LATER
    run_cut_short = state.run is not None and not state.run_over
    events: tuple[Event, ...] = (state.run.ended(completed=False),) if run_cut_short and state.run else ()
    if state.human is HumanState.WAITING:
        events = (*events, HandoverCancelled())
    last = replace(
        state,
        step=Step.DONE,
        gate=close(state.gate, ClosedBecause.NEVER_CONFIRMED),
        may_ask=False,
        human=HumanState.NONE,
    )
    ended = replace(last, ended=True, outcome=outcome, run=None)
    return Moved(ended, (*events, StageReached(last.stage), Ended(outcome)), prompt(last, at))


def leave(state: Journey, outcome: Outcome) -> Moved:
    """End at once, with no word more. Answers that were given go with the conversation, uncounted."""
    ended = replace(
        state,
        step=Step.DONE,
        gate=close(state.gate, ClosedBecause.NEVER_CONFIRMED),
        may_ask=False,
        run=None,
        human=HumanState.NONE,
        outcome=outcome,
        ended=True,
    )
    return Moved(ended, (Ended(outcome),))


def hung_up(state: Journey) -> Outcome:
    """How a call ended that the person put the phone down on: in good order if the questions were not cut short."""
    cut_short = state.run is not None and not state.run_over
    return Outcome.INTERRUPTED if cut_short or state.outcome is None else state.outcome


def pause(state: Journey) -> Moved:
    """Gone until the person comes back with the code."""
    away = replace(state, paused=True, gate=close(state.gate, ClosedBecause.RESUMED))
    events: tuple[Event, ...] = (GateClosed(ClosedBecause.RESUMED.value), Paused())
    if state.human is HumanState.WAITING:
        away, events = replace(away, human=HumanState.NONE), (HandoverCancelled(), *events)
    return Moved(away, events, (say("later.paused"),))


def later_menu(state: Journey, act: Act, at: Situation) -> Moved | None:
    if act in (Act.CONTINUE, Act.YES, Act.BACK):
        outcome = None if state.outcome is Outcome.LATER else state.outcome
        moved = replace(state, step=state.return_to or Step.HELLO, return_to=None, outcome=outcome)
        return Moved(moved, (), prompt(moved, at))
    if act in (Act.FINISH, Act.NO, Act.LATER, Act.NONE):
        return close_journey(state, at)
    if act is Act.PAUSE and state.code:
        return pause(state)
    return None
