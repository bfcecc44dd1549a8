"""The one way to the database: engine, transactions, migration.

SQLite by default, PostgreSQL by URL. Statement parameters never reach an exception or a log (`hide_parameters`).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from casework.keys import KeyService, Unreadable
from casework.records.engine import make_engine, plainly
from casework.unavailable import Unavailable

log = logging.getLogger("enrum.records")
MIGRATIONS = Path(__file__).parent.parent / "migrations"
MIGRATION_LOCK = 0x656E72756D
"""Any number, the same in every process: PostgreSQL lets one process migrate at a time."""
MADE_KEYS = "made keys"
ENDED_KEYS = "ended keys"
"""Owners in a session's `info`: whose key was made in it, whose ended in it. See `casework.data_keys`."""
WAYS_OUT = "ways out"
"""In every writing session's `info`: which way out wants to know what. See `casework.notices`."""
AUDIT_KEY = "audit key"
"""In every writing session's `info`: gives the key that marks entries of the audit trail."""
KEYS = "keys"
"""In every writing session's `info`: the key service."""


class Records:
    """Sessions on the records, and the keys that open what is sealed in them."""

    def __init__(self, url: str, keys: KeyService) -> None:
        self.keys = keys
        self.ways_out: Mapping[str, frozenset[Any]] = {}
        """Which way out wants to know what, set once at start."""
        self._engine = make_engine(url)
        self._writing = self._engine.execution_options(sqlite_begin="BEGIN IMMEDIATE")
        # A transaction of SQLite always sees one moment. PostgreSQL has to be asked for it.
        one_moment = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        self._reading = self._engine.execution_options(**one_moment)

    @property
    def is_sqlite(self) -> bool:
        return self._engine.dialect.name == "sqlite"

    @cached_property
    def audit_key(self) -> bytes:
        """What marks entries of the audit trail. It is not in the database. Raises Unavailable, Unreadable."""
        return self.keys.lasting("audit")

    @contextmanager
    def session(self) -> Iterator[Session]:
        """One writing transaction: committed at the end, rolled back whole on an exception. Raises Unavailable.

        On SQLite it takes the write lock at once, so that two writers queue instead of failing half-way.
        """
        with plainly(), Session(self._writing, expire_on_commit=False) as session:
            session.info[AUDIT_KEY] = lambda: self.audit_key
            session.info[KEYS] = self.keys
            session.info[WAYS_OUT] = self.ways_out
            try:
                yield session
                session.flush()
            except BaseException:
                session.rollback()
                self._destroy(session.info.get(MADE_KEYS, ()))
                raise
            # If this fails, nobody knows whether it was written: no key is touched.
            session.commit()
        if session.info.get(ENDED_KEYS):
            self._destroy(session.info[ENDED_KEYS])
            self.forget_log()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One consistent look. Nothing is written. Raises Unavailable."""
        with plainly(), Session(self._reading, expire_on_commit=False) as session, session.begin():
            yield session

    def migrate(self) -> None:
        """Bring the tables to the newest version. Raises Unavailable."""
        with plainly(), self._writing.begin() as connection:
            _upgrade(connection, self.keys)

    def forget_log(self) -> None:
        """Empty SQLite's write-ahead log, which still holds sealed copies of rows that were just erased.

        Their key is gone, so this is tidiness, not erasure: a failure is no harm. If a reader is in the way, the part
        that it still needs stays until the next call. PostgreSQL cleans up after itself (autovacuum), in its own time.
        """
        if not self.is_sqlite:
            return
        try:
            with plainly():
                connection = self._engine.raw_connection()
                try:
                    connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
                finally:
                    connection.close()
        except Unavailable:
            log.warning("the write-ahead log could not be emptied yet")

    def close(self) -> None:
        self._engine.dispose()
        self.keys.close()

    def _destroy(self, owners: list[str] | tuple[str, ...]) -> None:
        """What was committed stands, whatever happens here: `destroy_pending` tries again."""
        for owner in owners:
            try:
                self.keys.destroy(owner)
            except (Unavailable, Unreadable):
                log.error("a data key could not be destroyed yet")


def migrate(url: str, keys: KeyService | None = None, *, to: str = "head") -> None:
    """Bring the database at `url` to the newest version, or to the one named. Run at start, before any session.

    Without `keys`, a database that still holds data keys of version 0001 is refused (ValueError).
    """
    engine = make_engine(url)
    try:
        with engine.execution_options(sqlite_begin="BEGIN IMMEDIATE").begin() as connection:
            _upgrade(connection, keys, to)
    finally:
        engine.dispose()


def _upgrade(connection: Connection, keys: KeyService | None, to: str = "head") -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    config.attributes["keys"] = keys
    command.upgrade(config, to)
