"""Who writes and what was read: gone by itself, in memory and in Redis alike."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from casework.presence import WRITES_FOR, Presence, PresenceInMemory, PresenceInRedis, Side
from tests.redis import redis_server


@pytest.fixture(params=["memory", "redis"])
def presence(request: pytest.FixtureRequest) -> Iterator[Presence]:
    if request.param == "memory":
        yield PresenceInMemory()
        return
    with redis_server() as url:
        yield PresenceInRedis(url)


def test_each_side_for_itself(presence: Presence) -> None:
    assert not presence.is_writing("c1", Side.PERSON)
    presence.writes("c1", Side.PERSON)
    assert presence.is_writing("c1", Side.PERSON)
    assert not presence.is_writing("c1", Side.DESK)
    assert not presence.is_writing("c2", Side.PERSON)
    presence.stops("c1", Side.PERSON)
    assert not presence.is_writing("c1", Side.PERSON)


def test_what_was_read_is_news_once_and_never_goes_back(presence: Presence) -> None:
    assert presence.read_to("c1", Side.DESK) == 0
    assert presence.read("c1", Side.DESK, 4)
    assert not presence.read("c1", Side.DESK, 4)
    assert not presence.read("c1", Side.DESK, 2)
    assert presence.read_to("c1", Side.DESK) == 4
    assert presence.read_to("c1", Side.PERSON) == 0


def test_writing_is_forgotten_by_itself() -> None:
    now = [0.0]
    presence = PresenceInMemory(lambda: now[0])
    presence.writes("c1", Side.PERSON)
    now[0] = WRITES_FOR - 0.1
    assert presence.is_writing("c1", Side.PERSON)
    now[0] = WRITES_FOR
    assert not presence.is_writing("c1", Side.PERSON)


def test_without_redis_there_are_no_signs_and_no_error() -> None:
    presence = PresenceInRedis("redis://127.0.0.1:1/0")
    presence.writes("c1", Side.PERSON)
    assert not presence.is_writing("c1", Side.PERSON)
    assert presence.read_to("c1", Side.DESK) == 0
