"""Who writes right now, and how far each side has read. Never kept: in memory, or in Redis for several processes, and gone by itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import StrEnum
from threading import Lock
from typing import Protocol

WRITES_FOR = 6.0
"""Seconds after a sign that somebody writes."""
READ_FOR = 2 * 60 * 60
"""Seconds after which it is forgotten how far somebody has read."""


class Side(StrEnum):
    PERSON = "person"
    DESK = "desk"


class Presence(Protocol):
    """Signs of life in a chat. Losing them loses nothing but the signs."""

    def writes(self, conversation_id: str, side: Side) -> None: ...

    def stops(self, conversation_id: str, side: Side) -> None: ...

    def is_writing(self, conversation_id: str, side: Side) -> bool: ...

    def read(self, conversation_id: str, side: Side, seq: int) -> bool:
        """Note that `side` has had everything up to `seq` on the screen. Whether that is news."""

    def read_to(self, conversation_id: str, side: Side) -> int:
        """The last message that was on the screen of `side`; 0 if that is not known."""


class PresenceInMemory:
    """Of one process. `clock` gives seconds that only go forward."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._writes: dict[tuple[str, Side], float] = {}
        self._read: dict[tuple[str, Side], tuple[int, float]] = {}

    def writes(self, conversation_id: str, side: Side) -> None:
        with self._lock:
            self._forget_old()
            self._writes[conversation_id, side] = self._clock() + WRITES_FOR

    def stops(self, conversation_id: str, side: Side) -> None:
        with self._lock:
            self._writes.pop((conversation_id, side), None)

    def is_writing(self, conversation_id: str, side: Side) -> bool:
        return self._writes.get((conversation_id, side), 0.0) > self._clock()

    def read(self, conversation_id: str, side: Side, seq: int) -> bool:
        with self._lock:
            before, _ = self._read.get((conversation_id, side), (0, 0.0))
            self._read[conversation_id, side] = (max(before, seq), self._clock() + READ_FOR)
            return seq > before

    def read_to(self, conversation_id: str, side: Side) -> int:
        return self._read.get((conversation_id, side), (0, 0.0))[0]

    def _forget_old(self) -> None:
        now = self._clock()
        self._writes = {key: until for key, until in self._writes.items() if until > now}
        self._read = {key: kept for key, kept in self._read.items() if kept[1] > now}


class PresenceInRedis:
    """Of several processes. What Redis cannot tell is as if it had not been."""

    def __init__(self, url: str) -> None:
        from redis import Redis

        self._redis = Redis.from_url(url, decode_responses=True, socket_timeout=0.5, socket_connect_timeout=0.5)

    def writes(self, conversation_id: str, side: Side) -> None:
        self._try(lambda: self._redis.set(_name("writes", conversation_id, side), 1, px=int(WRITES_FOR * 1000)))

    def stops(self, conversation_id: str, side: Side) -> None:
        self._try(lambda: self._redis.delete(_name("writes", conversation_id, side)))

    def is_writing(self, conversation_id: str, side: Side) -> bool:
        return bool(self._try(lambda: self._redis.exists(_name("writes", conversation_id, side))))

    def read(self, conversation_id: str, side: Side, seq: int) -> bool:
        before = self.read_to(conversation_id, side)
        self._try(lambda: self._redis.set(_name("read", conversation_id, side), max(before, seq), ex=READ_FOR))
        return seq > before

    def read_to(self, conversation_id: str, side: Side) -> int:
        return int(self._try(lambda: self._redis.get(_name("read", conversation_id, side))) or 0)

    @staticmethod
    def _try(ask: Callable[[], object]) -> str | int | None:
        from redis.exceptions import RedisError

        try:
            answer = ask()
        except RedisError:
            return None
        return answer if isinstance(answer, str | int) else None


def presence_of(redis_url: str = "") -> Presence:
    return PresenceInRedis(redis_url) if redis_url else PresenceInMemory()


def _name(what: str, conversation_id: str, side: Side) -> str:
    return f"enrum:{what}:{conversation_id}:{side}"
