"""Asking again, by the agency's rule: who is due, and what a caseworker decides about it. Nothing is sent from here.

The rule is the same whatever was answered: "three occasions, the same for yes and no", because those who live with
ongoing violence weigh the risk of answering (seed 004:258-262 fn 14). What was answered is not known here, so a
caseworker who has met the person decides: invite, put off, or not again.
"""

from __future__ import annotations

import calendar
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.claims import Claims
from casework.data_keys import destroy_key, make_key
from casework.keyed_hash import keyed
from casework.keys import KeyService, padded, seal, unseal
from casework.records import FollowUp, Records
from safety.safe_contact import ZONE


@dataclass(frozen=True)
class Due:
    """A case that is to be asked again. `on` is the day from which."""

    id: str
    claims: Claims
    on: date

    @property
    def occasion(self) -> int:
        return self.claims.occasion


class FollowUps:
    """`occasions` and `months` are the agency's rule; one occasion, or no interval, plans nothing. `now` gives aware times."""

    def __init__(self, records: Records, now: Callable[[], datetime], occasions: int, months: int | None) -> None:
        self._records = records
        self._keys = records.keys
        self.now = now
        self._occasions = occasions
        self._months = months

    def invited(self, session: Session, claims: Claims) -> None:
        """An invitation was made: the next occasion is planned, or all are done. In the caller's transaction."""
        row = self._find(session, claims)
        if self._months is None or claims.occasion >= self._occasions:
            self._drop(session, row)
            return
        after = claims.model_copy(update={"occasion": claims.occasion + 1, "asks": False})
        self._plan(session, row, after, months_later(self._today(), self._months))

    def taken_back(self, session: Session, claims: Claims) -> None:
        """An invitation that nobody opened was revoked: its occasion has not been."""
        row = self._find(session, claims)
        if row is None or row.occasion != claims.occasion + 1:
            return
        if claims.occasion == 1:
            self._drop(session, row)
        else:
            self._plan(session, row, claims.model_copy(update={"asks": False}), self._today())

    def due(self, on: date | None = None) -> list[Due]:
        """Who is due on a day (today), the longest first."""
        until = _midnight(on or self._today())
        with self._records.reading() as session:
            rows = session.scalars(select(FollowUp).where(FollowUp.due_at <= until).order_by(FollowUp.due_at))
            return [due for row in rows if (due := self._read(row)) is not None]

    def get(self, follow_up_id: str) -> Due | None:
        with self._records.reading() as session:
            row = session.get(FollowUp, follow_up_id)
            return self._read(row) if row is not None else None

    def put_off(self, follow_up_id: str) -> bool:
        """The same occasion, one interval later. False if there is no such case any more."""
        with self._records.session() as session:
            row = session.get(FollowUp, follow_up_id, with_for_update=True)
            if row is None or self._months is None:
                return False
            row.due_at = _midnight(months_later(self._today(), self._months))
            return True

    def end(self, follow_up_id: str) -> bool:
        """Not again. What is known of the case goes. False if it was not there."""
        with self._records.session() as session:
            row = session.get(FollowUp, follow_up_id, with_for_update=True)
            self._drop(session, row)
            return row is not None

    def end_case(self, case: str, programme: str) -> bool:
        """The same by the agency's own reference: somebody has left the programme."""
        with self._records.session() as session:
            row = session.scalar(select(FollowUp).filter_by(case_hash=self._hash(programme, case)))
            self._drop(session, row)
            return row is not None

    def _plan(self, session: Session, row: FollowUp | None, claims: Claims, on: date) -> None:
        name = row.id if row is not None else secrets.token_urlsafe(16)
        owner = follow_up_owner(name)
        key = self._keys.find(owner) or make_key(session, self._keys, owner)
        sealed = seal(key, padded(claims.model_dump_json().encode()), owner)
        if row is None:
            case_hash = self._hash(claims.programme, claims.case)
            row = FollowUp(id=name, case_hash=case_hash)
            session.add(row)
        row.claims, row.occasion, row.due_at = sealed, claims.occasion, _midnight(on)
        session.flush()

    def _find(self, session: Session, claims: Claims) -> FollowUp | None:
        query = select(FollowUp).filter_by(case_hash=self._hash(claims.programme, claims.case))
        return session.scalar(query.with_for_update())

    def _drop(self, session: Session, row: FollowUp | None) -> None:
        if row is not None:
            destroy_key(session, follow_up_owner(row.id))
            session.delete(row)

    def _read(self, row: FollowUp) -> Due | None:
        """None where the key is gone: an old copy of the database was restored, and somebody had decided since."""
        owner = follow_up_owner(row.id)
        key = self._keys.find(owner)
        if key is None:
            return None
        claims = Claims.model_validate_json(unseal(key, row.claims, owner))
        return Due(row.id, claims, row.due_at.astimezone(ZONE).date())

    def _today(self) -> date:
        return self.now().astimezone(ZONE).date()

    def _hash(self, programme: str, case: str) -> str:
        return keyed(self._keys, "follow up", f"{programme}:{case}")


def forget_undone(session: Session, keys: KeyService) -> None:
    """After an old copy was restored: what was decided since has no key any more, and goes again."""
    for row in session.scalars(select(FollowUp)):
        if keys.find(follow_up_owner(row.id)) is None:
            session.delete(row)


def follow_up_owner(follow_up_id: str) -> str:
    """The name under which a follow-up's data key is kept."""
    return f"followup:{follow_up_id}"


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or its last day: 30 November and three months is 28 February."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZONE)
