"""What caseworkers do with handovers. Every read and every write leaves an audit entry in its own transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy.orm import Session

from casework.audit import Why, note
from casework.caseworker import Caseworker
from casework.contact.attempts import note_attempt
from casework.contact_note import NEVER_AGAIN, TRY_AGAIN, ContactNote
from casework.conversation import Group, counted_as, key_of
from casework.counters import count
from casework.duties import Duties
from casework.handover_reading import HandoverReading
from casework.messages import OutMessage, StoredMessage, read
from casework.notices import tell
from casework.out.way import What
from casework.passing_on import PassingOn
from casework.queue import always, plan_of
from casework.receipts import add_receipt, find_receipt
from casework.records import Handover, Records, User, by_the_hour
from casework.refusals import AlreadyClaimed, NotOpen, UnknownHandover
from casework.requests import HandoverStatus
from casework.scope import is_visible_to
from casework.signs_of_life import AWAY_AFTER
from casework.taking import append, first_for_human, say_line, take_handover, take_mine
from casework.taking_over import TakingOver
from casework.ticking import Ticking
from casework.work import finish_counted
from safety.content import ContentClass, Sender
from safety.safe_contact import ContactWay
from screening.events import HandoverKind

__all__ = ["AlreadyClaimed", "ContactNote", "HandoverDesk", "NotOpen", "UnknownHandover"]

MAX_TEXT = 4000


class HandoverDesk(HandoverReading):
    """Reading, and what is done: claim, write, hand back, end, note how a contact went, pass on, tick."""

    def __init__(
        self,
        records: Records,
        now: Callable[[], datetime],
        *,
        most_attempts: int = 3,
        is_open: Callable[[datetime], bool] = always,
        away_after: Callable[[], timedelta] = lambda: AWAY_AFTER,
    ) -> None:
        super().__init__(records, now, most_attempts=most_attempts, is_open=is_open, away_after=away_after)
        self.passing_on = PassingOn(records, now, away_after)
        self.taking_over = TakingOver(records, now, away_after)
        self.ticking = Ticking(records, now)
        self.duties = Duties(records, now)

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
