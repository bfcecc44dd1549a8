"""What caseworkers do with handovers. Every read and every write leaves an audit entry in its own transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.accounts import someone_present
from casework.audit import Why, note
from casework.caseworker import Caseworker
from casework.contact.attempts import note_attempt
from casework.conversation import Group, counted_as, key_of
from casework.counters import count
from casework.desk_view import Case, Queue
from casework.messages import OutMessage, StoredMessage, read
from casework.notices import tell
from casework.out.way import What
from casework.passing_on import PassingOn
from casework.queue import ContactRules, always, build_queue, item_of, plan_of, queue_mark
from casework.receipts import add_receipt, find_receipt
from casework.records import Conversation, Handover, Records, User, by_the_hour
from casework.refusals import AlreadyClaimed, NotOpen, UnknownHandover
from casework.requests import HandoverStatus, read_answers
from casework.scope import is_visible_to
from casework.taking import append, first_for_human, refuse_other, say_line, take_handover, take_mine
from casework.work import Ticking, finish_counted
from safety.content import ContentClass, Sender
from safety.safe_contact import ContactWay
from screening.events import HandoverKind

__all__ = ["AlreadyClaimed", "ContactNote", "HandoverDesk", "NotOpen", "UnknownHandover"]

PRESENT_WITHIN = timedelta(minutes=5)
MAX_TEXT = 4000


class ContactNote(StrEnum):
    """How an attempt to make contact went."""

    REACHED = "reached"
    NOT_REACHED = "not_reached"
    """The request stays with the caseworker until its plan ends."""
    NOT_ALONE = "not_alone"
    """The person answered but could not talk. The request stays, as above."""
    WRONG_PERSON = "wrong_person"
    """Somebody else answered. Nobody tries again: the number is not safe."""
    NOT_SAFE = "not_safe"
    """It was not safe. Nobody tries again."""


TRY_AGAIN = frozenset({ContactNote.NOT_REACHED, ContactNote.NOT_ALONE})
NEVER_AGAIN = frozenset({ContactNote.WRONG_PERSON, ContactNote.NOT_SAFE})


class HandoverDesk:
    """`now` gives aware times. `most_attempts` and `is_open` are the agency's rules for contact."""

    def __init__(
        self,
        records: Records,
        now: Callable[[], datetime],
        *,
        most_attempts: int = 3,
        is_open: Callable[[datetime], bool] = always,
    ) -> None:
        self._records = records
        self._keys = records.keys
        self._now = now
        self._rules = ContactRules(most_attempts, is_open)
        self.passing_on = PassingOn(records, now)
        self.ticking = Ticking(records, now)

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
            queue = build_queue(session, self._keys, user, at, self._rules, known)
            if not by_itself:
                note(session, at, user.id, "queue.seen")
        return queue

    def queue_mark(self) -> str:
        """Changes when the queue does, for a page that waits for news. The time alone does not change it."""
        with self._records.reading() as session:
            return queue_mark(session, self._now())

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

    def claim(self, handover_id: str, user: Caseworker) -> str:
        """Take a handover: from now on the bot is silent. Doing it again changes nothing.

        Returns the conversation's id. Raises UnknownHandover, AlreadyClaimed, NotOpen.
        """
        at = self._now()
        with self._records.session() as session:
            taken = take_handover(session, handover_id)
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
                claimed = say_line(session, self._keys, conversation, "handover.claimed", at, {"name": user.name})
                handover.claim_seq = first_for_human(session, handover, claimed.seq)
            handover.meant_for, handover.meant_role = None, ""
            tell(session, handover, What.CLAIMED, at)
            note(session, at, user.id, "handover.claimed", handover_id)
        return conversation.id

    def write(
        self,
        handover_id: str,
        user: Caseworker,
        text: str,
        *,
        key: str | None = None,
        content_class: ContentClass = ContentClass.SENSITIVE,
    ) -> StoredMessage:
        """A message from the caseworker. Raises UnknownHandover, AlreadyClaimed, NotOpen.

        Their own words are as sensitive as any. Only a reviewed reply may be called neutral.
        With a `key`, the same text sent again is not written again. ValueError if the text is empty or longer than 4000 characters.
        """
        text = text.strip()
        if not 0 < len(text) <= MAX_TEXT:
            raise ValueError("text is empty or too long")
        at = self._now()
        with self._records.session() as session:
            taken = take_mine(session, handover_id, user, HandoverKind.CHAT)
            conversation, once = taken.conversation, f"desk {user.id} {key} {text}"
            if key and (before := find_receipt(session, conversation.id, once)):
                return self._written(session, conversation.id, before.first_seq)
            message = OutMessage(Sender.HUMAN, content_class, {"text": text})
            stored = append(session, self._keys, conversation, message, at)
            if key:
                add_receipt(session, conversation.id, once, stored.seq, stored.seq)
            note(session, at, user.id, "message.written", handover_id, Why.CLAIMED)
        return stored

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

    def hand_back(self, handover_id: str, user: Caseworker) -> str:
        """Give the conversation back to the bot. Returns its id. Raises as `write`."""
        return self._close_chat(handover_id, user, "handover.returned", "handed_back")

    def end(self, handover_id: str, user: Caseworker) -> str:
        """End the chat. Returns the conversation's id. Raises as `write`."""
        return self._close_chat(handover_id, user, "handover.ended", "ended")

    def done(self, handover_id: str, user: Caseworker, how: ContactNote, *, key: str | None = None) -> str:
        """Note how a contact went. Returns the conversation's id. Raises UnknownHandover, AlreadyClaimed, NotOpen.

        Unless somebody is to try again, the plan and the answers are erased now. With a `key`, the same note sent again
        is not noted again.
        """
        at, once = self._now(), _hash(f"desk {user.id} {key} {how}") if key else ""
        with self._records.session() as session:
            taken = take_handover(session, handover_id)
            if once and taken.handover.note_key == once:
                return taken.conversation.id
            taken = take_mine(session, handover_id, user, HandoverKind.CONTACT)
            taken.handover.note_key = once
            if how in TRY_AGAIN:
                self._tried(session, taken.handover)
                taken.handover.note = how.value
            else:
                finish_counted(
                    session, self._keys, taken.conversation, taken.handover, HandoverStatus.CLOSED, at, note=how.value
                )
            if how in NEVER_AGAIN:
                taken.conversation.do_not_contact = True
            count(session, counted_as(taken.conversation, Group()), at, [f"contact:{how}"])
            note(session, at, user.id, f"contact.{how}", handover_id, Why.CALL_BACK)
        return taken.conversation.id

    def _tried(self, session: Session, handover: Handover) -> None:
        plan = plan_of(self._keys, handover)
        if plan is not None and plan.way is ContactWay.CALL:
            note_attempt(session, self._keys, handover)

    def _close_chat(self, handover_id: str, user: Caseworker, say: str, how: str) -> str:
        at = self._now()
        with self._records.session() as session:
            taken = take_mine(session, handover_id, user, HandoverKind.CHAT)
            conversation = taken.conversation
            taken.handover.close_seq = say_line(session, self._keys, conversation, say, at, {"name": user.name}).seq
            finish_counted(session, self._keys, conversation, taken.handover, HandoverStatus.CLOSED, at, note=how)
            if conversation.outcome is not None:
                # The journey was over before. The last words stay readable until the idle sweep erases them.
                conversation.ended_hour = by_the_hour(at)
            note(session, at, user.id, f"handover.{how}", handover_id, Why.CLAIMED)
        return conversation.id

    def _written(self, session: Session, conversation_id: str, seq: int) -> StoredMessage:
        key = key_of(self._keys, conversation_id)
        if key is None:
            raise NotOpen(HandoverStatus.CLOSED)
        return read(session, key, conversation_id, first_seq=seq, last_seq=seq)[0]


def _hash(key: str) -> str:
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _why(handover: Handover, user: Caseworker) -> Why:
    """Why this caseworker looks at it."""
    if handover.claimed_by != user.id:
        return Why.DUTY
    return Why.CALL_BACK if handover.kind == HandoverKind.CONTACT else Why.CLAIMED
