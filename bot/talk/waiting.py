"""Those who wait for a human while the desk empties or closes: each is told, once, by the rule of the journey."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from bot.talk.turns import Turns
from casework.records import Records
from casework.waiting import waiting_chats

Manned = Callable[[datetime, str], bool]


class Waiting:
    """`manned` tells whether somebody who answers for an office is at the desk, `is_open` whether it has opening hours."""

    def __init__(
        self, records: Records, turns: Turns, manned: Manned, is_open: Callable[[datetime], bool], default_office: str
    ) -> None:
        self._records = records
        self._turns = turns
        self._manned = manned
        self._is_open = is_open
        self._default_office = default_office
        self._done: dict[str, bool] = {}
        """Whether it was open when that conversation had nothing more to hear: it is not opened again to see."""

    async def look(self, now: datetime) -> None:
        """Tell whoever has something new to hear. Who is behind the cover is looked for again the next time."""
        waiting = await asyncio.to_thread(waiting_chats, self._records)
        is_open = self._is_open(now)
        offices = {office or self._default_office for _, office in waiting}
        empty = {office for office in offices if not await asyncio.to_thread(self._manned, now, office)}
        done = {}
        for conversation_id, office in waiting:
            if (office or self._default_office) not in empty:
                continue
            if self._done.get(conversation_id) == is_open or await self._turns.tell_of_desk(conversation_id):
                done[conversation_id] = is_open
        self._done = done
