"""Engines of both databases, set up to keep what was acknowledged, and their errors in our words."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.exc import DatabaseError, DataError, DBAPIError, IntegrityError, InterfaceError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from casework.unavailable import Contended, Unavailable

BUSY_TIMEOUT_MS = 10_000
"""How long a writer waits for another one, on both databases."""
FORGOTTEN_AFTER_MS = 60_000
"""PostgreSQL rolls back a transaction of a process that hangs, so that it holds nobody up."""
SERIALIZATION_FAILURE, DEADLOCK = "40001", "40P01"


def make_engine(url: str) -> Engine:
    """An engine for `sqlite:///…` or `postgresql://…`. ValueError for a database in memory."""
    parsed = make_url(with_driver(url))
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed)
    engine = create_engine(parsed, hide_parameters=True, pool_pre_ping=True, connect_args={"connect_timeout": 5})
    event.listen(engine, "connect", _prepare_postgresql)
    event.listen(engine, "handle_error", _without_detail)
    event.listen(engine, "reset", _roll_back)
    return engine


def with_driver(url: str) -> str:
    """`postgresql://` means psycopg 3 here, not SQLAlchemy's older default."""
    for plain in ("postgresql://", "postgres://"):
        if url.startswith(plain):
            return "postgresql+psycopg://" + url.removeprefix(plain)
    return url


@contextmanager
def plainly() -> Iterator[None]:
    """Raise Unavailable or Contended for what is nobody's mistake. What the caller did wrong stays as it is."""
    try:
        yield
    except (IntegrityError, DataError, ProgrammingError):
        raise
    except (DatabaseError, InterfaceError) as error:
        state = getattr(error.orig, "sqlstate", None)
        refused = Contended if state in (SERIALIZATION_FAILURE, DEADLOCK) else Unavailable
        raise refused(f"database: {type(error.orig).__name__}") from None
    except PoolTimeout:
        raise Unavailable("database: no connection free") from None


def _sqlite(url: URL) -> Engine:
    if not url.database or url.database == ":memory:":
        raise ValueError("the records need a database file: a database in memory loses them")
    _create_private(Path(url.database))
    engine = create_engine(url, hide_parameters=True, pool_pre_ping=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    event.listen(engine, "reset", _roll_back)
    return engine


def _roll_back(connection: Any, _record: Any, _state: Any) -> None:
    """Whenever a connection comes back. After a commit that failed, SQLAlchemy takes the transaction for ended and
    would keep one that holds SQLite's write lock. Where there is none, this does nothing."""
    connection.rollback()


def _create_private(path: Path) -> None:
    """An empty file that only its owner reads. SQLite gives its -wal and -shm files the same mode."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own idea of when a transaction begins is switched off: `_begin_sqlite` says it.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("sqlite_begin", "BEGIN"))


def _prepare_postgresql(connection: Any, _record: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = {BUSY_TIMEOUT_MS}")
        cursor.execute(f"SET idle_in_transaction_session_timeout = {FORGOTTEN_AFTER_MS}")
        # A commit that is acknowledged is on the disk, whatever the server's default. Stricter settings stay.
        cursor.execute(
            "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
        )
    connection.commit()


def _without_detail(context: ExceptionContext) -> DBAPIError | None:
    """PostgreSQL tells the values that were in the way ("Key (name)=(…) already exists"): keep its first line only."""
    told, orig = context.sqlalchemy_exception, context.original_exception
    if not isinstance(told, DBAPIError) or not isinstance(orig, Exception):
        return None
    orig.args = (str(orig).partition("\n")[0],)
    return type(told)(told.statement, None, orig, hide_parameters=True, connection_invalidated=context.is_disconnect)
