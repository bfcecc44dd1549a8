"""Telling the news: at least once each, again with longer and longer waits, and put aside when it will not be taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session, aliased

from casework.errands import Errands
from casework.out.way import News, Way, What
from casework.records import Conversation, Handover, Notice, Records

BACK_OFF = tuple(timedelta(seconds=s) for s in (5, 60, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400))
"""About three days in all."""
LONGEST_REFERENCE = 100


class Status(StrEnum):
    WAITING = "waiting"
    TELLING = "telling"
    TOLD = "told"
    DEAD = "dead"


PENDING = (Status.WAITING.value, Status.TELLING.value)
Opened = tuple[Way, News]


class Messenger(Errands[Notice, Opened]):
    """`now` gives aware times."""

    table = Notice

    def __init__(self, records: Records, ways: Sequence[Way], now: Callable[[], datetime]) -> None:
        super().__init__(records, now)
        self._ways = {way.name: way for way in ways}

    @property
    def has_ways(self) -> bool:
        return bool(self._ways)

    def run(self) -> int:
        return super().run() if self._ways else 0

    def which(self, due: Select[Any]) -> Select[Any]:
        """That somebody waits comes before whatever happened to them then."""
        first = aliased(Notice)
        waiting_is_untold = exists().where(
            first.handover_id == Notice.handover_id,
            first.way == Notice.way,
            first.what == What.WAITING.value,
            first.status.in_(PENDING),
        )
        return due.where(Notice.way.in_(self._ways), (Notice.what == What.WAITING.value) | ~waiting_is_untold)

    def open(self, session: Session, row: Notice) -> Opened:
        known = select(func.max(Notice.reference)).filter_by(handover_id=row.handover_id, way=row.way)
        reference = session.scalar(known) or ""
        whose = select(Conversation.office).join(Handover, Handover.conversation_id == Conversation.id)
        office = session.scalar(whose.where(Handover.id == row.handover_id)) or ""
        return self._ways[row.way], News(row.id, What(row.what), row.handover_id, row.kind, row.at, office, reference)

    def carry(self, opened: Opened) -> str:
        way, news = opened
        return way.tell(news)

    def done(self, session: Session, row: Notice, opened: Opened, reference: str) -> None:
        row.status = Status.TOLD.value
        _remember(row, reference)

    def waits(self, row: Notice) -> Sequence[timedelta]:
        return BACK_OFF

    def may_come_twice(self, row: Notice) -> bool:
        return True

    def not_taken(self, session: Session, row: Notice, opened: Opened, reference: str) -> None:
        _remember(row, reference)


def _remember(row: Notice, reference: str) -> None:
    row.reference = reference[:LONGEST_REFERENCE] or row.reference
