"""What the desk's pages need to be alive: a bell to wait for, who writes, how private the chat is. Given by the composition root."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from casework.presence import Presence, PresenceInMemory
from casework.privacy_now import PrivacyNow

QUEUE = "queue"
"""What the bell is rung for when what waits at the desk has changed. No conversation has such an id."""


def call_of(handover_id: str) -> str:
    """What the bell is rung for when a call that the carrier makes for this request has come further."""
    return f"call:{handover_id}"


LOOK_EVERY = 3.0
"""Seconds between looks at the records: how late news from another process can be."""
HOLD = 20.0
"""Seconds that a page's question for news is held when there is none."""


async def _nothing_known(conversation_id: str) -> PrivacyNow:
    return PrivacyNow()


async def _sleep(topic: str, seconds: float) -> None:
    await asyncio.sleep(seconds)


def _silent(conversation_id: str) -> None:
    pass


@dataclass(frozen=True)
class Live:
    presence: Presence = field(default_factory=PresenceInMemory)
    wait: Callable[[str, float], Awaitable[None]] = _sleep
    """Until the bell rings for a conversation or the queue, or so many seconds have passed."""
    ring: Callable[[str], None] = _silent
    privacy: Callable[[str], Awaitable[PrivacyNow]] = _nothing_known


async def held(mark: Callable[[], Awaitable[str]], known: str, wait: Callable[[float], Awaitable[None]]) -> str:
    """The mark of what is to be shown, as soon as it is not the `known` one, or when the time to hold is over."""
    loop = asyncio.get_running_loop()
    until = loop.time() + HOLD
    now = await mark()
    while known and now == known and (left := until - loop.time()) > 0:
        await wait(min(LOOK_EVERY, left))
        now = await mark()
    return now
