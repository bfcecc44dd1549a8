"""Failures to sign in, counted for one name from one network, so that nobody elsewhere can lock a caseworker out."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from casework.audit import note
from casework.records import FailedSignIn, Records

MAX_FAILURES = 10
LOCKED_FOR = timedelta(minutes=15)


def key_of(name_key: str, network: str) -> str:
    """What a count is kept under: neither the name nor the network can be read."""
    return sha256(f"{network}\n{name_key}".encode("utf-8", "surrogatepass")).hexdigest()


def locked(session: Session, key: str, at: datetime) -> bool:
    failed = session.get(FailedSignIn, key)
    return failed is not None and failed.locked_until is not None and failed.locked_until > at


def forget(session: Session, key: str) -> None:
    """After a success the count starts again."""
    session.execute(delete(FailedSignIn).where(FailedSignIn.name_hash == key))


def add(records: Records, key: str, at: datetime) -> None:
    """One more in a row. Ten of them lock for a quarter of an hour."""
    try:
        _add(records, key, at)
    except IntegrityError:  # two first failures at once: now there is a row to count in
        _add(records, key, at)


def _add(records: Records, key: str, at: datetime) -> None:
    with records.session() as session:
        failed = session.get(FailedSignIn, key, with_for_update=True)
        if failed is None:
            failed = FailedSignIn(name_hash=key, n=0)
            session.add(failed)
        failed.n += 1
        failed.last_at = at
        if failed.n >= MAX_FAILURES:
            failed.n = 0
            failed.locked_until = at + LOCKED_FOR
            note(session, at, "", "desk.sign_in_locked")
