"""Who of those who answer has a page of the desk open right now, by the sessions' signs of life."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from casework.desk_sessions import IDLE_LIMIT, of_those_who_answer
from casework.records import DeskSession

AWAY_AFTER = timedelta(minutes=2)
"""Where the agency says nothing else."""


@dataclass(frozen=True)
class SignsOfLife:
    """`here`: ids of the caseworkers who are there. `last`: when each was last seen; nothing of who has signed out."""

    here: frozenset[str]
    last: Mapping[str, datetime]

    def minutes_away(self, user_id: str, at: datetime) -> int | None:
        """Whole minutes since the last sign. None where there is no knowing: they have signed out."""
        last = self.last.get(user_id)
        return None if last is None else max(0, int((at - last).total_seconds() // 60))


def signs_of_life(session: Session, at: datetime, within: timedelta) -> SignsOfLife:
    """Seen within that time, and not silent for so long that the session is over."""
    query = of_those_who_answer(DeskSession.user_id, DeskSession.seen_at, DeskSession.acted_at, DeskSession.expires_at)
    here: set[str] = set()
    last: dict[str, datetime] = {}
    for user_id, seen_at, acted_at, expires_at in session.execute(query):
        last[user_id] = max(seen_at, last.get(user_id, seen_at))
        if seen_at > at - within and acted_at > at - IDLE_LIMIT and expires_at > at:
            here.add(user_id)
    return SignsOfLife(frozenset(here), last)
