"""Beginning a conversation, and going on with one that was left."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from bot.talk import view
from bot.talk.conversations import Conversations
from bot.talk.reply import NotTaken, Refusal, Reply
from bot.talk.saved import Saved, follows, load
from casework.intake import AlreadyEnded, Conflict
from casework.invitations import Claims
from casework.unavailable import Contended, Unavailable
from safety.content import Channel
from screening.journey.code import split
from screening.journey.stages.code import come_back
from screening.journey.state import Journey
from screening.journey.step import begin

log = logging.getLogger("enrum.turns")


@dataclass(frozen=True)
class Begun:
    """A new conversation: its id, the person's only key to it, and the first words."""

    id: str
    token: str
    reply: Reply


class Opening:
    """Gives a conversation and the person's only key to it."""

    def __init__(self, conversations: Conversations) -> None:
        self._conversations = conversations
        self._intake = conversations.intake
        self._place = conversations.place

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
        reply = await self._conversations.write(turn, moved.state, situation, moved.says, Saved(moved.state))
        return Begun(opened.id, opened.token, reply)

    async def come_back(self, typed: str) -> Begun:
        """Go on with what was left, by the person's code. Raises NotTaken: nobody learns whether a word was right."""
        code = split(typed)
        for _ in range(3):
            turn = await asyncio.to_thread(self._intake.come_back, *code) if code is not None else None
            if turn is None or turn.state is None or turn.new_token is None:
                break
            situation = self._conversations.situation(turn)
            before = load(turn.state)
            moved = await asyncio.to_thread(come_back, before.journey, situation)
            turn.events += moved.events
            saved = follows(before, moved.state, turn.last_seq + 1)
            try:
                reply = await self._conversations.write(turn, moved.state, situation, moved.says, saved)
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
