"""Looking: what is on the person's screen, and what a page or a caseworker that only listens must not miss."""

from __future__ import annotations

from dataclasses import dataclass

from bot.talk import view
from bot.talk.conversations import Conversations
from bot.talk.place import human_state
from bot.talk.reply import NotTaken, Reply
from casework.privacy_now import PrivacyNow
from casework.unavailable import Unavailable
from screening.journey.state import HumanState, gate_open
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
    """Looks at conversations and changes nothing."""

    def __init__(self, conversations: Conversations) -> None:
        self._conversations = conversations

    async def look(self, conversation_id: str, token: str | None = None) -> Reply:
        """What may be on the screen now. Raises NotTaken when there is no conversation, `token` is not its, or it is over."""
        return await self._conversations.shown(await self._conversations.read(conversation_id, token))

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
