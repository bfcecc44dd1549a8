"""Links that make an account and have not been used: who may still come in by one. The tokens themselves are kept nowhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, delete, select

from casework.audit import note
from casework.caseworker import Caseworker
from casework.records import OneTimeLink, Records

LINK_LIFE = timedelta(hours=24)


@dataclass(frozen=True)
class OpenLink:
    """One link that can still be used. `id` is the hash of its token: it opens nothing."""

    id: str = field(repr=False)
    role: str
    offices: tuple[str, ...]
    """Ids. Empty: all offices."""
    made: datetime
    ends: datetime


class AccountLinks:
    """`now` gives aware times."""

    def __init__(self, records: Records, now: Callable[[], datetime]) -> None:
        self._records = records
        self._now = now

    def open(self) -> list[OpenLink]:
        """Those that can still be used, the oldest first."""
        usable = OneTimeLink.used_at.is_(None), OneTimeLink.expires_at > self._now()
        with self._records.reading() as session:
            rows = session.scalars(select(OneTimeLink).where(*usable).order_by(OneTimeLink.expires_at)).all()
            return [_open_link(row) for row in rows]

    def withdraw(self, link_id: str, by: Caseworker) -> bool:
        """It opens nothing any more. False if it was used meanwhile, or is not there."""
        unused = OneTimeLink.token_hash == link_id, OneTimeLink.used_at.is_(None)
        with self._records.session() as session:
            role = session.scalar(select(OneTimeLink.role).where(*unused))
            gone = session.execute(delete(OneTimeLink).where(*unused))
            assert isinstance(gone, CursorResult)
            if gone.rowcount != 1:
                return False
            note(session, self._now(), by.id, "account.link_withdrawn", role or "")
            return True


def _open_link(row: OneTimeLink) -> OpenLink:
    offices = tuple(row.offices.split())
    return OpenLink(row.token_hash, row.role, offices, row.expires_at - LINK_LIFE, row.expires_at)
