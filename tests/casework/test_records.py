"""The database: migration and models agree, nothing leaks into exceptions, files are private."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from casework.key_files import FileKeys
from casework.records import Base, Records, migrate
from casework.records.engine import with_driver


def test_the_migration_makes_exactly_the_tables_of_the_models(records: Records) -> None:
    with records.session() as session:
        context = MigrationContext.configure(session.connection(), opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_migrating_again_changes_nothing(records: Records, url: str, opened, intake) -> None:
    migrate(url)
    records.migrate()
    assert intake.admit(opened.id, opened.token)


def test_sqlite_is_set_up_to_keep_and_to_forget(records: Records, database: Path) -> None:
    with records.reading() as session:
        pragmas = {
            name: session.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "secure_delete", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 2,
        "secure_delete": 1,
        "foreign_keys": 1,
        "busy_timeout": 10_000,
    }


def test_the_setup_holds_for_a_connection_that_is_used_again(records: Records, database: Path) -> None:
    records.forget_log()
    for _ in range(3):
        with records.session() as session:
            assert session.connection().connection.dbapi_connection.in_transaction
        records.forget_log()


def test_a_failed_transaction_leaves_nothing(records: Records) -> None:
    with pytest.raises(RuntimeError), records.session() as session:
        session.execute(text("INSERT INTO key_to_destroy VALUES ('conversation:x')"))
        raise RuntimeError
    with records.reading() as session:
        assert session.execute(text("SELECT count(*) FROM key_to_destroy")).scalar() == 0


def test_values_never_reach_an_exception(records: Records) -> None:
    insert = text("INSERT INTO key_to_destroy (owner) VALUES (:owner)")
    values = {"owner": "conversation:hemligt"}
    with pytest.raises(IntegrityError) as refused, records.session() as session:
        session.execute(insert, values)
        session.execute(insert, values)
    assert "hemligt" not in str(refused.value)


def test_the_files_are_their_owners_only(records: Records, database: Path, opened) -> None:
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in database.parent.iterdir()}
    assert modes == {"enrum.db": 0o600, "enrum.db-wal": 0o600, "enrum.db-shm": 0o600}


def test_a_database_in_memory_is_refused(keys: FileKeys) -> None:
    for url in ("sqlite://", "sqlite:///:memory:"):
        with pytest.raises(ValueError, match="a database file"):
            Records(url, keys)


def test_postgresql_goes_through_psycopg_3(keys: FileKeys) -> None:
    assert with_driver("postgresql://u@h/d") == with_driver("postgres://u@h/d") == "postgresql+psycopg://u@h/d"
    records = Records("postgresql://enrum@localhost/enrum", keys)
    assert not records.is_sqlite
    records.forget_log()  # there is no such log: nothing is asked of the server
