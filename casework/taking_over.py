"""Taking over a chat from a caseworker who is not there any more. Of two who try, one gets it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from casework.audit import note
from casework.caseworker import Caseworker
from casework.conversation import key_of
from casework.messages import read
from casework.records import Conversation, Handover, Records, User
from casework.refusals import AlreadyClaimed, NotOpen, UnknownHandover
from casework.requests import HandoverStatus
from casework.scope import is_visible_to
from casework.signs_of_life import signs_of_life
from casework.taking import say_line, take_handover
from screening.events import HandoverKind

AWAY, HERE_AGAIN, TAKEN_OVER = "handover.away", "handover.here_again", "handover.taken_over"
"""Lines that both sides see, each in words of its own."""


class TakingOver:
    """`now` gives aware times, `away_after` how long a page may be closed before its caseworker is away."""

    def __init__(self, records: Records, now: Callable[[], datetime], away_after: Callable[[], timedelta]) -> None:
        self._records = records
        self._now = now
        self._away_after = away_after

    def is_away(self, at: datetime, user_id: str) -> bool:
        """Whether this caseworker has no page of the desk open."""
        with self._records.reading() as session:
            return user_id not in signs_of_life(session, at, self._away_after()).here

    def take_over(self, handover_id: str, user: Caseworker) -> str:
        """The chat is this caseworker's from now on. Doing it again changes nothing. Returns the conversation's id.

        Raises UnknownHandover, NotOpen, and AlreadyClaimed where the one who has it is there.
        """
        at = self._now()
        with self._records.session() as session:
            taken = take_handover(session, handover_id)
            handover, conversation = taken.handover, taken.conversation
            if not is_visible_to(user, conversation) or handover.kind != HandoverKind.CHAT:
                raise UnknownHandover(handover_id)
            if handover.status != HandoverStatus.CLAIMED or handover.claimed_by is None:
                raise NotOpen(HandoverStatus(handover.status))
            if handover.claimed_by == user.id:
                return conversation.id
            former = session.get_one(User, handover.claimed_by)
            if former.id in signs_of_life(session, at, self._away_after()).here:
                raise AlreadyClaimed(former.name)
            first = self._told_seq(session, handover, conversation)
            names = {"name": user.name, "other": former.name}
            line = say_line(session, self._records.keys, conversation, TAKEN_OVER, at, names)
            handover.claimed_by, handover.claimed_at = user.id, at
            handover.claim_seq = first or line.seq
            note(session, at, user.id, "handover.taken_over", handover_id)
            note(session, at, user.id, "handover.taken_from", former.id)
        return conversation.id

    def _told_seq(self, session: Session, handover: Handover, conversation: Conversation) -> int | None:
        """Where the person was told that the caseworker is away: what was written before stays between those two."""
        key = key_of(self._records.keys, conversation.id)
        if key is None:
            raise NotOpen(HandoverStatus.CLOSED)
        kept = read(session, key, conversation.id, first_seq=handover.claim_seq or 0)
        lines = [one for one in kept if one.body.get("say") in (AWAY, HERE_AGAIN)]
        return lines[-1].seq if lines and lines[-1].body["say"] == AWAY else None
