"""What caseworkers see of handovers. Every read of what a person said or asked for leaves an audit entry in its own transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select

from casework.accounts import someone_present
from casework.audit import Why, note
from casework.caseworker import Caseworker
from casework.conversation import key_of
from casework.desk_view import Case, Queue
from casework.messages import StoredMessage, read
from casework.queue import ContactRules, always, build_queue, item_of, plan_of, queue_mark
from casework.records import Conversation, Handover, Records
from casework.refusals import AlreadyClaimed, UnknownHandover
from casework.requests import HandoverStatus, read_answers
from casework.scope import is_visible_to
from casework.signs_of_life import AWAY_AFTER, signs_of_life
from casework.taking import refuse_other
from safety.content import Sender
from screening.events import HandoverKind

PRESENT_WITHIN = timedelta(minutes=5)


class HandoverReading:
    """`now` gives aware times. `most_attempts` and `is_open` are the agency's rules for contact,
    `away_after` for how long a page may be closed before its caseworker is away.
    """

    def __init__(
        self,
        records: Records,
        now: Callable[[], datetime],
        *,
        most_attempts: int = 3,
        is_open: Callable[[datetime], bool] = always,
        away_after: Callable[[], timedelta] = lambda: AWAY_AFTER,
    ) -> None:
        self._records = records
        self._keys = records.keys
        self._now = now
        self._rules = ContactRules(most_attempts, is_open)
        self._away_after = away_after

    def now(self) -> datetime:
        return self._now()

    def someone_present(self, at: datetime, office: str = "") -> bool:
        """Whether the desk page of somebody who answers for that office was open within the last 5 minutes."""
        with self._records.reading() as session:
            return someone_present(session, at, PRESENT_WITHIN, office)

    def queue(self, user: Caseworker, *, by_itself: bool = False, known: str = "") -> Queue:
        """What there is to do, danger first, then the longest wait; what I closed today, and who left within a day.

        `by_itself` is for a page that asks for news: it shows nothing new to read, so it leaves no audit entry.
        `known` is the mark of the list of contacts that the page has: an unchanged one is left out.
        """
        at = self._now()
        with self._records.reading() if by_itself else self._records.session() as session:
            signs = signs_of_life(session, at, self._away_after())
            queue = build_queue(session, self._keys, user, at, self._rules, signs, known)
            if not by_itself:
                note(session, at, user.id, "queue.seen")
        return queue

    def queue_mark(self) -> str:
        """Changes when the queue does, for a page that waits for news. The time alone does not change it."""
        with self._records.reading() as session:
            at = self._now()
            return queue_mark(session, at, signs_of_life(session, at, self._away_after()))

    def chat_mark(self, handover_id: str) -> tuple[str, str, int]:
        """Conversation, status and last message. Nothing is read, so there is no audit entry. Raises UnknownHandover."""
        query = select(Handover.conversation_id, Handover.status, Conversation.last_seq).join(
            Conversation, Conversation.id == Handover.conversation_id
        )
        with self._records.reading() as session:
            row = session.execute(query.where(Handover.id == handover_id)).one_or_none()
        if row is None:
            raise UnknownHandover(handover_id)
        return row[0], row[1], row[2]

    def case(self, handover_id: str, user: Caseworker) -> Case:
        """One handover. Number, code word and answers are there only for the one who has it, while it is open.

        The number is there only while the plan allows contact right now (promise P8).
        Raises UnknownHandover, AlreadyClaimed.
        """
        at = self._now()
        with self._records.session() as session:
            handover = session.get(Handover, handover_id)
            if handover is None:
                raise UnknownHandover(handover_id)
            conversation = session.get_one(Conversation, handover.conversation_id)
            if not is_visible_to(user, conversation):
                raise UnknownHandover(handover_id)
            item = item_of(session, self._keys, handover, conversation, at, rules=self._rules)
            if item.status is HandoverStatus.CLAIMED and item.claimed_by != user.id:
                raise AlreadyClaimed(item.claimed_by_name or "")
            why = _why(handover, user)
            note(session, at, user.id, "handover.seen", handover_id, why)
            if item.status is not HandoverStatus.CLAIMED:
                return Case(item, conversation.id)
            answers = read_answers(self._keys, handover)
            if answers is not None:
                note(session, at, user.id, "answers.seen", handover_id, why)
            plan = plan_of(self._keys, handover)
            if plan is None or item.contact is None or item.contact.refusal is not None:
                return Case(item, conversation.id, answers=answers)
            note(session, at, user.id, "number.seen", handover_id, why)
            return Case(item, conversation.id, answers=answers, number=plan.address, code_word=plan.code_word)

    def status(self, handover_id: str) -> HandoverStatus:
        """For a page that asks for news: nothing is read, so there is no audit entry. Raises UnknownHandover."""
        with self._records.reading() as session:
            status = session.scalar(select(Handover.status).where(Handover.id == handover_id))
        if status is None:
            raise UnknownHandover(handover_id)
        return HandoverStatus(status)

    def held_by(self, handover_id: str, user: Caseworker) -> str:
        """The conversation of a handover that this caseworker has. Raises UnknownHandover, AlreadyClaimed, NotOpen."""
        with self._records.reading() as session:
            handover = session.get(Handover, handover_id)
            if handover is None:
                raise UnknownHandover(handover_id)
            if handover.status != HandoverStatus.CLAIMED or handover.claimed_by != user.id:
                refuse_other(session, handover)
            return handover.conversation_id

    def conversation_id(self, handover_id: str) -> str:
        """Which conversation it belongs to. Raises UnknownHandover."""
        with self._records.reading() as session:
            found = session.scalar(select(Handover.conversation_id).where(Handover.id == handover_id))
        if found is None:
            raise UnknownHandover(handover_id)
        return found

    def transcript(self, handover_id: str, user: Caseworker, after_seq: int = 0) -> list[StoredMessage]:
        """The messages to a human: from what was written while waiting for one, to the end of the chat.

        What was said to or by the bot is not shown, nor what was written to a colleague who has passed the chat on.

        Asking for news that is not there leaves no audit entry.
        Raises UnknownHandover, AlreadyClaimed, NotOpen (never claimed by this caseworker).
        """
        at = self._now()
        with self._records.reading() as session:
            handover = session.get(Handover, handover_id)
            if handover is None or handover.kind != HandoverKind.CHAT:
                raise UnknownHandover(handover_id)
            if handover.claimed_by != user.id:
                refuse_other(session, handover)
            key = key_of(self._keys, handover.conversation_id)
            first_seq = max(handover.claim_seq or 0, after_seq + 1)
            messages = (
                read(session, key, handover.conversation_id, first_seq=first_seq, last_seq=handover.close_seq)
                if key
                else []
            )
            messages = [one for one in messages if one.sender is not Sender.ASSISTANT or "say" in one.body]
        if messages:
            with self._records.session() as session:
                note(session, at, user.id, "transcript.seen", handover_id, Why.CLAIMED)
        return messages


def _why(handover: Handover, user: Caseworker) -> Why:
    """Why this caseworker looks at it."""
    if handover.claimed_by != user.id:
        return Why.DUTY
    return Why.CALL_BACK if handover.kind == HandoverKind.CONTACT else Why.CLAIMED
