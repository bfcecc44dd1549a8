"""The one way to the database: engine, transactions, migration.

SQLite by default, PostgreSQL by URL. Statement parameters never reach an exception or a log (`hide_parameters`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.orm import Session

from casework.keys import MasterKey

MIGRATIONS = Path(__file__).parent.parent / "migrations"
BUSY_TIMEOUT_MS = 10_000
KEY_DESTROYED = "key destroyed"
"""Set in a session's `info` by whoever destroys a data key in it."""


class Records:
    """Sessions on the records, and the master key that opens what is sealed in them."""

    def __init__(self, url: str, master_key: MasterKey) -> None:
        self.master_key = master_key
        self._engine = _engine(make_url(_with_driver(url)))
        self._writing = self._engine.execution_options(sqlite_begin="BEGIN IMMEDIATE")
        # A transaction of SQLite always sees one moment. PostgreSQL has to be asked for it.
        one_moment = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        self._reading = self._engine.execution_options(**one_moment)

    @property
    def is_sqlite(self) -> bool:
        return self._engine.dialect.name == "sqlite"

    @contextmanager
    def session(self) -> Iterator[Session]:
        """One writing transaction: committed at the end, rolled back whole on an exception.

        On SQLite it takes the write lock at once, so that two writers queue instead of failing half-way. If a key was
        destroyed, its copies in the log go too.
        """
        with Session(self._writing, expire_on_commit=False) as session:
            with session.begin():
                yield session
            if session.info.get(KEY_DESTROYED):
                self.forget_log()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One consistent look. Nothing is written."""
        with Session(self._reading, expire_on_commit=False) as session, session.begin():
            yield session

    def migrate(self) -> None:
        """Bring the tables to the newest version."""
        with self._writing.begin() as connection:
            _upgrade(connection)

    def forget_log(self) -> None:
        """Empty SQLite's write-ahead log, which still holds copies of rows that were just erased.

        If a reader is in the way, the part that it still needs stays until the next call.
        """
        if not self.is_sqlite:
            return
        connection = self._engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
        finally:
            connection.close()

    def close(self) -> None:
        self._engine.dispose()


def migrate(url: str) -> None:
    """Bring the database at `url` to the newest version. Run at start, before any session."""
    engine = _engine(make_url(_with_driver(url)))
    try:
        with engine.execution_options(sqlite_begin="BEGIN IMMEDIATE").begin() as connection:
            _upgrade(connection)
    finally:
        engine.dispose()


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _with_driver(url: str) -> str:
    """`postgresql://` means psycopg 3 here, not SQLAlchemy's older default."""
    for plain in ("postgresql://", "postgres://"):
        if url.startswith(plain):
            return "postgresql+psycopg://" + url.removeprefix(plain)
    return url


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(url, hide_parameters=True, pool_pre_ping=True)
    if not url.database or url.database == ":memory:":
        raise ValueError("the records need a database file: a database in memory loses them")
    _create_private(Path(url.database))
    engine = create_engine(url, hide_parameters=True, pool_pre_ping=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


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
