"""Ways out that remember what they were told, and servers of the tests' own that answer them."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import select

from casework.out.delivery import Messenger
from casework.out.way import News, What
from casework.records import Notice, Records
from screening.events import HandoverKind, HandoverRequested
from tests.casework.local_server import local_server

SECRET = "whsec_" + b64encode(b"k" * 32).decode()
CHAT = HandoverRequested(HandoverKind.CHAT, urgent=True)


class Told:
    """A way out that notes what it is told, and fails as planned."""

    def __init__(self, name: str = "told", wants: frozenset[What] = frozenset(What)) -> None:
        self.name, self.wants = name, wants
        self.news: list[News] = []
        self.fails: list[Exception] = []

    def tell(self, news: News) -> str:
        self.news.append(news)
        if self.fails:
            raise self.fails.pop(0)
        return "their name"

    @property
    def whats(self) -> list[str]:
        return [one.what.value.removeprefix("handover.") for one in self.news]


@pytest.fixture
def out(records: Records, clock) -> Callable[..., Messenger]:
    def out(*ways) -> Messenger:
        records.ways_out = {way.name: way.wants for way in ways}
        return Messenger(records, ways, clock)

    return out


def statuses(records: Records) -> list[str]:
    with records.reading() as session:
        return sorted(row.status for row in session.scalars(select(Notice)))


# The webhook, over a real socket, read by the two standards' own libraries.


@contextmanager
def answering(status: int) -> Iterator:
    with local_server(lambda _: (status, {})) as server:
        yield server
