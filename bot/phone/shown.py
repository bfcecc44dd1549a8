"""What a call was last asked, for as long as somebody listens: reading it again from the records was a fifth of the work.

Nothing is decided by it. The turn itself reads the records, and takes no answer to what is not being asked any more.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.talk.reply import Reply

KEPT = timedelta(seconds=50)
"""Shorter than the shortest silence after which an agency may have privacy asked again (a minute)."""
MOST = 2000


class Shown:
    """In this process only; another one reads the records. `now` gives aware times."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._replies: OrderedDict[str, tuple[datetime, Reply]] = OrderedDict()

    def put(self, call: str, reply: Reply) -> None:
        self._replies[call] = (self._now(), reply)
        self._replies.move_to_end(call)
        while self._replies and (len(self._replies) > MOST or self._is_old(next(iter(self._replies.values()))[0])):
            self._replies.popitem(last=False)

    def get(self, call: str, step: int) -> Reply | None:
        """What was asked at this step, if that was a moment ago."""
        at, reply = self._replies.get(call, (None, None))
        if at is None or reply is None or reply.last_seq != step or self._is_old(at):
            return None
        return reply

    def drop(self, call: str) -> None:
        self._replies.pop(call, None)

    def _is_old(self, at: datetime) -> bool:
        return self._now() - at > KEPT
