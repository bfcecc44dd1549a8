"""What can be said at every step: a human, help, again, what happens, later, and what the safety signals bring."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from safety.gate import ClosedBecause, close
from screening.events import Counted, GateClosed, Outcome, SignalRaised
from screening.journey import says
from screening.journey.acts import Act
from screening.journey.prompt import prompt
from screening.journey.says import Say, say
from screening.journey.stages.closing import close_journey, leave
from screening.journey.stages.human import ask_for_human
from screening.journey.stages.opening import not_private
from screening.journey.state import HumanState, Journey, Moved, Situation, Step, gate_open

TALKING_ABOUT_CONTACT = frozenset(step for step in Step if step.value.startswith(("handover.", "plan."))) | {
    Step.RECHECK
}
"""Steps that are not places to come back to after a human."""


def human(state: Journey, at: Situation, *, urgent: bool = False) -> Moved:
    if state.human is HumanState.WAITING:
        return Moved(replace(state, urgent=state.urgent or urgent), (), prompt(state, at))
    place = state.return_to if state.step is Step.RECHECK else state.step
    came_from = state.came_from if place in TALKING_ABOUT_CONTACT else place
    return ask_for_human(replace(state, came_from=came_from, return_to=None), at, urgent=urgent)


def contact_me(state: Journey, at: Situation) -> Moved:
    place = state.came_from if state.step in TALKING_ABOUT_CONTACT else state.step
    moved = replace(state, step=Step.PLAN_WAY, wish="contact", share=False, came_from=place)
    return Moved(moved, (), prompt(moved, at))


def help_now(state: Journey, at: Situation) -> Moved:
    if not gate_open(state, at):
        return _aside(state, at, say("help_now.closed"))
    return _aside(state, at, say("help_now.open"), says.lines(short=True))


def what_happens(state: Journey, at: Situation) -> Moved:
    key = "what_happens.open" if gate_open(state, at) else "what_happens.closed"
    return _aside(state, at, say(key, agency=at.agency_name))


def again(state: Journey, at: Situation) -> Moved:
    return Moved(state, (), prompt(state, at))


def simpler(state: Journey, at: Situation) -> Moved:
    plain = replace(state, simpler=True)
    return Moved(plain, (), prompt(plain, at))


def later(state: Journey, at: Situation) -> Moved:
    place = state.return_to if state.step in (Step.RECHECK, Step.NOT_PRIVATE, Step.LATER) else state.step
    outcome = state.outcome or Outcome.LATER
    moved = replace(state, step=Step.LATER, return_to=place or Step.ALONE, outcome=outcome)
    return Moved(moved, (), prompt(moved, at))


def finish(state: Journey, at: Situation) -> Moved:
    return close_journey(state, at)


def leave_now(state: Journey, at: Situation) -> Moved:
    return leave(state, Outcome.LEFT)


def overseen(state: Journey, at: Situation) -> Moved:
    """Somebody else can see: a boring line at once, and the gate shut."""
    place = state.return_to if state.step in (Step.RECHECK, Step.NOT_PRIVATE) else state.step
    moved = replace(
        state,
        step=Step.NOT_PRIVATE,
        return_to=place,
        gate=close(state.gate, ClosedBecause.SUSPECTED),
        outcome=state.outcome or Outcome.NOT_SAFE,
    )
    closed = GateClosed(ClosedBecause.SUSPECTED.value)
    return Moved(moved, (SignalRaised("overseen"), closed), (say("signal.overseen"),))


def other_person(state: Journey, at: Situation) -> Moved:
    """The one who writes is not the applicant: a neutral line, and the end."""
    left = leave(state, Outcome.OTHER_PERSON)
    return Moved(left.state, (SignalRaised("other_person"), *left.events), (say("signal.other_person"),))


def danger_now(state: Journey, at: Situation) -> Moved:
    urgent = replace(state, urgent=True)
    raised = Moved(urgent, (SignalRaised("danger_now"),))
    if gate_open(state, at):
        return raised.then(_aside(urgent, at, say("signal.danger_open")))
    return raised.then(_aside(urgent, at, say("signal.danger_closed")))


def _human_first(signal: str, open_key: str, closed_key: str) -> Callable[[Journey, Situation], Moved]:
    def meet(state: Journey, at: Situation) -> Moved:
        words = say(open_key if gate_open(state, at) else closed_key)
        return Moved(state, (SignalRaised(signal),), (words,)).then(human(state, at, urgent=True))

    return meet


def _told(signal: str, open_key: str) -> Callable[[Journey, Situation], Moved]:
    def meet(state: Journey, at: Situation) -> Moved:
        words = say(open_key if gate_open(state, at) else "signal.disclosed_closed")
        return Moved(state, (SignalRaised(signal),)).then(_aside(state, at, words))

    return meet


def not_understood(state: Journey, at: Situation) -> Moved:
    """Once: the buttons again. From the second time on: a human beside them. Never the same loop (FACTS: people test)."""
    missed = replace(state, misses=state.misses + 1)
    key = "not_understood.first" if state.misses == 0 else "not_understood.second"
    repeat = prompt(missed, at) if state.misses == 0 else ()
    return Moved(missed, (Counted("not_understood"),), (say(key), *repeat))


def _aside(state: Journey, at: Situation, *words: Say) -> Moved:
    """Say something and ask the pending thing again, so that the choices below make sense."""
    return Moved(state, (), (*words, *prompt(state, at)))


MEETS: dict[Act, Callable[[Journey, Situation], Moved]] = {
    Act.EXIT: leave_now,
    Act.HUMAN: human,
    Act.CHAT_NOW: human,
    Act.CONTACT_ME: contact_me,
    Act.HELP_NOW: help_now,
    Act.WHAT_HAPPENS: what_happens,
    Act.AGAIN: again,
    Act.GREET: again,
    Act.BACK: again,
    Act.SIMPLER: simpler,
    Act.LATER: later,
    Act.FINISH: finish,
    Act.OVERSEEN: overseen,
    Act.OTHER_PERSON: other_person,
    Act.DANGER_NOW: danger_now,
    Act.SELF_HARM: _human_first("self_harm", "signal.self_harm_open", "signal.self_harm_closed"),
    Act.CHILD_HARM: _human_first("child_harm", "signal.child_open", "signal.child_closed"),
    Act.EXPOSED: _told("exposed", "signal.disclosed_open"),
    Act.USES_VIOLENCE: _told("uses_violence", "signal.uses_open"),
}
"""Acts with a meaning at every step."""

__all__ = ["MEETS", "not_private", "not_understood"]
