"""Passing a chat on: to a colleague, or to a social consultant. The next one must claim it; the assistant stays silent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select

from casework.accounts import caseworker_of
from casework.audit import Why, note
from casework.caseworker import Caseworker
from casework.desk_sessions import IDLE_LIMIT
from casework.notices import tell
from casework.out.way import What
from casework.records import DeskSession, Records, User
from casework.requests import HandoverStatus
from casework.roles import ANSWERING
from casework.scope import is_visible_to
from casework.taking import say_line, take_mine
from screening.events import HandoverKind

PRESENT_WITHIN = timedelta(minutes=5)


class To(StrEnum):
    COLLEAGUE = "colleague"
    SOCIAL_CONSULTANT = "social_consultant"


LINES = {To.COLLEAGUE: "handover.passed", To.SOCIAL_CONSULTANT: "handover.passed_social"}
"""What the person is told: that somebody else takes over, and what that one reads."""


class NobodyThere(Exception):
    """No such colleague, one who may not have it, or the caseworker's own account."""


@dataclass(frozen=True)
class Colleague:
    id: str
    name: str
    role: str
    present: bool
    """Whether their page gave a sign of life within five minutes."""


class PassingOn:
    """`now` gives aware times."""

    def __init__(self, records: Records, now: Callable[[], datetime]) -> None:
        self._records = records
        self._now = now

    def colleagues(self, user: Caseworker | None = None) -> list[Colleague]:
        """Everybody else with an open account, those who are there first, by name."""
        at = self._now()
        with self._records.reading() as session:
            seen = (
                select(DeskSession.user_id, func.max(DeskSession.seen_at).label("at"))
                .where(DeskSession.acted_at > at - IDLE_LIMIT, DeskSession.expires_at > at)
                .group_by(DeskSession.user_id)
                .subquery()
            )
            rows = session.execute(
                select(User, seen.c.at)
                .outerjoin(seen, seen.c.user_id == User.id)
                .where(User.disabled.is_(False), User.role.in_(ANSWERING))
            ).all()
        found = [
            Colleague(row.id, row.name, row.role, last is not None and last > at - PRESENT_WITHIN)
            for row, last in rows
            if user is None or row.id != user.id
        ]
        return sorted(found, key=lambda one: (not one.present, one.name.casefold()))

    def pass_on(self, handover_id: str, user: Caseworker, to: To, colleague_id: str = "") -> str:
        """Put a chat that is mine back in the queue, meant for somebody. Returns the conversation's id.

        Raises NobodyThere, UnknownHandover, AlreadyClaimed, NotOpen.
        """
        at = self._now()
        with self._records.session() as session:
            taken = take_mine(session, handover_id, user, HandoverKind.CHAT)
            handover, conversation = taken.handover, taken.conversation
            if to is To.COLLEAGUE:
                colleague = session.get(User, colleague_id)
                if colleague is None or colleague.disabled or colleague.id == user.id:
                    raise NobodyThere
                if not is_visible_to(caseworker_of(colleague), conversation):
                    raise NobodyThere
                handover.meant_for = colleague.id
            told = say_line(session, self._records.keys, conversation, LINES[to], at, {"name": user.name})
            handover.claim_seq = told.seq
            handover.meant_role = to.value
            handover.status = HandoverStatus.WAITING.value
            handover.claimed_by = None
            handover.claimed_at = None
            tell(session, handover, What.WAITING, at)
            note(session, at, user.id, f"handover.to_{to.value}", handover_id, Why.CLAIMED)
        return conversation.id
