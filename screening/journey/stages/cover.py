"""The neutral cover: at once an ordinary, truthful, boring conversation about the planning; back only by the person's code.

Whoever looks at the screen sees what any job seeker sees. Nothing behind it can be reached by a button, a "ja" or
patience: only by the word that the person chose beforehand, and then privacy is asked anew. Who chose none begins anew.
"""

from __future__ import annotations

from dataclasses import replace

from safety.gate import Block, ClosedBecause, close
from screening.events import Event, GateClosed, HandoverCancelled, Outcome
from screening.journey.acts import Act
from screening.journey.code import MOST_GUESSES, is_code
from screening.journey.prompt import prompt
from screening.journey.says import say
from screening.journey.signal_rules import may_be_own_story
from screening.journey.stages.closing import leave
from screening.journey.stages.human import ask_for_human
from screening.journey.stages.opening import ask_again
from screening.journey.state import HumanState, Journey, Moved, Situation, Step

TOPICS = {Act.COVER_PLAN: "cover.plan", Act.COVER_MEETING: "cover.meeting", Act.COVER_PAPERS: "cover.papers"}
NOT_PLACES = (Step.RECHECK, Step.NOT_PRIVATE, Step.COVER, Step.CODE, Step.KEPT, Step.ERASE)
"""Steps that nobody comes back to from the cover."""


def put_on(state: Journey, at: Situation) -> Moved:
    """Cover what is on the screen, shut the gate, remember the place."""
    place = state.return_to if state.step in NOT_PLACES else state.step
    moved = replace(
        state,
        step=Step.COVER,
        return_to=place,
        gate=close(state.gate, ClosedBecause.SUSPECTED),
        outcome=state.outcome or Outcome.NOT_SAFE,
    )
    return Moved(moved, (GateClosed(ClosedBecause.SUSPECTED.value),), prompt(moved, at))


def behind(state: Journey, act: Act, at: Situation) -> Moved:
    """Anything that is done while covered. Total: there is no act that shows more than the cover does."""
    if at.typed and is_code(at.typed, state.code, state.session):
        return _off(state, at)
    state = _guessed(state, at)
    urgent = [row for row in at.signal_rules.raised(at.signals or (act.value,)) if row.urgent and row.closed]
    if urgent:
        # Whoever tells of danger is not shut out, whoever they are.
        return Moved(replace(state, urgent=True), (), (say(urgent[0].closed),))
    if act in TOPICS:
        return Moved(state, (), (say(TOPICS[act]),))
    match act:
        case Act.HUMAN | Act.CHAT_NOW | Act.CONTACT_ME:
            return _human(state, at)
        case Act.HELP_NOW:
            return Moved(state, (), (say("help_now.closed"),))
        case Act.FINISH:
            return _done(state)
        case Act.OTHER_PERSON if state.human is not HumanState.CLAIMED and not may_be_own_story(at.signals):
            return _done(state)
        case Act.AGAIN | Act.COVER | Act.OVERSEEN | Act.GREET:
            return Moved(state, (), prompt(state, at))
    return Moved(state, (), (say("cover.more"),))


def asks_anew(before: Journey, act: Act | None) -> bool:
    """Whether somebody behind the cover asks for the human who is waited for, or who has the conversation and is told."""
    asks = act in (Act.HUMAN, Act.CHAT_NOW, Act.CONTACT_ME)
    return asks and before.step is Step.COVER and before.human is not HumanState.NONE


def while_away(state: Journey, at: Situation) -> Journey:
    """A human came or went while the person was covered: nothing is shown; the place to come back to follows."""
    if at.human is HumanState.NONE:
        return replace(state, human=at.human, return_to=Step.BACK_FROM_HUMAN)
    return replace(state, human=at.human, return_to=Step.WAITING)


def _off(state: Journey, at: Situation) -> Moved:
    """The code was given. The place is not shown before the person has said anew that they are alone."""
    moved = replace(
        state,
        step=Step.RECHECK,
        return_to=state.return_to or Step.ALONE,
        needed_block=Block.GENERAL,
        guesses=0,
    )
    return Moved(moved, (), prompt(moved, at))


def _human(state: Journey, at: Situation) -> Moved:
    """A human is one step away here too (P7). Afterwards the cover is still on.

    Who is waited for already, or has the conversation, is asked for again, as by somebody who comes new: privacy first,
    and nothing of what was said before is shown. That takes the word.
    """
    if state.human is not HumanState.NONE:
        asked = replace(state, step=Step.WAITING, came_from=Step.COVER, return_to=None)
        return ask_again(asked, at, Block.GENERAL, ClosedBecause.SUSPECTED)
    return ask_for_human(replace(state, came_from=Step.COVER, wish="", share=False), at)


def _guessed(state: Journey, at: Situation) -> Journey:
    if not at.typed:
        return state
    guesses = state.guesses + 1
    return replace(state, guesses=guesses, code=state.code if guesses < MOST_GUESSES else "")


def _done(state: Journey) -> Moved:
    """An ending as of any talk about the planning: no word on traces."""
    outcome = state.outcome or Outcome.NOT_SAFE
    events: tuple[Event, ...] = ()
    if state.run is not None and not state.run_over:
        events = (state.run.ended(completed=False),)
    if state.human is HumanState.WAITING:
        events = (*events, HandoverCancelled())
    left = leave(state, outcome)
    return Moved(left.state, (*events, *left.events), (say("cover.done"),))
