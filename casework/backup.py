"""Copies of the database, and the way back. A copy holds no key: what is erased after it was made stays erased.

SQLite is copied with its own online backup, consistent while the server runs. PostgreSQL with `pg_dump`: the commands
are here, the password goes by the environment and never on a command line.

The key folder must not be in any backup. To come back on another machine, move it there: it is the living thing, the
copy of the database is not. Without it nothing that was sealed can be read, by design.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import delete, inspect, select, update
from sqlalchemy.engine import URL, make_url
from sqlalchemy.orm import Session

from casework.audit import OPERATOR, note
from casework.closing import erase
from casework.contact.orders import Status, order_owner
from casework.contact.orders import finish as end
from casework.conversation import owner
from casework.counting import close_batch
from casework.duties import close_again
from casework.follow_ups import forget_undone
from casework.invitations import forget_claims, invitation_owner
from casework.key_owners import named
from casework.keys import BadKeyFile, KeyService
from casework.opening import open_records
from casework.records import (
    Conversation,
    DeskSession,
    Handover,
    Invitation,
    OneTimeLink,
    Outgoing,
    PhoneCall,
    Records,
    by_the_hour,
)
from casework.records.engine import make_engine, with_driver
from casework.requests import HandoverStatus, all_open, finish, handover_owner, sealed
from screening.events import Outcome


class BackupFailed(Exception):
    """The copy could not be made or taken back. `args[0]` says why, without content."""


def make(records: Records, url: str, to: Path, at: datetime) -> None:
    """Write a copy to `to`, readable by its owner only. Raises BackupFailed if there is a file already."""
    if to.exists():
        raise BackupFailed(f"{to} is there already")
    with records.session() as session:
        note(session, at, OPERATOR, "backup.made")
    draft = to.with_name(f".{to.name}.draft")
    os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    try:
        parsed = make_url(with_driver(url))
        if records.is_sqlite:
            _copy(Path(parsed.database or ""), draft)
        else:
            _run(parsed, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={draft}")
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        draft.rename(to)
    finally:
        draft.unlink(missing_ok=True)


class Restored(NamedTuple):
    """The records, open; how many conversations were erased again; how many keys nothing names any more, destroyed."""

    records: Records
    erased: int
    keys: int


def restore(url: str, keys: KeyService, source: Path, at: datetime, *, rehearsal: bool = False) -> Restored:
    """Take a copy back into an empty place, bring it to the newest version, and erase again what has been erased.

    What was begun after the copy is lost, so its keys are destroyed: a later copy that somebody has is mute then. In a
    `rehearsal`, beside the database that is in use, no key is. Raises BackupFailed, `keys.BadKeyFile`.
    """
    if not rehearsal and keys.in_use():
        raise BackupFailed("another process has the keys open: stop the server first, or rehearse")
    if not source.is_file():
        raise BackupFailed(f"there is no {source}")
    parsed = make_url(with_driver(url))
    if parsed.get_backend_name() == "sqlite":
        _place(source, Path(parsed.database or ""))
    else:
        if _tables(url):
            raise BackupFailed("the database is not empty")
        _run(
            parsed,
            "pg_restore",
            "--no-owner",
            "--no-privileges",
            "--exit-on-error",
            "--single-transaction",
            str(source),
        )
    try:
        records = open_records(url, keys)
    except BadKeyFile:
        if parsed.get_backend_name() == "sqlite":
            _take_away(Path(parsed.database or ""))
        raise
    erased = _erase_again(records, at)
    return Restored(records, erased, 0 if rehearsal else keys.keep_only(named(records)))


def _copy(source: Path, to: Path) -> None:
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(to)) as copy:
        live.backup(copy)
        # One file: a copy must not need a log beside it.
        copy.execute("PRAGMA journal_mode = DELETE")


def _place(source: Path, database: Path) -> None:
    if any(path.exists() for path in _files(database)):
        raise BackupFailed(f"{database} is there already: move it away first")
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as copy:
        try:
            sound = copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        except sqlite3.DatabaseError:
            sound = False
    if not sound:
        raise BackupFailed(f"{source} is no whole copy")
    database.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = database.with_name(f".{database.name}.draft")
    os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    shutil.copyfile(source, draft)
    draft.rename(database)


def _take_away(database: Path) -> None:
    """With these keys it is of no use, and it would be in the way of the right ones."""
    for path in _files(database):
        path.unlink(missing_ok=True)


def _files(database: Path) -> list[Path]:
    return [database, *(database.with_name(database.name + end) for end in ("-wal", "-shm"))]


def _erase_again(records: Records, at: datetime) -> int:
    """What has no key any more was erased, or its handover closed, after the copy was made: make the rows say so.

    Nobody is signed in on a copy, and a link that was open then may have been used since.
    """
    with records.session() as session:
        session.execute(delete(DeskSession))
        session.execute(delete(OneTimeLink))
        note(session, at, OPERATOR, "backup.restored")
        gone = [row for row in session.scalars(select(Conversation)) if _is_gone(records, row)]
        for row in gone:
            for handover in all_open(session, row.id):
                if handover.kind == "chat":
                    finish(session, handover, HandoverStatus.CANCELLED, at, note="restored")
            # How it ended is not in the copy. Nobody is to be contacted on the strength of it.
            row.outcome = row.outcome or Outcome.INTERRUPTED.value
            row.do_not_contact = row.do_not_contact or not _has_plan(records, session, row)
            row.token_hash = ""
            erase(session, row, at)
        for handover in session.scalars(select(Handover).where(sealed())):
            if records.keys.find(handover_owner(handover.id)) is None:
                finish(session, handover, HandoverStatus.CANCELLED, at, note="restored")
        for invitation in session.scalars(select(Invitation).where(Invitation.claims.is_not(None))):
            if records.keys.find(invitation_owner(invitation.id)) is None:
                # Opened, or taken back: either way it opens nothing.
                invitation.opened_hour = invitation.opened_hour or by_the_hour(at)
                forget_claims(session, invitation)
        for order in session.scalars(select(Outgoing).where(Outgoing.order.is_not(None))):
            if records.keys.find(order_owner(order.id)) is None:
                # Carried out, perhaps: it is not done again.
                end(session, order, Status.DEAD)
        forget_undone(session, records.keys)
        close_again(session, records.keys, at)
        # No call lasts through this.
        session.execute(update(PhoneCall).values(over=True))
    close_batch(records)
    return len(gone)


def _is_gone(records: Records, row: Conversation) -> bool:
    return not row.erased and records.keys.find(owner(row.id)) is None


def _has_plan(records: Records, session: Session, row: Conversation) -> bool:
    return any(records.keys.find(handover_owner(handover.id)) is not None for handover in all_open(session, row.id))


def _tables(url: str) -> list[str]:
    engine = make_engine(url)
    try:
        return inspect(engine).get_table_names()
    finally:
        engine.dispose()


def _run(url: URL, program: str, *arguments: str) -> None:
    """PostgreSQL's own tools, told where by the environment: a command line can be read by everybody on the machine."""
    where = {"PGHOST": url.host, "PGPORT": url.port, "PGUSER": url.username, "PGPASSWORD": url.password}
    given = {name: str(value) for name, value in where.items() if value is not None}
    target = (f"--dbname={url.database}",)
    try:
        ran = subprocess.run(  # noqa: S603 - a fixed program with our own arguments
            [_tool(program), *target, *arguments], env={**os.environ, **given}, capture_output=True, check=False
        )
    except FileNotFoundError:
        raise BackupFailed(f"{program} is not installed") from None
    if ran.returncode != 0:
        raise BackupFailed(f"{program} ended with code {ran.returncode}")


def _tool(program: str) -> str:
    """On the path, or where Debian keeps it."""
    found = shutil.which(program) or next(
        (str(path) for path in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), reverse=True)), None
    )
    if found is None:
        raise BackupFailed(f"{program} is not installed")
    return found
