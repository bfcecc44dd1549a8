"""Tells those who listen to a conversation that something is new there. In this process; others notice by looking."""

from __future__ import annotations

import asyncio
from collections import defaultdict

from casework.desk.live import QUEUE


class Bell:
    """Rung with a conversation's id, or for the desk's queue, from any thread."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._loop: asyncio.AbstractEventLoop | None = None

    def changed(self, conversation_id: str, *, queue: bool = True) -> None:
        """Something happened in the conversation, and, with `queue`, to what waits at the desk."""
        self.ring(conversation_id)
        if queue:
            self.ring(QUEUE)

    def ring(self, conversation_id: str) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake, conversation_id)

    def _wake(self, conversation_id: str) -> None:
        for event in self._waiting.get(conversation_id, ()):
            event.set()

    async def wait(self, conversation_id: str, seconds: float) -> None:
        """Return when the bell rings for this conversation, or after `seconds`."""
        self._loop = asyncio.get_running_loop()
        event = asyncio.Event()
        self._waiting[conversation_id].add(event)
        try:
            await asyncio.wait_for(event.wait(), seconds)
        except TimeoutError:
            pass
        finally:
            self._waiting[conversation_id].discard(event)
            if not self._waiting[conversation_id]:
                del self._waiting[conversation_id]
