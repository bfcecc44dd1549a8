"""Conversations as the records have them: read for a turn, written whole, shown."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple, Protocol

from bot.talk import view
from bot.talk.outlet import Passed
from bot.talk.place import Place, human_state
from bot.talk.reply import NotTaken, Refusal, Reply
from bot.talk.saved import Saved, dump, first_needed, load, on_screen
from casework.intake import Intake, Turn, UnknownConversation
from screening.events import Counted, Ended, Erased, HandoverCancelled, HandoverRequested
from screening.journey.says import Say
from screening.journey.state import HumanState, Journey, Situation, Step, gate_open
from screening.journey.step import look

ABOUT_THE_QUEUE = (HandoverRequested, HandoverCancelled, Ended, Erased)
"""Events after which the desk's queue looks different."""

ABOUT_THE_DESK = frozenset({Step.HANDOVER, Step.WAITING})
"""Steps whose words depend on who is at the desk."""


class Changed(Protocol):
    def __call__(self, conversation_id: str, *, queue: bool) -> None: ...


def nobody(conversation_id: str, *, queue: bool) -> None:
    """Nobody wants to be told."""


class Now(NamedTuple):
    """A conversation as it stands: the turn that is being written, what was saved of the journey, and the world."""

    turn: Turn
    saved: Saved
    situation: Situation


class Conversations:
    """The records as a turn sees them. Every write is one transaction, and whoever listens is told of it."""

    def __init__(self, intake: Intake, place: Place, changed: Changed = nobody) -> None:
        """`changed` is told of a conversation after something was written, and whether the queue looks different."""
        self.intake = intake
        self.place = place
        self.changed = changed

    def situation(self, turn: Turn) -> Situation:
        """The world around the conversation of `turn`."""
        return self.place.situation(
            turn.agency,
            turn.programme,
            turn.locale,
            human=human_state(turn),
            region=turn.region,
            indicated=turn.indicated,
            office=turn.office,
            handover=turn.handover,
        )

    async def read(self, conversation_id: str, token: str | None = None) -> Now:
        """`token` is the person's, where it was not looked at already.

        Raises NotTaken when there is no such conversation, the token does not open it, or it is over.
        """
        return await asyncio.to_thread(self._read, conversation_id, token)

    def _read(self, conversation_id: str, token: str | None) -> Now:
        try:
            turn = self.intake.begin(conversation_id)
        except UnknownConversation:
            raise NotTaken(Refusal.UNKNOWN) from None
        if token is not None and not turn.is_opened_by(token):
            raise NotTaken(Refusal.WRONG_TOKEN)
        if turn.ended or turn.state is None:
            raise NotTaken(Refusal.ENDED)
        now = Now(turn, load(turn.state), self.situation(turn))
        journey = now.saved.journey
        if journey.human is not HumanState.NONE and now.situation.human is HumanState.NONE:
            now = now._replace(situation=replace(now.situation, unseen=self._unseen(now)))
        if journey.step in ABOUT_THE_DESK or journey.human is not now.situation.human:
            now.situation.at_desk()  # It will be asked for: looked up here, off the event loop.
        if journey.told_away:
            now.situation.claimer_away()
        return now

    def _unseen(self, now: Now) -> bool:
        """Whether a human who has gone left words that were not shown, and that may not be shown yet."""
        saved, situation = now.saved, now.situation
        if gate_open(saved.journey, situation):
            return False
        kept = self.intake.messages(now.turn.id, (saved.chat_from or saved.shown_from) - 1)
        return view.waits(kept, saved, situation)

    async def shown(self, now: Now) -> Reply:
        """What is on the person's screen, nothing having been done."""
        state = look(now.saved.journey, now.situation).state
        first = first_needed(now.saved, state)
        kept = await asyncio.to_thread(self.intake.messages, now.turn.id, first - 1)
        return view.shown(self.place, now.saved, now.situation, on_screen(now.saved, kept))

    async def keep(self, now: Now) -> None:
        """Write down what happened in a turn in which the assistant says nothing."""
        now.turn.state = dump(now.saved)
        await asyncio.to_thread(self.intake.commit, now.turn)
        self.changed(now.turn.id, queue=False)

    async def write(self, turn: Turn, state: Journey, situation: Situation, says: Sequence[Say], saved: Saved) -> Reply:
        """Pass the words through the outlet, write everything in one transaction, and give what is on the screen."""
        outlet = view.outlet_for(self.place, state, situation)
        passed: Passed = outlet.pass_says(says)
        turn.messages += passed.messages
        turn.events += [Counted(f"outlet_refused:{why}") for why in passed.refused]
        turn.state = dump(saved)
        first = turn.last_seq + 1
        stored = await asyncio.to_thread(self.intake.commit, turn)
        self.changed(turn.id, queue=any(isinstance(event, ABOUT_THE_QUEUE) for event in turn.events))
        needed = first_needed(saved, state)
        if needed < first and not state.ended and not state.paused:
            stored = on_screen(saved, await asyncio.to_thread(self.intake.messages, turn.id, needed - 1))
        messages = tuple(outlet.show(stored)[0])
        last_seq = stored[-1].seq if stored else turn.last_seq
        return view.reply(self.place, state, situation, messages, last_seq=last_seq)
