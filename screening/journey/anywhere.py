"""What can be said at every step: a human, help, again, what happens, later, and what the safety signals bring."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from safety.content import Channel
from safety.gate import Block, ClosedBecause, close
from safety.signals import Signal
from screening.events import Counted, GateClosed, Outcome, SignalRaised
from screening.journey import says
from screening.journey.acts import SIGNAL_ACTS, Act
from screening.journey.prompt import prompt
from screening.journey.says import Say, say
from screening.journey.signal_rules import SignalRule, Then, may_be_own_story, strongest
from screening.journey.stages.closing import close_journey, leave
from screening.journey.stages.cover import put_on
from screening.journey.stages.human import ask_for_human
from screening.journey.stages.opening import ask_again, not_private, say_not_private
from screening.journey.stages.rights import ASIDE, ask_to_erase, behind_kept, what_is_kept
from screening.journey.state import HumanState, Journey, Moved, Situation, Step, gate_open, says_leave

TALKING_ABOUT_CONTACT = frozenset(step for step in Step if step.value.startswith(("handover.", "plan."))) | {
    Step.RECHECK
}
"""Steps that are not places to come back to after a human."""


GRAVE = frozenset({Signal.DANGER_NOW, Signal.SELF_HARM, Signal.CHILD_HARM, Signal.EXPOSED})
"""Signals after which a human and help now come first on the screen."""


def human(state: Journey, at: Situation, *, urgent: bool = False) -> Moved:
    if state.human is HumanState.WAITING:
        return Moved(replace(state, urgent=state.urgent or urgent), (), prompt(state, at))
    return ask_for_human(replace(state, came_from=_place(state), return_to=None), at, urgent=urgent)


def contact_me(state: Journey, at: Situation) -> Moved:
    place = _place(state)
    # What is behind a place that stands before another one stays there.
    behind = state.return_to if place in (Step.LATER, Step.NOT_PRIVATE, Step.COVER) else None
    behind = None if state.step is Step.RECHECK else behind
    moved = replace(state, step=Step.PLAN_WAY, wish="contact", share=False, came_from=place, return_to=behind)
    return Moved(moved, (), prompt(moved, at))


def _place(state: Journey) -> Step | None:
    """Where to come back to after a human: the step behind a question beside the way, never a step about contact."""
    place = state.return_to if state.step is Step.RECHECK else state.step
    if place in (Step.KEPT, Step.ERASE):
        behind = behind_kept(state)
        # A question about privacy that stands before it has taken the place behind it.
        place = Step.ALONE if behind is place else behind
    return state.came_from if place in TALKING_ABOUT_CONTACT else place


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
    place = state.return_to if state.step in ASIDE else state.step
    outcome = state.outcome or Outcome.LATER
    moved = replace(state, step=Step.LATER, return_to=place or Step.ALONE, outcome=outcome)
    return Moved(moved, (), prompt(moved, at))


def finish(state: Journey, at: Situation) -> Moved:
    return close_journey(state, at)


def leave_now(state: Journey, at: Situation) -> Moved:
    if not says_leave(at):
        return _aside(state, at, say("exit.ask"))
    return leave(state, Outcome.LEFT)


def signalled(signal: Act, state: Journey, at: Situation) -> Moved:
    """What the signals in the words bring, by the table. `signal` is the act that Rasa was told of."""
    raised = at.signal_rules.raised(at.signals or (signal.value,))
    then = strongest(raised)
    suspected = any(row.closes_gate for row in raised)
    urgent = replace(
        state,
        urgent=state.urgent or any(row.urgent for row in raised),
        grave=any(row.signal in GRAVE for row in raised),
    )
    if suspected:
        urgent = replace(urgent, gate=close(urgent.gate, ClosedBecause.SUSPECTED))
    events = tuple(SignalRaised(row.signal.value) for row in raised)
    told = Moved(urgent, events, _words(raised, then, is_open=gate_open(urgent, at)))
    claimed = state.human is HumanState.CLAIMED
    if then is Then.END and (claimed or may_be_own_story(row.signal for row in raised)):
        # A human who has the conversation can ask who writes, and the assistant is silent.
        before = Moved(urgent, events, () if claimed else _before_privacy(raised))
        seen = any(row.then is Then.COVER for row in raised)
        return before.then(put_on(urgent, at) if seen else _ask_privacy(urgent, at))
    match then:
        case Then.END:
            return told.then(leave(urgent, Outcome.OTHER_PERSON))
        case Then.COVER:
            return told.then(put_on(urgent, at))
        case Then.LEAVE:
            left = told.then(leave_now(urgent, at))
            return replace(left, says=()) if says_leave(at) else left
        case Then.HUMAN:
            return told.then(human(urgent, at, urgent=urgent.urgent))
        case Then.LATER:
            return told.then(later(urgent, at))
        case Then.STAY:
            return told if _is_read(urgent) else told.then(_aside(urgent, at))


def _is_read(state: Journey) -> bool:
    """Whether what was on the page need not be said again: help must not stand below a card that has been read."""
    return state.grave and state.step is Step.CARD and state.channel is Channel.WEB


def _words(raised: Sequence[SignalRule], then: Then, *, is_open: bool) -> tuple[Say, ...]:
    """The words of the most urgent signal. Where the cover or the end follows, only what cannot wait is said before."""
    hurried = then in (Then.COVER, Then.END)
    kept = [row for row in raised if not hurried or row.urgent or row.then is then]
    spoken = [name for row in kept if (name := row.open if is_open else row.closed)]
    if then is Then.END and spoken:
        # What cannot wait, and the line that ends.
        return tuple(say(name) for name in dict.fromkeys((spoken[0], spoken[-1])))
    return tuple(say(name) for name in spoken[:1])


def _before_privacy(raised: Sequence[SignalRule]) -> tuple[Say, ...]:
    """What cannot wait, or thanks without echo."""
    return (say(next((row.closed for row in raised if row.urgent and row.closed), "signal.disclosed_closed")),)


NO_QUESTION_OVER = (Step.CODE, *ASIDE)
"""Steps that ask about privacy already, or that remember another place: they stay, and nothing sensitive follows without asking."""


def _ask_privacy(state: Journey, at: Situation) -> Moved:
    """Somebody else may be at the keys: privacy is asked before anything else."""
    if state.step in (Step.HELLO, Step.ALONE):
        state = replace(state, step=Step.ALONE)
    elif state.step not in NO_QUESTION_OVER:
        return ask_again(state, at, Block.GENERAL, ClosedBecause.SUSPECTED)
    return Moved(state, (GateClosed(ClosedBecause.SUSPECTED.value),), prompt(state, at))


def no_longer_private(state: Journey, at: Situation) -> Moved:
    """Said where it was not asked, in words: the gate shuts wherever the person is."""
    aside = (Step.RECHECK, Step.NOT_PRIVATE, Step.LATER, Step.CODE)
    place = state.return_to if state.step in aside else state.step
    return say_not_private(replace(state, return_to=place), at)


def cover(state: Journey, at: Situation) -> Moved:
    return put_on(state, at)


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
    Act.WHAT_IS_KEPT: what_is_kept,
    Act.ERASE: ask_to_erase,
    Act.AGAIN: again,
    Act.GREET: again,
    Act.BACK: again,
    Act.SIMPLER: simpler,
    Act.LATER: later,
    Act.FINISH: finish,
    Act.COVER: cover,
    Act.NOT_PRIVATE: no_longer_private,
    **{signal: partial(signalled, signal) for signal in SIGNAL_ACTS},
}
"""Acts with a meaning at every step."""

__all__ = ["MEETS", "not_private", "not_understood"]
