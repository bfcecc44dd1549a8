"""What is on the screen: the messages that may be shown at this moment, what can be chosen, and how things stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.talk.outlet import Outlet
from bot.talk.place import Place
from bot.talk.reply import Choice, Message, Reply
from bot.talk.saved import Saved
from casework.messages import StoredMessage
from casework.privacy_now import Privacy, PrivacyNow
from safety.content import ContentClass, Sender
from safety.gate import ClosedBecause, confirm
from safety.outlet import Refused
from screening.events import Outcome, Stage
from screening.journey.acts import Act
from screening.journey.prompt import EXPECTS_WORDS, choices, everywhere, help_first
from screening.journey.says import PRIVATE, Say, say
from screening.journey.state import HumanState, Journey, Situation, Step, gate_open, went_stale
from screening.journey.step import look

HELD = (Act.PRIVATE.value, Act.NOT_PRIVATE.value)
"""What can be chosen when a human's message waits behind a closed gate."""


def shown(place: Place, saved: Saved, situation: Situation, kept: Sequence[StoredMessage]) -> Reply:
    """What the person may see who comes back to the screen, without having done anything.

    Messages that the gate no longer covers are not shown; the privacy question stands in their place.
    """
    looked = look(saved.journey, situation)
    state = looked.state
    last_seq = kept[-1].seq if kept else saved.shown_from - 1
    outlet = outlet_for(place, state, situation)
    if state.step is Step.COVER:
        # Nothing that the desk has put in meanwhile shows behind the cover.
        kept = [one for one in kept if one.sender is Sender.ASSISTANT and "say" not in one.body]
    messages, refused = outlet.show([one for one in kept if not _gone(one, saved, situation)])
    if held(state):
        if Refused.GATE_CLOSED in refused or not gate_open(state, situation):
            question = say("handover.held" if waits(kept, saved, situation) else "handover.recheck")
            messages = [*_only_neutral(messages), *worded(place, state, situation, (question,), last_seq)]
    elif state.step is not saved.journey.step:
        messages = [*_from_desk(outlet, kept), *worded(place, state, situation, looked.says, last_seq)]
    elif refused or not messages:
        messages = list(worded(place, state, situation, looked.says, last_seq))
    return reply(place, state, situation, tuple(messages), last_seq=last_seq)


def _gone(one: StoredMessage, saved: Saved, situation: Situation) -> bool:
    """Whether a private message has left the screen: the gate went stale, or the screen was looked at anew since it was said."""
    if one.body.get("part") != PRIVATE:
        return False
    return went_stale(saved.journey, situation) or one.seq < saved.private_from


def worded(
    place: Place, state: Journey, situation: Situation, says: Sequence[Say], last_seq: int = 0
) -> tuple[Message, ...]:
    """Says that are shown but not kept, through the outlet. `last_seq` is the last message that is kept."""
    return outlet_for(place, state, situation).unkept(says, last_seq)


def outlet_for(place: Place, state: Journey, situation: Situation) -> Outlet:
    return Outlet(place.catalogue, place.reader(state, situation), place.setting(state, situation))


def reply(place: Place, state: Journey, situation: Situation, messages: tuple[Message, ...], *, last_seq: int) -> Reply:
    over = state.ended or state.paused
    open_gate = not over and gate_open(state, situation)
    revealing = open_gate and any(message.content_class is not ContentClass.NEUTRAL for message in messages)
    private = not over and any(message.part == PRIVATE for message in messages)
    return Reply(
        messages=messages,
        choices=offered(place, state, situation),
        stage=(Stage.CLOSE if over else state.stage).value,
        gate="open" if open_gate else "closed",
        handover=state.human.value,
        expects=_expects(state),
        ended=over,
        left=state.ended and state.outcome is Outcome.LEFT,
        idle_seconds=int(situation.rules.idle.total_seconds()) if revealing or private else None,
        last_seq=last_seq,
        offline_help=outlet_for(place, state, situation).short_list() if open_gate else (),
        locale=state.locale,
        step=state.step.value,
        has_word=bool(state.code),
    )


def offered(place: Place, state: Journey, situation: Situation) -> tuple[Choice, ...]:
    """Everything that can be chosen now, with its label."""
    content = place.catalogue.languages[state.locale]
    here = choices(state, situation)
    steps = dict.fromkeys(here, "handover.away" if held(state) else state.step.value)
    if held(state) and not gate_open(state, situation):
        steps = dict.fromkeys(HELD, "handover.held") | steps
    here = (*help_first(state), *steps)
    return tuple(
        Choice(choice, content.label(steps.get(choice, state.step.value), choice), everywhere=choice not in here)
        for choice in (*here, *(c for c in everywhere(state) if c not in here))
    )


def on_screen(saved: Saved, situation: Situation) -> str:
    """`cover`, `open` or `closed`: a page that shows the one may not go on showing it when it is another.

    Silence is left out: the page measures it by itself, from the last touch, which is later than the last answer.
    """
    patient = replace(situation, rules=replace(situation.rules, idle=situation.rules.longest))
    state = look(saved.journey, patient).state
    if state.step is Step.COVER:
        return "cover"
    return "open" if gate_open(state, patient) else "closed"


def held(state: Journey) -> bool:
    """Whether a human has the conversation and it is on the screen."""
    return state.human is HumanState.CLAIMED and state.step is not Step.COVER


def with_gate_confirmed(state: Journey, situation: Situation) -> Journey:
    """The person says again that they are alone while a human has the conversation: the talk is on the screen again."""
    if state.step in (Step.RECHECK, Step.NOT_PRIVATE):
        state = replace(state, step=Step.WAITING, return_to=None)
    return replace(state, gate=confirm(state.gate, state.session, state.channel, situation.now))


def privacy_now(state: Journey, situation: Situation) -> PrivacyNow:
    """What the caseworker may know of the gate: whether it holds, since when, and whether the subject was changed."""
    said = state.gate.said_at
    minutes = max(0, int((situation.now - said).total_seconds() // 60)) if said is not None else 0
    if state.ended or state.paused:
        return PrivacyNow()
    if state.step is Step.COVER:
        return PrivacyNow(Privacy.COVERED)
    if gate_open(state, situation):
        return PrivacyNow(Privacy.CONFIRMED, minutes)
    if state.gate.closed_because in (ClosedBecause.NOT_PRIVATE, ClosedBecause.SUSPECTED):
        return PrivacyNow(Privacy.NOT_PRIVATE, minutes)
    return PrivacyNow(Privacy.STALE if said is not None else Privacy.UNKNOWN, minutes)


def _expects(state: Journey) -> str:
    if state.ended or state.paused:
        return "none"
    return "text" if state.step in EXPECTS_WORDS or held(state) else "choice"


def waits(kept: Sequence[StoredMessage], saved: Saved, situation: Situation) -> bool:
    """Whether a human wrote something that has not been on the screen."""
    live = live_until(saved, situation)
    return any(one.sender is Sender.HUMAN and (live is None or one.at > live) for one in kept)


def live_until(saved: Saved, situation: Situation) -> datetime | None:
    """Until when words of a human were shown as they came: what is later is new. None where they never were."""
    gate = saved.journey.gate
    if not gate.blocks or gate.seen_at is None or gate.said_at is None:
        return saved.live_until
    return min(situation.now, gate.seen_at + situation.rules.idle, gate.said_at + situation.rules.longest)


def _only_neutral(messages: Sequence[Message]) -> list[Message]:
    return [message for message in messages if message.content_class is ContentClass.NEUTRAL][-1:]


def _from_desk(outlet: Outlet, kept: Sequence[StoredMessage]) -> list[Message]:
    """The last line that the desk put in, such as "the caseworker has left": it explains the new question. Before it, what a
    human wrote after the person's last words: it may have come with that line.

    Nothing else of what stood there stays: "question 3 of 7" is neutral, and tells what was going on.
    """
    own = max((one.seq for one in kept if one.sender is Sender.PERSON), default=0)
    written = [one for one in kept if one.sender is Sender.HUMAN and one.seq > own]
    return [*outlet.show(written)[0], *outlet.show([one for one in kept if "say" in one.body])[0][-1:]]
