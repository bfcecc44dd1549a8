"""Passing a chat on: to a colleague, or to a social consultant. The next one must claim it; the assistant stays silent."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.accounts import caseworker_of
from casework.audit import Why, note
from casework.caseworker import Caseworker
from casework.notices import tell
from casework.out.way import What
from casework.records import Conversation, Handover, Records, User
from casework.refusals import NotOpen
from casework.requests import HandoverStatus
from casework.roles import ANSWERING, Role
from casework.scope import is_visible_to
from casework.signs_of_life import AWAY_AFTER, signs_of_life
from casework.taking import say_line, take_handover, take_mine
from screening.events import HandoverKind


class To(StrEnum):
    COLLEAGUE = "colleague"
    SOCIAL_CONSULTANT = "social_consultant"


LINES = {To.COLLEAGUE: "handover.passed", To.SOCIAL_CONSULTANT: "handover.passed_social"}
"""What the person is told: that somebody else takes over, and what that one reads."""


TO_ALL = "handover.to_all"


class NobodyThere(Exception):
    """No such colleague, one who is not there or may not have it, or the caseworker's own account."""


@dataclass(frozen=True)
class Colleague:
    id: str
    name: str
    role: str
    present: bool
    """Whether a page of theirs is open."""


@dataclass(frozen=True)
class There:
    """Who is there to take over one chat, without the one who has it: nobody who may not see it is in here."""

    colleagues: tuple[Colleague, ...] = ()
    """By name."""

    @property
    def consultants(self) -> int:
        return sum(one.role == Role.CONSULTANT for one in self.colleagues)

    @property
    def caseworkers(self) -> int:
        return len(self.colleagues) - self.consultants

    def has(self, to: To, colleague_id: str = "") -> bool:
        """Whether somebody is there for what is passed on like this."""
        if to is To.SOCIAL_CONSULTANT:
            return self.consultants > 0
        return any(one.id == colleague_id for one in self.colleagues)


class PassingOn:
    """`now` gives aware times, `away_after` how long a page may be closed before its caseworker is away."""

    def __init__(
        self,
        records: Records,
        now: Callable[[], datetime],
        away_after: Callable[[], timedelta] = lambda: AWAY_AFTER,
    ) -> None:
        self._records = records
        self._now = now
        self._away_after = away_after

    def colleagues(self) -> list[Colleague]:
        """Everybody with an open account who can answer, those who are there first, by name."""
        with self._records.reading() as session:
            here = self._here(session)
            rows = session.scalars(select(User).where(User.disabled.is_(False), User.role.in_(ANSWERING))).all()
        found = [Colleague(row.id, row.name, row.role, row.id in here) for row in rows]
        return sorted(found, key=lambda one: (not one.present, one.name.casefold()))

    def there(self, handover_id: str, user: Caseworker) -> There:
        """Who can take a chat over from this caseworker right now."""
        with self._records.reading() as session:
            handover = session.get(Handover, handover_id)
            if handover is None:
                return There()
            return self._there(session, session.get_one(Conversation, handover.conversation_id), user.id)

    def pass_on(self, handover_id: str, user: Caseworker, to: To, colleague_id: str = "") -> str:
        """Put a chat that is mine back in the queue, meant for somebody who is there. Returns the conversation's id.

        Raises NobodyThere, UnknownHandover, AlreadyClaimed, NotOpen.
        """
        at = self._now()
        with self._records.session() as session:
            taken = take_mine(session, handover_id, user, HandoverKind.CHAT)
            handover, conversation = taken.handover, taken.conversation
            if not self._there(session, conversation, user.id).has(to, colleague_id):
                raise NobodyThere
            handover.meant_for = colleague_id if to is To.COLLEAGUE else None
            told = say_line(session, self._records.keys, conversation, LINES[to], at, {"name": user.name})
            handover.claim_seq = told.seq
            handover.meant_role = to.value
            handover.status = HandoverStatus.WAITING.value
            handover.claimed_by = None
            handover.claimed_at = None
            tell(session, handover, What.WAITING, at)
            note(session, at, user.id, f"handover.to_{to.value}", handover_id, Why.CLAIMED)
        return conversation.id

    def back_to_all(self) -> list[str]:
        """What was passed on to somebody who is not there any more waits for everybody again, and the person is told.

        Returns the conversations' ids. What was written to the former caseworker stays between those two.
        """
        with self._records.reading() as session:
            waiting = select(Handover.id).where(Handover.status == HandoverStatus.WAITING, Handover.meant_role != "")
            passed = session.scalars(waiting).all()
        changed = []
        for handover_id in passed:
            with suppress(NotOpen):
                changed.append(self._back_to_all(handover_id))
        return [conversation_id for conversation_id in changed if conversation_id]

    def _back_to_all(self, handover_id: str) -> str:
        at = self._now()
        with self._records.reading() as session:
            handover = session.get_one(Handover, handover_id)
            if self._is_met(session, handover, session.get_one(Conversation, handover.conversation_id)):
                return ""
        with self._records.session() as session:
            taken = take_handover(session, handover_id)
            handover, conversation = taken.handover, taken.conversation
            if handover.status != HandoverStatus.WAITING or self._is_met(session, handover, conversation):
                return ""
            say_line(session, self._records.keys, conversation, TO_ALL, at, {})
            handover.meant_for, handover.meant_role = None, ""
            note(session, at, "", TO_ALL, handover_id)
        return conversation.id

    def _is_met(self, session: Session, handover: Handover, conversation: Conversation) -> bool:
        if not handover.meant_role:
            return True
        return self._there(session, conversation).has(To(handover.meant_role), handover.meant_for or "")

    def _there(self, session: Session, conversation: Conversation, but: str = "") -> There:
        here = session.scalars(select(User).where(User.id.in_(self._here(session) - {but}))).all()
        seeing = [row for row in here if is_visible_to(caseworker_of(row), conversation)]
        found = [Colleague(row.id, row.name, row.role, True) for row in seeing]
        return There(tuple(sorted(found, key=lambda one: one.name.casefold())))

    def _here(self, session: Session) -> frozenset[str]:
        return signs_of_life(session, self._now(), self._away_after()).here
