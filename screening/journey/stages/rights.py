"""What the person has a right to: to see what is kept about the conversation, and to have it erased."""

from __future__ import annotations

from dataclasses import replace

from safety.gate import ClosedBecause, close
from screening.events import Ended, Erased, Outcome
from screening.journey.acts import Act
from screening.journey.prompt import prompt
from screening.journey.says import Say, kept_table, say
from screening.journey.state import HumanState, Journey, Moved, Situation, Step, gate_open

ASIDE = (Step.RECHECK, Step.NOT_PRIVATE, Step.LATER, Step.KEPT, Step.ERASE)
"""Steps that are not places to come back to."""


def what_is_kept(state: Journey, at: Situation) -> Moved:
    """What there is at this moment, who has opened it, and how long what is kept."""
    moved = _aside(state, Step.KEPT)
    # That somebody was asked for, or has read something, is for the person's eyes alone.
    mine = _now(at) if gate_open(state, at) else (say("kept.private_first"),)
    return Moved(moved, (), (*mine, say("kept.table"), kept_table(), *prompt(moved, at)))


def ask_to_erase(state: Journey, at: Situation) -> Moved:
    moved = _aside(state, Step.ERASE)
    return Moved(moved, (), prompt(moved, at))


def kept(state: Journey, act: Act, at: Situation) -> Moved | None:
    if act in (Act.CONTINUE, Act.NO, Act.NONE, Act.BACK):
        return _back(state, at)
    return None


def erase(state: Journey, act: Act, at: Situation) -> Moved | None:
    """Erased only by the button: a "ja" that was typed to something else must not take everything away."""
    if act is Act.YES and not at.typed:
        return _erased(state, at)
    if act in (Act.NO, Act.NONE, Act.BACK, Act.CONTINUE):
        return _back(state, at)
    return None


def _erased(state: Journey, at: Situation) -> Moved:
    """Everything goes; what was answered is not counted. The last screen is neutral and says that it is done."""
    ended = replace(
        state,
        step=Step.DONE,
        gate=close(state.gate, ClosedBecause.NEVER_CONFIRMED),
        may_ask=False,
        run=None,
        human=HumanState.NONE,
        outcome=Outcome.ERASED,
        ended=True,
    )
    hour = at.now.replace(minute=0, second=0, microsecond=0)
    done = say("erase.done", receipt=at.receipt, hour=f"hours:{hour.isoformat()}")
    return Moved(ended, (Erased(at.receipt), Ended(Outcome.ERASED)), (done, say("close.traces")))


def _now(at: Situation) -> tuple[Say, ...]:
    there = at.kept
    said = [say("kept.conversation", count=str(there.messages))]
    if there.answers:
        said.append(say("kept.answers"))
    if there.plan_until is not None:
        said.append(say("kept.plan", until=there.plan_until.isoformat()))
    if there.code:
        said.append(say("kept.code"))
    for what, there_is in (("sms", there.sms), ("call", there.call), ("invited", there.invited)):
        if there_is:
            said.append(say(f"kept.{what}"))
    for what, hours in there.opened:
        said.append(say(f"kept.read_{what}", hours="hours:" + ",".join(hour.isoformat() for hour in hours)))
    return tuple(said) if there.opened else (*said, say("kept.not_read"))


def _aside(state: Journey, step: Step) -> Journey:
    place = state.return_to if state.step in ASIDE else state.step
    return replace(state, step=step, return_to=place or Step.ALONE, put_off=wants_another_time(state))


def _back(state: Journey, at: Situation) -> Moved:
    place = behind_kept(state)
    moved = replace(state, step=place, return_to=state.return_to if state.put_off else None)
    return Moved(moved, (), prompt(moved, at))


def wants_another_time(state: Journey) -> bool:
    """At "later", or beside it."""
    return state.step is Step.LATER or (state.step in (Step.KEPT, Step.ERASE) and state.put_off)


def behind_kept(state: Journey) -> Step:
    """Where one was. Whoever wanted another time is not asked again because of a look at what is kept."""
    return Step.LATER if state.put_off else state.return_to or Step.ALONE
