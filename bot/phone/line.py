"""What every call needs: the turns, which call is which conversation, the invitations, and what is said in each language."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.phone.script import Script
from bot.phone.shown import Shown
from bot.talk.invited import open_invited
from bot.talk.opening import Begun
from bot.talk.reply import Reply
from bot.talk.turns import Turns
from bot.web.rates import Rates
from casework.calls import Calls
from casework.invitations import Invitations, Opening
from safety.content import Channel
from screening.catalogue.agency import Agency


class Over(Exception):
    """The call has ended, or what it was about has."""


@dataclass(frozen=True)
class Line:
    """`scripts` has the agency's own language, and any other with a phone.yml.

    `is_open` goes by the hours of the moment: they change while the program runs.
    """

    turns: Turns
    calls: Calls
    invitations: Invitations
    agency: Agency
    is_open: Callable[[datetime], bool]
    now: Callable[[], datetime]
    scripts: Mapping[str, Script]
    rates: Rates
    shown: Shown

    @property
    def script(self) -> Script:
        """In the agency's own language."""
        return self.scripts[self.agency.language]

    def script_of(self, reply: Reply) -> Script:
        return self.scripts.get(reply.locale, self.script)

    def greeting(self, locale: str) -> Reply:
        """The first words. Nothing is kept of somebody who only hears them."""
        chosen = locale if locale in self.scripts else self.agency.language
        return self.turns.greeting(self.agency.id, self.agency.default_programme, Channel.VOICE, chosen)

    async def begin(self, locale: str) -> Begun:
        """A conversation of a call."""
        return await self.turns.open(self.agency.id, self.agency.default_programme, Channel.VOICE, locale)

    async def begin_invited(self, opening: Opening) -> Begun:
        """The same, with an invitation that was just opened."""
        return await open_invited(
            self.turns, self.invitations, opening, self.agency, Channel.VOICE, self.scripts.keys()
        )

    async def over(self, name: str) -> bool:
        """The call has ended, whoever ended it. Can be said twice, and before anything else was heard of the call.

        True the first time.
        """
        self.shown.drop(name)
        call = await asyncio.to_thread(self.calls.over, name)
        if call is None:
            return False
        conversation_id = call.conversation_id
        if conversation_id is None and call.mine:
            # Nobody pressed a key. It is counted as begun and interrupted; nothing else is known of it.
            conversation_id = (await self.begin(self.agency.language)).id
        if conversation_id is not None:
            await self.turns.hang_up(conversation_id)
        return True
