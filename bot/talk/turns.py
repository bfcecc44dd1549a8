"""Turns: one at a time in a conversation, each written whole or not at all.

Order: one input at a time, drop what was answered already, clean, safety signals, the take-over check on our own
records, Rasa under a deadline, the outlet, one transaction, and only then the answer.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Protocol
from weakref import WeakValueDictionary

from bot.engine.agent import RasaEngine, TurnAborted
from bot.talk import hearing, view
from bot.talk.acts import PAST_THE_HUMAN, FindSignals, Meant, chosen_by_words, meant
from bot.talk.hearing import Heard
from bot.talk.outlet import UNKEPT, Passed, fixed, from_person
from bot.talk.place import Place, human_state
from bot.talk.reply import NotTaken, Refusal, Reply
from bot.talk.saved import Saved, dump, load
from casework.encounter import Encounter, enter, leave
from casework.intake import AlreadyEnded, Conflict, Intake, Turn, UnknownConversation
from casework.invitations import Claims
from casework.privacy_now import PrivacyNow
from casework.unavailable import Contended, Unavailable
from safety.content import Channel
from safety.gate import ClosedBecause, close, touch
from screening.events import (
    Counted,
    Ended,
    Erased,
    GateClosed,
    GateOpened,
    HandoverCancelled,
    HandoverRequested,
    Outcome,
)
from screening.journey.acts import Act
from screening.journey.code import split
from screening.journey.prompt import choices, everywhere
from screening.journey.says import Say, say
from screening.journey.stages.closing import hung_up
from screening.journey.stages.code import come_back
from screening.journey.state import HumanState, Journey, Situation, Step, gate_open
from screening.journey.step import begin, look

log = logging.getLogger("enrum.turns")

DEADLINE = 8.0
"""Seconds that Rasa may take for a turn. A carrier gives up after 15."""


ABOUT_THE_QUEUE = (HandoverRequested, HandoverCancelled, Ended, Erased)
"""Events after which the desk's queue looks different."""


class Changed(Protocol):
    def __call__(self, conversation_id: str, *, queue: bool) -> None: ...


def _nobody(conversation_id: str, *, queue: bool) -> None:
    """Nobody wants to be told."""


@dataclass(frozen=True)
class Standing:
    """How a conversation stands with the human."""

    human: HumanState
    news: str
    """Changes when the page has something new to fetch."""
    screen: str
    """`cover`, `open` or `closed`: what may be on the screen."""
    talks: bool
    """Whether person and caseworker see each other's words now: claimed, gate open, no cover."""


@dataclass(frozen=True)
class Begun:
    """A new conversation: its id, the person's only key to it, and the first words."""

    id: str
    token: str
    reply: Reply


class Turns:
    """Takes turns for every channel."""

    def __init__(
        self,
        engine: RasaEngine,
        intake: Intake,
        place: Place,
        find_signals: FindSignals,
        changed: Changed = _nobody,
    ) -> None:
        """`changed` is told of a conversation after something was written, and whether the queue looks different."""
        self._engine = engine
        self._intake = intake
        self._place = place
        self._find_signals = find_signals
        self._changed = changed
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def open(
        self, agency: str, programme: str, channel: Channel, locale: str, claims: Claims | None = None
    ) -> Begun:
        """Begin a conversation, say hello. `claims` are those of the invitation that it begins with."""
        office = self._place.agency(agency).office_or_default(claims.office if claims else "")
        situation = self._place.situation(agency, programme, locale, office=office)
        known = (
            claims.model_dump(include={"occasion", "region", "sex", "age_band"}) | {"indicated": claims.asks}
            if claims
            else {}
        )
        opened = await asyncio.to_thread(
            self._intake.open,
            agency=agency,
            programme=programme,
            channel=channel.value,
            locale=locale,
            office=office,
            **known,
        )
        turn = await asyncio.to_thread(self._intake.begin, opened.id)
        moved = begin(opened.id, Journey(opened.id, channel, locale), situation)
        reply = await self._write(turn, moved.state, situation, moved.says, Saved(moved.state))
        return Begun(opened.id, opened.token, reply)

    async def come_back(self, typed: str) -> Begun:
        """Go on with what was left, by the person's code. Raises NotTaken: nobody learns whether a word was right."""
        code = split(typed)
        for _ in range(3):
            turn = await asyncio.to_thread(self._intake.come_back, *code) if code is not None else None
            if turn is None or turn.state is None or turn.new_token is None:
                break
            situation = self._place.situation(
                turn.agency,
                turn.programme,
                turn.locale,
                region=turn.region,
                indicated=turn.indicated,
                office=turn.office,
            )
            moved = come_back(load(turn.state).journey, situation)
            turn.events += moved.events
            saved = Saved(moved.state, turn.last_seq + 1)
            try:
                reply = await self._write(turn, moved.state, situation, moved.says, saved)
            except (Conflict, AlreadyEnded, Contended):
                continue
            except Unavailable as unavailable:
                log.error("turn not kept", extra={"error": type(unavailable).__name__})
                raise NotTaken(Refusal.FAILED) from None
            return Begun(turn.id, turn.new_token, reply)
        raise NotTaken(Refusal.NO_SUCH_CODE)

    def greeting(self, agency: str, programme: str, channel: Channel, locale: str) -> Reply:
        """The first words, before there is a conversation: nothing is kept of somebody who only opens the page."""
        situation = self._place.situation(agency, programme, locale)
        moved = begin("", Journey("", channel, locale), situation)
        messages = view.worded(self._place, moved.state, situation, moved.says)
        return view.reply(self._place, moved.state, situation, messages, last_seq=0)

    @property
    def find_signals(self) -> FindSignals:
        """The safety signals of a text, for a channel that takes words without a turn."""
        return self._find_signals

    @property
    def locales(self) -> frozenset[str]:
        """Languages that there is content for."""
        return frozenset(self._place.catalogue.languages)

    def sentence(self, key: str, locale: str = "sv") -> str:
        """A fixed neutral sentence, for when there is no turn to say it in."""
        return fixed(self._place.catalogue, key, locale)

    async def admit(self, conversation_id: str, token: str) -> None:
        """Raises NotTaken for an unknown conversation or a token that does not open it."""
        if await asyncio.to_thread(self._intake.admit, conversation_id, token):
            return
        try:
            await asyncio.to_thread(self._intake.begin, conversation_id)
        except UnknownConversation:
            raise NotTaken(Refusal.UNKNOWN) from None
        raise NotTaken(Refusal.WRONG_TOKEN)

    async def look(self, conversation_id: str) -> Reply:
        """What may be on the screen now. Raises NotTaken when there is no conversation, or it is over."""
        return await self._shown(*await self._read(conversation_id))

    async def standing(self, conversation_id: str) -> Standing:
        """What a page that only listens must not miss: a human who did something, and a screen that may not stay.

        The gate counts, for it can be shut from another window, and by its age while somebody reads on. Raises NotTaken.
        """
        turn, saved, situation = await self._read(conversation_id)
        human = human_state(turn)
        state = look(saved.journey, situation).state
        return Standing(
            human,
            str(turn.last_seq) if human is HumanState.CLAIMED else "",
            view.on_screen(saved, situation),
            view.held(state) and gate_open(state, situation),
        )

    async def privacy(self, conversation_id: str) -> PrivacyNow:
        """How private the chat is at this moment, for the caseworker who has it."""
        try:
            _, saved, situation = await self._read(conversation_id)
        except (NotTaken, Unavailable):
            return PrivacyNow()
        return view.privacy_now(look(saved.journey, situation).state, situation)

    async def leave(self, conversation_id: str) -> None:
        """The exit. Needs no turn, waits for none, and can be done twice."""
        await asyncio.to_thread(self._intake.end, conversation_id, Outcome.LEFT)
        self._changed(conversation_id, queue=True)

    async def hang_up(self, conversation_id: str) -> None:
        """The person put the phone down: it ends as it stands. Can be done twice, and to what is over."""
        try:
            _, saved, _ = await self._read(conversation_id)
        except NotTaken:
            return
        await asyncio.to_thread(self._intake.end, conversation_id, hung_up(saved.journey))
        self._changed(conversation_id, queue=True)

    async def take(self, conversation_id: str, heard: Heard) -> Reply:
        """Take one turn. Raises NotTaken: then nothing was written and what was pending still is."""
        async with self._alone(conversation_id):
            for _ in range(3):
                try:
                    return await self._take(conversation_id, heard)
                except (Conflict, Contended):
                    # A caseworker acted, or another process took a turn: begin again from what is true now.
                    continue
                except AlreadyEnded:
                    raise NotTaken(Refusal.ENDED) from None
                except hearing.TooLong:
                    raise NotTaken(Refusal.TOO_LONG) from None
                except hearing.Unreadable:
                    raise NotTaken(Refusal.UNREADABLE) from None
                except TurnAborted as aborted:
                    log.error("turn aborted", extra={"error": aborted.cause, "place": aborted.place})
                    raise NotTaken(Refusal.FAILED) from None
                except Unavailable as unavailable:
                    log.error("turn not kept", extra={"error": type(unavailable).__name__})
                    raise NotTaken(Refusal.FAILED) from None
            raise NotTaken(Refusal.BUSY)

    @asynccontextmanager
    async def _alone(self, conversation_id: str) -> AsyncIterator[None]:
        """Whoever comes while a turn is being taken answered something they had not seen the outcome of."""
        lock = self._locks.setdefault(conversation_id, asyncio.Lock())
        if lock.locked():
            raise NotTaken(Refusal.BUSY)
        async with lock:
            yield

    async def _read(self, conversation_id: str) -> tuple[Turn, Saved, Situation]:
        try:
            turn = await asyncio.to_thread(self._intake.begin, conversation_id)
        except UnknownConversation:
            raise NotTaken(Refusal.UNKNOWN) from None
        if turn.ended or turn.state is None:
            raise NotTaken(Refusal.ENDED)
        situation = self._place.situation(
            turn.agency,
            turn.programme,
            turn.locale,
            human=human_state(turn),
            region=turn.region,
            indicated=turn.indicated,
            office=turn.office,
        )
        return turn, load(turn.state), situation

    async def _take(self, conversation_id: str, heard: Heard) -> Reply:
        turn, saved, situation = await self._read(conversation_id)
        if heard.key is not None:
            turn.receipt_key = heard.key
            before = await asyncio.to_thread(turn.receipt, heard.key)
            if before is not None:
                # The screen as it is now, not as it was then: the cover may have come since.
                return await self._shown(turn, saved, situation)
        here = look(saved.journey, situation).state
        if self._not_offered(turn, heard, saved.journey, here, situation):
            return await self._ask_again(turn, saved, situation)
        if heard.text is not None:
            typed = chosen_by_words(heard.text, view.offered(self._place, here, situation))
            heard = heard if typed is None else replace(heard, text=None, choice=typed)
        what = meant(heard, here, self._find_signals, situation.signal_rules)
        to_human = here.human is HumanState.CLAIMED and here.step is not Step.COVER
        if to_human and what.act not in PAST_THE_HUMAN:
            return await self._to_human(turn, here, saved, situation, what)
        situation = replace(situation, detail=what.detail, typed=what.text or "", signals=what.signals)
        encounter = Encounter(saved.journey, situation, turn, snapshot=turn.snapshot)
        says = await self._let_rasa(conversation_id, encounter, what)
        turn.snapshot = encounter.snapshot
        if encounter.acted is Act.TOLD and here.step is Step.WAITING and what.text is not None:
            turn.messages.append(from_person(what.text))
            saved = replace(saved, journey=encounter.state)
            return await self._write(turn, encounter.state, situation, says, saved)
        return await self._write(turn, encounter.state, situation, says, Saved(encounter.state, turn.last_seq + 1))

    async def _let_rasa(self, conversation_id: str, encounter: Encounter, what: Meant) -> list[Say]:
        intent = what.act.value if what.act is not None else None
        token = enter(encounter)
        try:
            says = await self._engine.act(conversation_id, what.text, intent, DEADLINE)
        finally:
            leave(token)
        if encounter.acted is None:
            raise TurnAborted("NoAct")
        return says

    def _not_offered(self, turn: Turn, heard: Heard, before: Journey, here: Journey, situation: Situation) -> bool:
        """Whether the input answers something that is not being asked. What shuts the screen is never too late."""
        if heard.choice == Act.COVER.value and not here.ended:
            return False
        if heard.choice == Act.NOT_PRIVATE.value and gate_open(here, situation):
            return False
        if self._answers_older(turn, heard, here, situation):
            return True
        return heard.choice is not None and heard.choice not in {
            *choices(before, situation),
            *(choice.id for choice in view.offered(self._place, here, situation)),
        }

    def _answers_older(self, turn: Turn, heard: Heard, here: Journey, situation: Situation) -> bool:
        """Whether something was said after the message that was on the screen.

        What is written to a human reaches the human, and a sign of danger is heeded, whatever was on the screen.
        """
        if not heard.reply_to or heard.choice in everywhere(here) or view.held(here):
            return False
        if heard.reply_to.startswith(UNKEPT):
            after = heard.reply_to.removeprefix(UNKEPT).partition("-")[0]
            same = after == str(turn.last_seq) or (after == "0" and here.step is Step.HELLO)
        else:
            same = turn.last_id in ("", heard.reply_to)
        if same or heard.text is None:
            return not same
        return not meant(heard, here, self._find_signals, situation.signal_rules).signals

    async def _ask_again(self, turn: Turn, saved: Saved, situation: Situation) -> Reply:
        looked = look(saved.journey, situation)
        if view.held(looked.state):
            # A human has the conversation: nothing is said to it, the screen is shown as it is (P7).
            return await self._shown(turn, saved, situation)
        words = (say("not_offered"), *looked.says)
        messages = view.worded(self._place, looked.state, situation, words, turn.last_seq)
        return view.reply(self._place, looked.state, situation, messages, last_seq=turn.last_seq)

    async def _to_human(self, turn: Turn, state: Journey, saved: Saved, situation: Situation, what: Meant) -> Reply:
        """A human has the conversation: the assistant is silent, and Rasa hears nothing (P7)."""
        if what.act is Act.PRIVATE:
            state = view.with_gate_confirmed(state, situation)
            turn.events.append(GateOpened("general"))
        elif what.act is Act.NOT_PRIVATE:
            state = replace(state, gate=close(state.gate, ClosedBecause.NOT_PRIVATE))
            turn.events.append(GateClosed(ClosedBecause.NOT_PRIVATE.value))
        elif what.text is not None:
            turn.messages.append(from_person(what.text))
            state = replace(state, gate=touch(state.gate, situation.now))
        saved = replace(saved, journey=state)
        turn.state = dump(saved)
        await asyncio.to_thread(self._intake.commit, turn)
        self._changed(turn.id, queue=False)
        return await self._shown(turn, saved, situation)

    async def _shown(self, turn: Turn, saved: Saved, situation: Situation) -> Reply:
        kept = await asyncio.to_thread(self._intake.messages, turn.id, saved.shown_from - 1)
        return view.shown(self._place, saved, situation, kept)

    async def _write(
        self, turn: Turn, state: Journey, situation: Situation, says: list[Say] | tuple[Say, ...], saved: Saved
    ) -> Reply:
        """Pass the words through the outlet, write everything in one transaction, and give what is on the screen."""
        outlet = view.outlet_for(self._place, state, situation)
        passed: Passed = outlet.pass_says(says)
        turn.messages += passed.messages
        turn.events += [Counted(f"outlet_refused:{why}") for why in passed.refused]
        turn.state = dump(saved)
        first = turn.last_seq + 1
        stored = await asyncio.to_thread(self._intake.commit, turn)
        self._changed(turn.id, queue=any(isinstance(event, ABOUT_THE_QUEUE) for event in turn.events))
        if saved.shown_from < first and not state.ended and not state.paused:
            stored = await asyncio.to_thread(self._intake.messages, turn.id, saved.shown_from - 1)
        messages = tuple(outlet.show(stored)[0])
        last_seq = stored[-1].seq if stored else turn.last_seq
        return view.reply(self._place, state, situation, messages, last_seq=last_seq)
