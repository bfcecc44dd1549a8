"""Turns: one at a time in a conversation, each written whole or not at all.

Order: one input at a time, drop what was answered already, clean, safety signals, the take-over check on our own
records, Rasa under a deadline, the outlet, one transaction, and only then the answer.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from weakref import WeakValueDictionary

from bot.engine.agent import RasaEngine, TurnAborted
from bot.talk import hearing, view
from bot.talk.acts import PAST_THE_HUMAN, FindSignals, Meant, chosen_by_words, meant
from bot.talk.conversations import Changed, Conversations, Now, nobody
from bot.talk.hearing import Heard
from bot.talk.lateness import Lateness
from bot.talk.onlooker import Onlooker
from bot.talk.opening import Opening
from bot.talk.outlet import fixed, from_person, line_to_desk
from bot.talk.place import Place
from bot.talk.reply import NotTaken, Refusal, Reply
from bot.talk.saved import follows
from casework.encounter import Encounter, enter, leave
from casework.intake import AlreadyEnded, Conflict, Intake, UnknownConversation
from casework.unavailable import Contended, Unavailable
from safety.gate import ClosedBecause, close
from screening.events import GateClosed, GateOpened, Outcome
from screening.journey.acts import Act
from screening.journey.prompt import LEAVES_HUMAN
from screening.journey.says import Say, say
from screening.journey.stages.closing import hung_up
from screening.journey.stages.cover import asks_anew
from screening.journey.stages.human import news_of_desk, news_of_human
from screening.journey.stages.told import told_human
from screening.journey.state import HumanState, Journey, Step
from screening.journey.step import look

log = logging.getLogger("enrum.turns")

DEADLINE = 8.0
"""Seconds that Rasa may take for a turn. A carrier gives up after 15."""


class Turns:
    """Takes turns for every channel. Opening a conversation and looking at one stand here too, so that a channel needs one thing."""

    def __init__(
        self,
        engine: RasaEngine,
        intake: Intake,
        place: Place,
        find_signals: FindSignals,
        changed: Changed = nobody,
    ) -> None:
        """`changed` is told of a conversation after something was written, and whether the queue looks different."""
        self._engine = engine
        self._intake = intake
        self._place = place
        self._find_signals = find_signals
        self._changed = changed
        self._conversations = Conversations(intake, place, changed)
        self._lateness = Lateness(self._conversations, find_signals)
        opening, onlooker = Opening(self._conversations), Onlooker(self._conversations)
        self.open, self.come_back, self.greeting = opening.open, opening.come_back, opening.greeting
        self.look, self.look_anew = onlooker.look, onlooker.look_anew
        self.standing, self.privacy = onlooker.standing, onlooker.privacy
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

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

    async def leave(self, conversation_id: str) -> None:
        """The exit. Needs no turn, waits for none, and can be done twice."""
        await asyncio.to_thread(self._intake.end, conversation_id, Outcome.LEFT)
        self._changed(conversation_id, queue=True)

    async def tell_of_desk(self, conversation_id: str) -> bool:
        """Tell somebody who waits that nobody is there any more. False where it has to wait for a better moment.

        Waits for no turn: one that is being taken is taken again, from what is true then.
        """
        try:
            turn, saved, situation = await self._conversations.read(conversation_id)
            moved = news_of_desk(saved.journey, situation)
            if moved is None:
                return saved.journey.step is Step.WAITING
            saved = replace(saved, journey=moved.state)
            await self._conversations.write(turn, moved.state, situation, moved.says, saved)
        except (NotTaken, Conflict, Contended, AlreadyEnded, Unavailable):
            return False
        return True

    async def tell_of_human(self, conversation_id: str) -> bool:
        """Tell somebody who has a human that this human is away, or there again. False where it has to wait.

        A line of the desk, so that it is there for whoever takes over too. Waits for no turn.
        """
        try:
            now = await self._conversations.read(conversation_id)
            await asyncio.to_thread(now.situation.claimer_away)
            moved = news_of_human(now.saved.journey, now.situation)
            if moved is None:
                return now.saved.journey.step is not Step.COVER
            now.turn.messages += [line_to_desk(one.key, one.params) for one in moved.says]
            await self._conversations.keep(now._replace(saved=replace(now.saved, journey=moved.state)))
        except (NotTaken, Conflict, Contended, AlreadyEnded, Unavailable):
            return False
        return True

    async def hang_up(self, conversation_id: str) -> None:
        """The person put the phone down: it ends as it stands. Can be done twice, and to what is over."""
        try:
            _, saved, _ = await self._conversations.read(conversation_id)
        except NotTaken:
            return
        await asyncio.to_thread(self._intake.end, conversation_id, hung_up(saved.journey))
        self._changed(conversation_id, queue=True)

    async def take(self, conversation_id: str, heard: Heard, token: str | None = None) -> Reply:
        """Take one turn. `token` is the person's, where a channel has one and it was not looked at already.

        Raises NotTaken: then nothing was written and what was pending still is.
        """
        async with self._alone(conversation_id):
            for _ in range(3):
                try:
                    return await self._take(conversation_id, heard, token)
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

    async def _take(self, conversation_id: str, heard: Heard, token: str | None) -> Reply:
        now = await self._conversations.read(conversation_id, token)
        turn, saved, situation = now
        if heard.key is not None:
            turn.receipt_key = heard.key
            before = await asyncio.to_thread(turn.receipt, heard.key)
            if before is not None:
                # The screen as it is now, not as it was then: the cover may have come since.
                return await self._conversations.shown(now)
        here = look(saved.journey, situation).state
        if self._lateness.not_offered(now, heard, here):
            return await self._ask_again(now)
        if view.held(here):
            saved = replace(saved, live_until=view.live_until(saved, situation))
            now = now._replace(saved=saved)
        if heard.text is not None:
            offered = view.offered(self._place, here, situation)
            # What answers a question of the assistant is still written to the human who has the conversation.
            typed = chosen_by_words(heard.text, [c for c in offered if c.everywhere] if view.held(here) else offered)
            heard = heard if typed is None else replace(heard, text=None, choice=typed)
        what = meant(heard, here, self._find_signals, situation.signal_rules)
        if what.text is not None and what.act is Act.TOLD and (view.held(here) or what.about_screen):
            return await self._deliver(now, here, what)
        leaves_human = what.act in LEAVES_HUMAN and situation.is_left(here)
        if view.held(here) and what.act not in PAST_THE_HUMAN and not leaves_human:
            return await self._to_human(now, here, what)
        situation = replace(
            situation, detail=what.detail, typed=what.text or "", signals=what.signals, leaves=what.leaves
        )
        encounter = Encounter(saved.journey, situation, turn, snapshot=turn.snapshot)
        says = await self._let_rasa(conversation_id, encounter, what)
        turn.snapshot = encounter.snapshot
        if encounter.acted is Act.TOLD and here.step is Step.WAITING and what.text is not None:
            turn.messages.append(from_person(what.text))
            saved = replace(saved, journey=encounter.state)
            return await self._conversations.write(turn, encounter.state, situation, says, saved)
        saved = follows(saved, encounter.state, turn.last_seq + 1)
        if asks_anew(here, encounter.acted):
            saved = replace(saved, chat_from=saved.shown_from)
            if here.human is HumanState.CLAIMED:
                turn.messages.append(line_to_desk("handover.asked"))
        return await self._conversations.write(turn, encounter.state, situation, says, saved)

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

    async def _ask_again(self, now: Now) -> Reply:
        turn, saved, situation = now
        looked = look(saved.journey, situation)
        if view.held(looked.state):
            # A human has the conversation: nothing is said to it, the screen is shown as it is (P7).
            return await self._conversations.shown(now)
        words = (say("not_offered"), *looked.says)
        messages = view.worded(self._place, looked.state, situation, words, turn.last_seq)
        return view.reply(self._place, looked.state, situation, messages, last_seq=turn.last_seq)

    async def _deliver(self, now: Now, here: Journey, what: Meant) -> Reply:
        """Words to a human reach the human, whatever they sound like, with a mark of what concerns the screen."""
        turn, saved, situation = now
        turn.messages.append(from_person(what.text or "", what.signals))
        moved = told_human(here, what.about_screen, situation)
        turn.events += moved.events
        if moved.says:
            # The cover, or the privacy question: the words just written are not on that screen.
            saved = follows(saved, moved.state, turn.last_seq + 2)
            return await self._conversations.write(turn, moved.state, situation, moved.says, saved)
        return await self._silently(now._replace(saved=replace(saved, journey=moved.state)))

    async def _to_human(self, now: Now, state: Journey, what: Meant) -> Reply:
        """A human has the conversation: the assistant is silent, and Rasa hears nothing (P7)."""
        turn, saved, situation = now
        if what.act is Act.PRIVATE:
            state = view.with_gate_confirmed(state, situation)
            saved = replace(saved, shown_from=turn.last_seq + 1)
            turn.events.append(GateOpened("general"))
        elif what.act is Act.NOT_PRIVATE:
            state = replace(state, gate=close(state.gate, ClosedBecause.NOT_PRIVATE))
            turn.events.append(GateClosed(ClosedBecause.NOT_PRIVATE.value))
        return await self._silently(now._replace(saved=replace(saved, journey=state)))

    async def _silently(self, now: Now) -> Reply:
        """The turn is written down as it is, with nothing said to it, and the screen is shown."""
        await self._conversations.keep(now)
        return await self._conversations.shown(now)
