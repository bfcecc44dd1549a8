"""Telling the news: at least once each, again with longer and longer waits, and put aside when it will not be taken."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import CursorResult, exists, func, select, update
from sqlalchemy.orm import aliased

from casework.audit import OPERATOR, note
from casework.out.way import Never, News, NotNow, Way, What
from casework.records import Notice, Records

log = logging.getLogger("enrum.out")
BACK_OFF = tuple(timedelta(seconds=s) for s in (5, 60, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400))
"""Waits after the first, second … failed try. After the last, the news is dead: about three days in all."""
LOST_AFTER = timedelta(minutes=5)
"""A process that was telling and says nothing for so long has died: it is told again."""
AT_ONCE = 50
LONGEST_REFERENCE = 100


class Status(StrEnum):
    WAITING = "waiting"
    TELLING = "telling"
    TOLD = "told"
    DEAD = "dead"


PENDING = (Status.WAITING.value, Status.TELLING.value)


class Messenger:
    """`now` gives aware times."""

    def __init__(self, records: Records, ways: Sequence[Way], now: Callable[[], datetime]) -> None:
        self._records = records
        self._ways = {way.name: way for way in ways}
        self._now = now

    @property
    def has_ways(self) -> bool:
        return bool(self._ways)

    def run(self) -> int:
        """Tell what is due. Returns how much was tried."""
        due = self._due() if self._ways else []
        return sum(self._one(news_id, way) for news_id, way in due)

    def _due(self) -> Sequence[tuple[str, str]]:
        first = aliased(Notice)
        waiting_is_untold = exists().where(
            first.handover_id == Notice.handover_id,
            first.way == Notice.way,
            first.what == What.WAITING.value,
            first.status.in_(PENDING),
        )
        query = (
            select(Notice.id, Notice.way)
            .where(Notice.status.in_(PENDING), Notice.next_at <= self._now(), Notice.way.in_(self._ways))
            .where((Notice.what == What.WAITING.value) | ~waiting_is_untold)
            .order_by(Notice.next_at)
            .limit(AT_ONCE)
        )
        with self._records.reading() as session:
            return [(row[0], row[1]) for row in session.execute(query)]

    def _one(self, news_id: str, way: str) -> bool:
        news = self._take(news_id, way)
        if news is None:
            return False
        try:
            reference = self._ways[way].tell(news)
        except Never as error:
            log.warning("news was refused for good", extra={"error": type(error).__name__})
            self._end(news_id, way, Status.DEAD)
        except NotNow as not_now:
            self._put_back(news_id, way, not_now.reference)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one way out, the others go on
            log.error("a way out failed", extra={"error": type(error).__name__})
            self._put_back(news_id, way, "")
        else:
            self._end(news_id, way, Status.TOLD, reference)
        return True

    def _take(self, news_id: str, way: str) -> News | None:
        """Mark it as being told, so that nobody else does; None if somebody does."""
        with self._records.session() as session:
            taken = session.execute(
                update(Notice)
                .where(Notice.id == news_id, Notice.way == way)
                .where(Notice.status.in_(PENDING), Notice.next_at <= self._now())
                .values(status=Status.TELLING.value, tries=Notice.tries + 1, next_at=self._now() + LOST_AFTER)
            )
            assert isinstance(taken, CursorResult)
            if taken.rowcount != 1:
                return None
            row = session.get_one(Notice, (news_id, way), populate_existing=True)
            known = select(func.max(Notice.reference)).filter_by(handover_id=row.handover_id, way=way)
            reference = session.scalar(known) or ""
            return News(row.id, What(row.what), row.handover_id, row.kind, row.at, reference)

    def _put_back(self, news_id: str, way: str, reference: str) -> None:
        with self._records.session() as session:
            row = session.get_one(Notice, (news_id, way))
            row.reference = reference[:LONGEST_REFERENCE] or row.reference
            if row.tries > len(BACK_OFF):
                log.warning("news could not be told and was put aside")
                row.status = Status.DEAD.value
                return
            row.status = Status.WAITING.value
            row.next_at = self._now() + BACK_OFF[row.tries - 1]

    def _end(self, news_id: str, way: str, status: Status, reference: str = "") -> None:
        with self._records.session() as session:
            row = session.get_one(Notice, (news_id, way))
            row.status, row.reference = status.value, reference[:LONGEST_REFERENCE] or row.reference


def standing(records: Records) -> list[tuple[str, str, int]]:
    """How many there are of each way out and status."""
    query = select(Notice.way, Notice.status, func.count()).group_by(Notice.way, Notice.status)
    with records.reading() as session:
        return [(row[0], row[1], row[2]) for row in session.execute(query.order_by(Notice.way, Notice.status))]


def again(records: Records, at: datetime) -> int:
    """Try what was put aside once more, from the beginning. Returns how much that is."""
    with records.session() as session:
        done = session.execute(
            update(Notice)
            .where(Notice.status == Status.DEAD.value)
            .values(status=Status.WAITING.value, tries=0, next_at=at)
        )
        note(session, at, OPERATOR, "out.again")
        assert isinstance(done, CursorResult)
        return done.rowcount
