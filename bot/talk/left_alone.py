"""Those whose caseworker has gone from the desk: each is told, once, and once when the caseworker is there again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.talk.turns import Turns
from casework.records import Records
from casework.waiting import Claimed, claimed_chats


class LeftAlone:
    """`away_after` tells how long a page of the desk may be closed before its caseworker is away."""

    def __init__(self, records: Records, turns: Turns, away_after: Callable[[], timedelta]) -> None:
        self._records = records
        self._turns = turns
        self._away_after = away_after
        self._done: set[Claimed] = set()
        """Chats of which nothing new is to be said while they stay like this: they are not opened again to see."""

    async def look(self, now: datetime) -> None:
        """Tell whoever has something new to hear. Who is behind the cover is looked for again the next time."""
        claimed = await asyncio.to_thread(claimed_chats, self._records, now, self._away_after())
        self._done = {
            chat for chat in claimed if chat in self._done or await self._turns.tell_of_human(chat.conversation_id)
        }
