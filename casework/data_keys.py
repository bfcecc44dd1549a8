"""Data keys and the database: two places, so an order that a crash cannot break.

A key is made, for good, before the row that needs it is committed. A crash in between leaves a key that opens nothing.
A key is destroyed after the end of its owner is committed. The same transaction writes down that the key is to go, so
that whoever comes after a crash destroys it: at start, and with every idle sweep (`destroy_pending`).
"""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from casework.keys import KeyService
from casework.records import KeyToDestroy, Records
from casework.records.database import ENDED_KEYS, MADE_KEYS


def make_key(session: Session, keys: KeyService, owner: str) -> bytes:
    """A new data key for `conversation:<id>` or `handover:<id>`. Destroyed again if the transaction is rolled back."""
    key = keys.make(owner)
    session.info.setdefault(MADE_KEYS, []).append(owner)
    return key


def destroy_key(session: Session, owner: str) -> None:
    """With the commit, what the owner sealed cannot be read again, wherever a copy of it lies."""
    session.info.setdefault(ENDED_KEYS, []).append(owner)
    session.merge(KeyToDestroy(owner=owner))


def destroy_pending(records: Records) -> int:
    """Destroy the keys of all that ended, again if need be, and forget the notes. Returns how many there were."""
    with records.reading() as session:
        owners = session.scalars(select(KeyToDestroy.owner)).all()
    for owner in owners:
        records.keys.destroy(owner)
    if owners:
        with records.session() as session:
            session.execute(delete(KeyToDestroy).where(KeyToDestroy.owner.in_(owners)))
        records.forget_log()
    return len(owners)
