"""Data keys in the records: made, fetched, destroyed."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.orm import Session

from casework.keys import MasterKey, new_data_key
from casework.records import DataKey
from casework.records.database import KEY_DESTROYED


def make_key(session: Session, master: MasterKey, owner: str) -> bytes:
    """A new data key for `conversation:<id>` or `handover:<id>`."""
    key = new_data_key()
    session.add(DataKey(owner=owner, wrapped=master.wrap(key, owner)))
    return key


def find_key(session: Session, master: MasterKey, owner: str) -> bytes | None:
    """The data key, or None once it is destroyed. Raises Unreadable (another master key)."""
    row = session.get(DataKey, owner)
    return None if row is None else master.unwrap(row.wrapped, owner)


def destroy_key(session: Session, owner: str) -> None:
    """What the owner sealed cannot be read again, wherever a copy of it lies."""
    session.info[KEY_DESTROYED] = True
    session.execute(delete(DataKey).where(DataKey.owner == owner))
