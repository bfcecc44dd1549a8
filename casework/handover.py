"""What caseworkers do with handovers. Every read and every write leaves an audit entry in its own transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from casework.accounts import someone_present
from casework.audit import Why, note
from casework.caseworker import Caseworker
from casework.contact.dispatcher import stopped
from casework.conversation import Group, counted_as, key_of, take
from casework.counters import count
from casework.desk_view import Case, Queue, QueueItem, contact_limits, queue_item
from casework.keys import Unreadable
from casework.messages import Body, OutMessage, StoredMessage, keep, numbered, read
from casework.notices import tell
from casework.out.way import What
from casework.receipts import add_receipt, find_receipt
from casework.records import Conversation, Handover, Records, User, by_the_hour
from casework.refusals import AlreadyClaimed, NotOpen, UnknownHandover
from casework.requests import OPEN, HandoverStatus, finish, read_answers, read_plan
from casework.scope import is_visible_to, visible_to
from safety.content import ContentClass, Sender
from safety.safe_contact import SafeContactPlan
from screening.events import HandoverKind

__all__ = ["AlreadyClaimed", "ContactNote", "HandoverDesk", "NotOpen", "UnknownHandover"]

PRESENT_WITHIN = timedelta(minutes=5)
LEFT_SHOWN_FOR = timedelta(hours=24)
MAX_TEXT = 4000


class ContactNote(StrEnum):
    """How an attempt to make contact went."""

    REACHED = "reached"
    NOT_REACHED = "not_reached"
    """The request stays with the caseworker until its plan ends."""
    NOT_SAFE = "not_safe"
    """Somebody else answered, or the person could not talk. Nobody tries again."""


@dataclass(frozen=True)
class Taken:
    """The rows that an act works on, locked in this order: conversation, then handover."""

    conversation: Conversation
    handover: Handover


class HandoverDesk:
    """`now` gives aware times."""

    def __init__(self, records: Records, now: Callable[[], datetime]) -> None:
        self._records = records
        self._keys = records.keys
        self._now = now

    def someone_present(self, at: datetime, office: str = "") -> bool:
        """Whether the desk page of somebody who answers for that office was open within the last 5 minutes."""
        with self._records.reading() as session:
            return someone_present(session, at, PRESENT_WITHIN, office)

    def queue(self, user: Caseworker, *, by_itself: bool = False) -> Queue:
        """What waits (urgent first, then the longest wait), what is mine, and who left within a day.

        `by_itself` is for a page that asks for news: it shows nothing new to read, so it leaves no audit entry.
        """
        at = self._now()
        with self._records.reading() if by_itself else self._records.session() as session:
            rows = session.execute(
                select(Handover, Conversation)
                .join(Conversation, Conversation.id == Handover.conversation_id)
                .where(
                    visible_to(user),
                    or_(
                        Handover.status.in_(OPEN),
                        (Handover.status == HandoverStatus.LEFT) & (Handover.closed_at > at - LEFT_SHOWN_FOR),
                    ),
                )
                .order_by(Handover.urgent.desc(), Handover.requested_at)
            ).all()
            items = [self._item(session, handover, conversation, at) for handover, conversation in rows]
            if not by_itself:
                note(session, at, user.id, "queue.seen")
        waiting = [item for item in items if item.status is HandoverStatus.WAITING]
        return Queue(
            waiting=[item for item in waiting if item.kind is HandoverKind.CHAT],
            contacts=[item for item in waiting if item.kind is HandoverKind.CONTACT],
            mine=[i for i in items if i.status is HandoverStatus.CLAIMED and i.claimed_by == user.id],
            taken=[i for i in items if i.status is HandoverStatus.CLAIMED and i.claimed_by != user.id],
            left=[item for item in items if item.status is HandoverStatus.LEFT],
        )

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
            item = self._item(session, handover, conversation, at)
            if item.status is HandoverStatus.CLAIMED and item.claimed_by != user.id:
                raise AlreadyClaimed(item.claimed_by_name or "")
            why = _why(handover, user)
            note(session, at, user.id, "handover.seen", handover_id, why)
            if item.status is not HandoverStatus.CLAIMED:
                return Case(item, conversation.id)
            answers = read_answers(self._keys, handover)
            if answers is not None:
                note(session, at, user.id, "answers.seen", handover_id, why)
            plan = self._plan(handover)
            if plan is None or item.contact is None or item.contact.refusal is not None:
                return Case(item, conversation.id, answers=answers)
            note(session, at, user.id, "number.seen", handover_id, why)
            return Case(item, conversation.id, answers=answers, number=plan.number, code_word=plan.code_word)

    def status(self, handover_id: str) -> HandoverStatus:
        """For a page that asks for news: nothing is read, so there is no audit entry. Raises UnknownHandover."""
        with self._records.reading() as session:
            status = session.scalar(select(Handover.status).where(Handover.id == handover_id))
        if status is None:
            raise UnknownHandover(handover_id)
        return HandoverStatus(status)

    def conversation_id(self, handover_id: str) -> str:
        """Which conversation it belongs to. Raises UnknownHandover."""
        with self._records.reading() as session:
            found = session.scalar(select(Handover.conversation_id).where(Handover.id == handover_id))
        if found is None:
            raise UnknownHandover(handover_id)
        return found

    def claim(self, handover_id: str, user: Caseworker) -> str:
        """Take a handover: from now on the bot is silent. Doing it again changes nothing.

        Returns the conversation's id. Raises UnknownHandover, AlreadyClaimed, NotOpen.
        """
        at = self._now()
        with self._records.session() as session:
            taken = self._take(session, handover_id)
            handover, conversation = taken.handover, taken.conversation
            if not is_visible_to(user, conversation):
                raise UnknownHandover(handover_id)
            if handover.status == HandoverStatus.CLAIMED:
                if handover.claimed_by == user.id:
                    return conversation.id
                raise AlreadyClaimed(session.get_one(User, handover.claimed_by).name)
            if handover.status != HandoverStatus.WAITING:
                raise NotOpen(HandoverStatus(handover.status))
            handover.status = HandoverStatus.CLAIMED.value
            handover.claimed_by = user.id
            handover.claimed_at = at
            if handover.kind == HandoverKind.CHAT:
                handover.claim_seq = self._say(session, conversation, "handover.claimed", at, {"name": user.name}).seq
            tell(session, handover, What.CLAIMED, at)
            note(session, at, user.id, "handover.claimed", handover_id)
        return conversation.id

    def write(self, handover_id: str, user: Caseworker, text: str, *, key: str | None = None) -> StoredMessage:
        """A message from the caseworker, as sensitive as any. Raises UnknownHandover, AlreadyClaimed, NotOpen.

        With a `key`, the same text sent again is not written again. ValueError if the text is empty or longer than 4000 characters.
        """
        text = text.strip()
        if not 0 < len(text) <= MAX_TEXT:
            raise ValueError("text is empty or too long")
        at = self._now()
        with self._records.session() as session:
            taken = self._take_mine(session, handover_id, user, HandoverKind.CHAT)
            conversation, once = taken.conversation, f"desk {user.id} {key} {text}"
            if key and (before := find_receipt(session, conversation.id, once)):
                return self._written(session, conversation.id, before.first_seq)
            message = OutMessage(Sender.HUMAN, ContentClass.SENSITIVE, {"text": text})
            stored = self._append(session, conversation, message, at)
            if key:
                add_receipt(session, conversation.id, once, stored.seq, stored.seq)
            note(session, at, user.id, "message.written", handover_id, Why.CLAIMED)
        return stored

    def transcript(self, handover_id: str, user: Caseworker, after_seq: int = 0) -> list[StoredMessage]:
        """The messages from the claim to the end of the chat. What was said to the bot before is not shown.

        Asking for news that is not there leaves no audit entry.
        Raises UnknownHandover, AlreadyClaimed, NotOpen (never claimed by this caseworker).
        """
        at = self._now()
        with self._records.reading() as session:
            handover = session.get(Handover, handover_id)
            if handover is None or handover.kind != HandoverKind.CHAT:
                raise UnknownHandover(handover_id)
            if handover.claimed_by != user.id:
                _refuse_other(session, handover)
            key = key_of(self._keys, handover.conversation_id)
            first_seq = max(handover.claim_seq or 0, after_seq + 1)
            messages = (
                read(session, key, handover.conversation_id, first_seq=first_seq, last_seq=handover.close_seq)
                if key
                else []
            )
        if messages:
            with self._records.session() as session:
                note(session, at, user.id, "transcript.seen", handover_id, Why.CLAIMED)
        return messages

    def hand_back(self, handover_id: str, user: Caseworker) -> str:
        """Give the conversation back to the bot. Returns its id. Raises as `write`."""
        return self._close_chat(handover_id, user, "handover.returned", "handed_back")

    def end(self, handover_id: str, user: Caseworker) -> str:
        """End the chat. Returns the conversation's id. Raises as `write`."""
        return self._close_chat(handover_id, user, "handover.ended", "ended")

    def done(self, handover_id: str, user: Caseworker, how: ContactNote) -> str:
        """Note how a contact went. Returns the conversation's id. Raises UnknownHandover, AlreadyClaimed, NotOpen.

        Unless the person was not reached, the plan and the answers are erased now.
        """
        at = self._now()
        with self._records.session() as session:
            taken = self._take_mine(session, handover_id, user, HandoverKind.CONTACT)
            if how is not ContactNote.NOT_REACHED:
                finish(session, taken.handover, HandoverStatus.CLOSED, at, note=how.value)
            if how is ContactNote.NOT_SAFE:
                taken.conversation.do_not_contact = True
            count(session, counted_as(taken.conversation, Group()), at, [f"contact:{how}"])
            note(session, at, user.id, f"contact.{how}", handover_id, Why.CALL_BACK)
        return taken.conversation.id

    def _close_chat(self, handover_id: str, user: Caseworker, say: str, how: str) -> str:
        at = self._now()
        with self._records.session() as session:
            taken = self._take_mine(session, handover_id, user, HandoverKind.CHAT)
            conversation = taken.conversation
            taken.handover.close_seq = self._say(session, conversation, say, at, {"name": user.name}).seq
            finish(session, taken.handover, HandoverStatus.CLOSED, at, note=how)
            if conversation.outcome is not None:
                # The journey was over before. The last words stay readable until the idle sweep erases them.
                conversation.ended_hour = by_the_hour(at)
            note(session, at, user.id, f"handover.{how}", handover_id, Why.CLAIMED)
        return conversation.id

    def _take(self, session: Session, handover_id: str) -> Taken:
        conversation_id = session.scalar(select(Handover.conversation_id).where(Handover.id == handover_id))
        conversation = take(session, conversation_id) if conversation_id else None
        if conversation is None:
            raise UnknownHandover(handover_id)
        return Taken(conversation, session.get_one(Handover, handover_id, with_for_update=True))

    def _take_mine(self, session: Session, handover_id: str, user: Caseworker, kind: HandoverKind) -> Taken:
        taken = self._take(session, handover_id)
        if taken.handover.kind != kind:
            raise UnknownHandover(handover_id)
        if taken.handover.status != HandoverStatus.CLAIMED or taken.handover.claimed_by != user.id:
            _refuse_other(session, taken.handover)
        return taken

    def _say(
        self, session: Session, conversation: Conversation, say: str, at: datetime, params: dict[str, str]
    ) -> StoredMessage:
        """A neutral line of the program itself. The words are content: the channel finds them by their key."""
        body: Body = {"say": say, "params": params}
        return self._append(session, conversation, OutMessage(Sender.ASSISTANT, ContentClass.NEUTRAL, body), at)

    def _append(self, session: Session, conversation: Conversation, message: OutMessage, at: datetime) -> StoredMessage:
        key = key_of(self._keys, conversation.id)
        if key is None:
            raise NotOpen(HandoverStatus.CLOSED)
        stored = numbered(conversation, [message], at)
        keep(session, key, conversation.id, stored)
        conversation.last_at = at
        return stored[0]

    def _written(self, session: Session, conversation_id: str, seq: int) -> StoredMessage:
        key = key_of(self._keys, conversation_id)
        if key is None:
            raise NotOpen(HandoverStatus.CLOSED)
        return read(session, key, conversation_id, first_seq=seq, last_seq=seq)[0]

    def _plan(self, handover: Handover) -> SafeContactPlan | None:
        """A plan that does not open is no plan, so no contact, and the rest of the queue is there."""
        try:
            return read_plan(self._keys, handover)
        except Unreadable:
            return None

    def _item(self, session: Session, handover: Handover, conversation: Conversation, at: datetime) -> QueueItem:
        contact = None
        if handover.kind == HandoverKind.CONTACT and handover.status in OPEN:
            plan = self._plan(handover)
            gone = conversation.do_not_contact or (plan is not None and stopped(session, self._keys, plan.number))
            contact = contact_limits(plan, at, do_not_contact=gone)
        return queue_item(session, handover, conversation, contact, at)


def _why(handover: Handover, user: Caseworker) -> Why:
    """Why this caseworker looks at it."""
    if handover.claimed_by != user.id:
        return Why.DUTY
    return Why.CALL_BACK if handover.kind == HandoverKind.CONTACT else Why.CLAIMED


def _refuse_other(session: Session, handover: Handover) -> None:
    if handover.status == HandoverStatus.CLAIMED and handover.claimed_by is not None:
        raise AlreadyClaimed(session.get_one(User, handover.claimed_by).name)
    raise NotOpen(HandoverStatus(handover.status))
