"""What is on the screen: the messages that may be shown at this moment, what can be chosen, and how things stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.talk.outlet import Outlet
from bot.talk.place import Place
from bot.talk.reply import Choice, Message, Reply
from bot.talk.saved import Saved
from casework.messages import StoredMessage
from safety.content import ContentClass, Sender
from safety.gate import Block, confirm
from safety.outlet import Refused
from screening.events import Outcome, Stage
from screening.journey.acts import Act
from screening.journey.prompt import EXPECTS_WORDS, choices, everywhere
from screening.journey.says import Say, say
from screening.journey.state import HumanState, Journey, Situation, gate_open
from screening.journey.step import look

HELD = (Act.PRIVATE.value, Act.NOT_PRIVATE.value)
"""What can be chosen when a human's message waits behind a closed gate."""


def shown(place: Place, saved: Saved, situation: Situation, kept: Sequence[StoredMessage]) -> Reply:
    """What the person may see who comes back to the screen, without having done anything.

    Messages that the gate no longer covers are not shown; the privacy question stands in their place.
    """
    looked = look(saved.journey, situation)
    state = looked.state
    outlet = Outlet(place.catalogue, place.reader(state, situation), place.setting(state, situation))
    messages, refused = outlet.show(kept)
    if state.human is HumanState.CLAIMED:
        if Refused.GATE_CLOSED in refused:
            messages = [*_only_neutral(messages), *worded(place, state, situation, (say("handover.held"),))]
    elif state.step is not saved.journey.step:
        messages = [*_from_desk(messages), *worded(place, state, situation, looked.says)]
    elif refused or not messages:
        messages = list(worded(place, state, situation, looked.says))
    last_seq = kept[-1].seq if kept else 0
    return reply(place, state, situation, tuple(messages), last_seq=last_seq)


def worded(place: Place, state: Journey, situation: Situation, says: Sequence[Say]) -> tuple[Message, ...]:
    """Says that are shown but not kept, through the outlet."""
    outlet = Outlet(place.catalogue, place.reader(state, situation), place.setting(state, situation))
    passed = outlet.pass_says(says).messages
    return tuple(
        Message(f"now-{n}", m.body["text"], m.cls, m.sender, m.body["part"], m.body["title"], Block(m.body["block"]))
        for n, m in enumerate(passed, start=1)
    )


def reply(place: Place, state: Journey, situation: Situation, messages: tuple[Message, ...], *, last_seq: int) -> Reply:
    over = state.ended or state.paused
    open_gate = not over and gate_open(state, situation)
    revealing = any(message.content_class is not ContentClass.NEUTRAL for message in messages)
    return Reply(
        messages=messages,
        choices=offered(place, state, situation),
        stage=(Stage.CLOSE if over else state.stage).value,
        gate="open" if open_gate else "closed",
        handover=state.human.value,
        expects=_expects(state),
        ended=over,
        left=state.ended and state.outcome is Outcome.LEFT,
        idle_seconds=int(situation.rules.idle.total_seconds()) if open_gate and revealing else None,
        last_seq=last_seq,
        locale=state.locale,
        step=state.step.value,
    )


def offered(place: Place, state: Journey, situation: Situation) -> tuple[Choice, ...]:
    """Everything that can be chosen now, with its label."""
    content = place.catalogue.languages[state.locale]
    step = state.step.value
    here = choices(state, situation)
    if state.human is HumanState.CLAIMED and not gate_open(state, situation):
        here, step = HELD, "handover.held"
    return tuple(
        Choice(choice, content.label(step, choice), everywhere=choice not in here)
        for choice in (*here, *(c for c in everywhere(state) if c not in here))
    )


def with_gate_confirmed(state: Journey, situation: Situation) -> Journey:
    """The person says again that they are alone while a human has the conversation."""
    return replace(state, gate=confirm(state.gate, state.session, state.channel, situation.now))


def _expects(state: Journey) -> str:
    if state.ended or state.paused:
        return "none"
    return "text" if state.step in EXPECTS_WORDS or state.human is HumanState.CLAIMED else "choice"


def _only_neutral(messages: Sequence[Message]) -> list[Message]:
    return [message for message in messages if message.content_class is ContentClass.NEUTRAL][-1:]


def _from_desk(messages: Sequence[Message]) -> list[Message]:
    """The last line that the desk put in, such as "the caseworker has left": it explains the new question."""
    return [m for m in messages if m.sender is Sender.ASSISTANT and m.content_class is ContentClass.NEUTRAL][-1:]
