"""Signs between the person and the caseworker: who writes right now, what has been read. Nothing of it is kept."""

from __future__ import annotations

from dataclasses import dataclass

from bot.talk.reply import Reply
from bot.talk.turns import Turns
from bot.web.bell import Bell
from casework.presence import Presence, Side
from safety.content import Sender


@dataclass(frozen=True)
class Shown:
    """What the page shows of the caseworker. Only while a human has the conversation and the gate is open."""

    writing: bool = False
    read: bool = False
    """Whether the caseworker has had the person's last message on the screen."""


class Signs:
    def __init__(self, turns: Turns, presence: Presence, bell: Bell) -> None:
        self._turns = turns
        self._presence = presence
        self._bell = bell

    def of_desk(self, conversation_id: str, reply: Reply) -> Shown:
        """The caseworker's signs for this screen, and note that the person sees it."""
        if reply.handover != "claimed" or reply.gate != "open" or not reply.messages:
            return Shown()
        # Only what is on this screen: what was written behind the cover has not been seen because something later has.
        seen = max((message.seq for message in reply.messages if message.sender is Sender.HUMAN), default=0)
        if seen and self._presence.read(conversation_id, Side.PERSON, seq=seen):
            self._bell.ring(conversation_id)
        mine = reply.messages[-1].sender is Sender.PERSON
        read = mine and self._presence.read_to(conversation_id, Side.DESK) >= reply.last_seq
        return Shown(self._presence.is_writing(conversation_id, Side.DESK), read)

    async def writes(self, conversation_id: str, token: str) -> None:
        """The person writes. Only a caseworker who has the chat is told. Raises NotTaken."""
        if (await self._turns.standing(conversation_id, token)).talks:
            self._presence.writes(conversation_id, Side.PERSON)
            self._bell.ring(conversation_id)

    def sent(self, conversation_id: str) -> None:
        """What the person was writing has come."""
        self._presence.stops(conversation_id, Side.PERSON)

    async def news(self, conversation_id: str, token: str) -> tuple[tuple[str, ...], bool]:
        """What the page has to fetch anew when it changes, and whether the caseworker writes. Raises NotTaken."""
        standing = await self._turns.standing(conversation_id, token)
        read = str(self._presence.read_to(conversation_id, Side.DESK)) if standing.talks else ""
        writing = standing.talks and self._presence.is_writing(conversation_id, Side.DESK)
        return (standing.human.value, standing.news, standing.screen, read), writing
