"""Errands: what is to be delivered elsewhere, to the carrier, a mail server, another system.

Each is taken by one process at a time, tried again with longer and longer waits where it was not taken, and put aside as
dead after the last. What may not come twice is dead as soon as nobody knows whether it came.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from sqlalchemy import CursorResult, Select, inspect, select, update
from sqlalchemy.orm import Session

from casework.records import Errand, Records

log = logging.getLogger("enrum.errands")
WAITING, DEAD = "waiting", "dead"
LOST_AFTER = timedelta(minutes=5)
"""A process that has taken an errand and says nothing for so long has died."""
AT_ONCE = 50
Name = tuple[str, ...]
"""The primary key of a row."""


class NotNow(Exception):
    """It was not taken, and may be tried again. `reference` is how far we came, for the next try."""

    def __init__(self, why: str = "", reference: str = "") -> None:
        super().__init__(why)
        self.reference = reference


class Never(Exception):
    """It will not be taken, however often it is tried."""


class Unsure(Exception):
    """It was given and no answer came: it may have been taken."""


Row = TypeVar("Row", bound=Errand)
Opened = TypeVar("Opened")


class Errands(ABC, Generic[Row, Opened]):
    """The errands of one table. `now` gives aware times. Those that follow say what is done with one."""

    table: type[Row]

    def __init__(self, records: Records, now: Callable[[], datetime]) -> None:
        self._records = records
        self._now = now

    def run(self) -> int:
        """Carry out what is due. Returns how many were tried."""
        with self._records.reading() as session:
            due = [tuple(row) for row in session.execute(self._due(self._now()))]
        return sum(self._one(name) for name in due)

    # What a table's own errands are like.

    @abstractmethod
    def open(self, session: Session, row: Row) -> Opened | None:
        """What it takes to carry it out, now that it is taken. None: it is over already."""

    @abstractmethod
    def carry(self, opened: Opened) -> str:
        """Do it, outside any transaction. Returns what the other side calls it. Raises NotNow, Never, Unsure."""

    @abstractmethod
    def done(self, session: Session, row: Row, opened: Opened, reference: str) -> None:
        """It was taken."""

    @abstractmethod
    def waits(self, row: Row) -> Sequence[timedelta]:
        """After the first, second … try that was not taken. After the last it is dead."""

    @abstractmethod
    def may_come_twice(self, row: Row) -> bool: ...

    def which(self, due: Select[Any]) -> Select[Any]:
        """Leave out what its time has come for but not its turn."""
        return due

    def before(self, session: Session, name: Name) -> None:
        """What has to be locked before the row is."""
        return

    def not_taken(self, session: Session, row: Row, opened: Opened, reference: str) -> None:
        """It was not taken this time."""
        return

    def dead(self, session: Session, row: Row, opened: Opened | None, error: Exception | None) -> None:
        """It is put aside. `opened` is None where whoever had it died."""
        row.status = DEAD

    # The round, the same for all.

    def _due(self, at: datetime) -> Select[Any]:
        pending = self.table.status.in_((WAITING, self.table.under_way))
        due = select(*inspect(self.table).primary_key).where(pending, self.table.next_at <= at)
        return self.which(due).order_by(self.table.next_at).limit(AT_ONCE)

    def _one(self, name: Name) -> bool:
        opened = self._take(name)
        if opened is None:
            return False
        try:
            reference = self.carry(opened)
        except NotNow as not_now:
            self._put_back(name, opened, not_now.reference)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one of them, the others go on
            log.warning("an errand failed", extra={"error": type(error).__name__})
            self._failed(name, opened, error)
        else:
            with self._records.session() as session:
                self.done(session, session.get_one(self.table, name), opened, reference)
        return True

    def _take(self, name: Name) -> Opened | None:
        """Mark it as under way, so that nobody else takes it; None if somebody has, or if it is over."""
        with self._records.session() as session:
            self.before(session, name)
            fresh = self._mark(session, name, WAITING)
            if not fresh and not self._mark(session, name, self.table.under_way):
                return None
            row = session.get_one(self.table, name, populate_existing=True)
            if not fresh and not self.may_come_twice(row):
                self.dead(session, row, None, None)
                return None
            return self.open(session, row)

    def _mark(self, session: Session, name: Name, status: str) -> bool:
        table, at = self.table, self._now()
        this = [column == value for column, value in zip(inspect(table).primary_key, name, strict=True)]
        marked = session.execute(
            update(table)
            .where(*this, table.status == status, table.next_at <= at)
            .values(status=table.under_way, tries=table.tries + 1, next_at=at + LOST_AFTER)
        )
        assert isinstance(marked, CursorResult)
        return marked.rowcount == 1

    def _put_back(self, name: Name, opened: Opened, reference: str) -> None:
        with self._records.session() as session:
            self.before(session, name)
            row = session.get_one(self.table, name)
            self.not_taken(session, row, opened, reference)
            waits = self.waits(row)
            if row.tries > len(waits):
                log.warning("an errand was put aside")
                self.dead(session, row, opened, None)
                return
            row.status, row.next_at = WAITING, self._now() + waits[row.tries - 1]

    def _failed(self, name: Name, opened: Opened, error: Exception) -> None:
        """Nobody knows whether it was taken, or it never will be."""
        with self._records.reading() as session:
            again = not isinstance(error, Never) and self.may_come_twice(session.get_one(self.table, name))
        if again:
            self._put_back(name, opened, "")
            return
        with self._records.session() as session:
            self.before(session, name)
            self.dead(session, session.get_one(self.table, name), opened, error)
