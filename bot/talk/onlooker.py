"""Looking: what is on the person's screen, and what a page or a caseworker that only listens must not miss."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.talk import view
from bot.talk.conversations import Conversations
from bot.talk.place import human_state
from bot.talk.reply import NotTaken, Refusal, Reply
from casework.intake import AlreadyEnded, Conflict
from casework.privacy_now import PrivacyNow
from casework.unavailable import Contended, Unavailable
from screening.journey.stages.reopening import PRIVATE_STEPS, looked_at_anew
from screening.journey.state import HumanState, gate_open, went_stale
from screening.journey.step import look


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


class Onlooker:
    """Looks at conversations. Nothing is said or answered; at most what stands on the screen is put away."""

    def __init__(self, conversations: Conversations) -> None:
        self._conversations = conversations

    async def look(self, conversation_id: str, token: str | None = None) -> Reply:
        """What may be on the screen now. Raises NotTaken when there is no conversation, `token` is not its, or it is over."""
        now = await self._conversations.read(conversation_id, token)
        if went_stale(now.saved.journey, now.situation) and now.saved.journey.step in PRIVATE_STEPS:
            return await self.look_anew(conversation_id, token)
        return await self._conversations.shown(now)

    async def look_anew(self, conversation_id: str, token: str | None = None) -> Reply:
        """The same for a page that was hidden, reloaded or opened anew: what is sensitive or private is put away first.

        Waits for no turn: one that is being taken is taken again, from what is true then. Raises NotTaken.
        """
        for _ in range(4):
            now = await self._conversations.read(conversation_id, token)
            moved = looked_at_anew(now.saved.journey, now.situation)
            if moved is None:
                return await self._conversations.shown(now)
            first = now.turn.last_seq + 1
            stays = moved.state.step is now.saved.journey.step
            saved = replace(
                now.saved,
                journey=moved.state,
                shown_from=now.saved.shown_from if stays else first,
                private_from=first,
            )
            now.turn.events += moved.events
            try:
                await self._conversations.write(now.turn, moved.state, now.situation, moved.says, saved)
                return await self._conversations.shown(await self._conversations.read(conversation_id, token))
            except (Conflict, Contended):
                continue
            except AlreadyEnded:
                raise NotTaken(Refusal.ENDED) from None
        raise NotTaken(Refusal.BUSY)

    async def standing(self, conversation_id: str, token: str | None = None) -> Standing:
        """What a page that only listens must not miss: a human who did something, and a screen that may not stay.

        The gate counts, for it can be shut from another window, and by its age while somebody reads on. Raises NotTaken.
        """
        turn, saved, situation = await self._conversations.read(conversation_id, token)
        human = human_state(turn)
        state = look(saved.journey, situation).state
        return Standing(
            human,
            str(turn.last_seq) if human is HumanState.CLAIMED else saved.journey.told_desk.value,
            view.on_screen(saved, situation),
            view.held(state) and gate_open(state, situation),
        )

    async def privacy(self, conversation_id: str) -> PrivacyNow:
        """How private the chat is at this moment, for the caseworker who has it."""
        try:
            _, saved, situation = await self._conversations.read(conversation_id)
        except (NotTaken, Unavailable):
            return PrivacyNow()
        return view.privacy_now(look(saved.journey, situation).state, situation)
