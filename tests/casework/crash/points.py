"""Every place where something can go wrong between the program, its database and its keys, and one where it does."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

import psycopg
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from casework.key_files import FileKeys
from casework.records import Records
from casework.unavailable import Unavailable


class How(StrEnum):
    ERROR = "error"
    """The statement, the commit or the key service fails; the process goes on. After a commit: it was done, and its
    answer is lost."""
    CRASH = "crash"
    """The process is gone: nothing after this runs, no rollback, no tidying."""
    GONE = "gone"
    """The connection is closed under the statement's feet (PostgreSQL)."""


class Crash(BaseException):
    """Not an Exception: nothing may catch it."""


class FaultyKeys(FileKeys):
    """Files, with a point before and after everything that changes them."""

    points: Points | None = None

    def _at(self) -> None:
        if self.points is not None:
            self.points.key_service()

    def make(self, owner: str) -> bytes:
        self._at()
        made = super().make(owner)
        self._at()
        return made

    def find(self, owner: str) -> bytes | None:
        self._at()
        return super().find(owner)

    def destroy(self, owner: str) -> None:
        self._at()
        super().destroy(owner)
        self._at()


class Points:
    """Counts points; at number `at` it happens. `fired` tells whether there were so many."""

    def __init__(self, records: Records, at: int, how: How) -> None:
        self._records, self._at, self._how = records, at, how
        self._engine, self._dialect = records._engine, records._engine.dialect
        self._open: list[Any] = []
        self.seen = 0
        self.fired = False

    @property
    def dead(self) -> bool:
        return self.fired and self._how is How.CRASH

    @contextmanager
    def armed(self) -> Iterator[None]:
        """The points are live inside. A crash leaves every connection closed, in the middle of what it did."""
        commit, rollback, forget = self._dialect.do_commit, self._dialect.do_rollback, self._records.forget_log

        def do_commit(connection: Any) -> None:
            self._point(connection, raw=True)
            commit(connection)
            self._point(connection, raw=True)

        def do_rollback(connection: Any) -> None:
            if not self.dead:
                rollback(connection)

        def forget_log() -> None:
            if self._how is How.CRASH:
                self._point(None)
            forget()

        self._dialect.do_commit, self._dialect.do_rollback = do_commit, do_rollback  # type: ignore[method-assign]
        self._records.forget_log = forget_log  # type: ignore[method-assign]
        event.listen(self._engine, "before_cursor_execute", self._statement)
        event.listen(self._engine, "checkout", self._checkout)
        keys = self._records.keys
        if isinstance(keys, FaultyKeys):
            keys.points = self
        try:
            yield
        finally:
            if isinstance(keys, FaultyKeys):
                keys.points = None
            event.remove(self._engine, "before_cursor_execute", self._statement)
            event.remove(self._engine, "checkout", self._checkout)
            del self._dialect.do_commit, self._dialect.do_rollback, self._records.forget_log
            if self.dead:
                for connection in self._open:
                    connection.close()

    def key_service(self) -> None:
        if self._how is How.GONE:
            return
        if self._here():
            raise Unavailable("keys: fault")

    def _statement(self, connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        self._point(connection.connection.dbapi_connection)

    def _checkout(self, dbapi_connection: Any, *_: Any) -> None:
        if dbapi_connection not in self._open:
            self._open.append(dbapi_connection)

    def _point(self, connection: Any, *, raw: bool = False) -> None:
        if not self._here():
            return
        if self._how is How.GONE:
            (connection.dbapi_connection if hasattr(connection, "dbapi_connection") else connection).close()
            return
        error = sqlite3.OperationalError("fault") if self._records.is_sqlite else psycopg.OperationalError("fault")
        raise error if raw else OperationalError("", None, error)

    def _here(self) -> bool:
        """Whether it happens now. Raises Crash at once if that is how, and ever after."""
        if self.dead:
            raise Crash
        self.seen += 1
        if self.seen != self._at:
            return False
        self.fired = True
        if self._how is How.CRASH:
            raise Crash
        return True
