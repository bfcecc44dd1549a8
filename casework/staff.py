"""The accounts, as an administrator sees and changes them. Nobody changes their own: a colleague does."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework import desk_sessions, second_step
from casework.audit import note
from casework.caseworker import Caseworker
from casework.records import Records, User
from casework.roles import Role


class NotThis(Exception):
    """`args[0]` is `own` for one's own account, `gone` for one that is not there or closed."""


@dataclass(frozen=True)
class Member:
    """One account in the list."""

    id: str
    name: str
    role: str
    offices: tuple[str, ...]
    created: datetime
    second_step: bool
    outside: bool
    """Signs in at the agency's own service, which says what the role is."""


class Staff:
    """`now` gives aware times."""

    def __init__(self, records: Records, now: Callable[[], datetime]) -> None:
        self._records = records
        self._now = now

    def members(self, by: Caseworker) -> list[Member]:
        """Every open account, by name."""
        with self._records.session() as session:
            rows = session.scalars(select(User).where(User.disabled.is_(False)).order_by(User.name)).all()
            note(session, self._now(), by.id, "accounts.seen")
            return [_member(row) for row in rows]

    def close(self, user_id: str, by: Caseworker) -> None:
        """Close for good and sign out. What is claimed stays claimed. Raises NotThis."""
        at = self._now()
        with self._records.session() as session:
            row = _other(session, user_id, by)
            row.disabled = True
            desk_sessions.end_all(session, row.id)
            note(session, at, by.id, "account.closed", row.id)

    def take_second_step(self, user_id: str, by: Caseworker) -> None:
        """For a phone that is lost together with the codes. Signs out. Raises NotThis."""
        with self._records.session() as session:
            second_step.reset(session, _other(session, user_id, by).id, self._now(), by.id)

    def change(self, user_id: str, role: Role, offices: Collection[str], by: Caseworker) -> None:
        """Another role, other offices. Signs out, so that no open page shows what is not theirs any more. Raises NotThis."""
        at = self._now()
        with self._records.session() as session:
            row = _other(session, user_id, by)
            row.role, row.offices = role.value, " ".join(sorted(offices))
            desk_sessions.end_all(session, row.id)
            note(session, at, by.id, f"account.{role.value}", row.id)


def _other(session: Session, user_id: str, by: Caseworker) -> User:
    if user_id == by.id:
        raise NotThis("own")
    row = session.get(User, user_id, with_for_update=True)
    if row is None or row.disabled:
        raise NotThis("gone")
    return row


def _member(row: User) -> Member:
    offices = tuple(row.offices.split())
    outside = row.subject_hash is not None
    return Member(row.id, row.name, row.role, offices, row.created, row.totp is not None, outside)
