"""The one door in: everything that a conversation leaves behind is written here, a turn in one transaction."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from casework.access import kept_now
from casework.applying import apply
from casework.coming_back import find
from casework.conversation import (
    Group,
    key_of,
    open_column,
    open_group,
    owner,
    seal_column,
    seal_group,
    take,
    take_unchanged,
)
from casework.counters import CountedAs, count
from casework.data_keys import make_key
from casework.expiry import expire
from casework.keys import Unreadable
from casework.messages import OutMessage, StoredMessage, keep, newest_id, numbered, read
from casework.receipts import add_receipt, find_receipt
from casework.records import Conversation, Records, by_the_hour
from casework.requests import HandoverStatus, HandoverView, newest_open, view
from casework.turn import AlreadyEnded, Conflict, Turn, UnknownConversation, hash_of, opens
from screening.events import Ended, Outcome

__all__ = [
    "AlreadyEnded",
    "Conflict",
    "HandoverStatus",
    "HandoverView",
    "Intake",
    "Opened",
    "OutMessage",
    "StoredMessage",
    "Turn",
    "UnknownConversation",
    "Unreadable",
]


@dataclass(frozen=True)
class Opened:
    """A new conversation. The token is the person's only key to it and is not kept."""

    id: str
    token: str = field(repr=False)


class Intake:
    """Opens conversations, hands out turns and writes them back. `now` gives aware times."""

    def __init__(self, records: Records, now: Callable[[], datetime]) -> None:
        self._records = records
        self._now = now

    def open(
        self,
        *,
        agency: str,
        programme: str,
        channel: str,
        locale: str,
        occasion: int = 1,
        region: str = "",
        sex: str = "",
        age_band: str = "",
        indicated: bool = False,
        office: str = "",
        state: bytes | None = None,
    ) -> Opened:
        """Begin a conversation and count it."""
        at = self._now()
        opened = Opened(secrets.token_urlsafe(16), secrets.token_urlsafe(32))
        as_ = CountedAs(agency, region, programme, channel, locale, sex, age_band, occasion)
        with self._records.session() as session:
            key = make_key(session, self._records.keys, owner(opened.id))
            session.add(
                Conversation(
                    id=opened.id,
                    token_hash=hash_of(opened.token),
                    agency=agency,
                    programme=programme,
                    channel=channel,
                    locale=locale,
                    occasion=occasion,
                    office=office,
                    started_hour=by_the_hour(at),
                    last_at=at,
                    group=seal_group(key, opened.id, Group(region, sex, age_band, indicated=indicated)),
                    state=seal_column(key, opened.id, "state", state),
                )
            )
            count(session, as_, at, ["started"])
        return opened

    def admit(self, conversation_id: str, token: str) -> bool:
        """Whether the token opens the conversation. False for an unknown id, and after the exit was used."""
        if not conversation_id.isascii() or not conversation_id.isprintable():
            return False
        with self._records.reading() as session:
            conversation = session.get(Conversation, conversation_id)
            kept = conversation.token_hash if conversation else ""
        return opens(token, kept)

    def begin(self, conversation_id: str) -> Turn:
        """The conversation as it is now, read from the database. Raises UnknownConversation, Unreadable."""
        if not conversation_id.isascii() or not conversation_id.isprintable():
            raise UnknownConversation(conversation_id)  # PostgreSQL refuses a zero, and SQLite half a character
        with self._records.reading() as session:
            conversation = session.get(Conversation, conversation_id)
            if conversation is None:
                raise UnknownConversation(conversation_id)
            key = self._key(session, conversation_id)
            group = open_group(key, conversation)
            return Turn(
                id=conversation.id,
                version=conversation.version,
                agency=conversation.agency,
                programme=conversation.programme,
                channel=conversation.channel,
                locale=conversation.locale,
                occasion=conversation.occasion,
                ended=conversation.ended_hour is not None,
                outcome=Outcome(conversation.outcome) if conversation.outcome else None,
                handover=view(session, newest_open(session, conversation_id)),
                last_seq=conversation.last_seq,
                last_id=newest_id(session, conversation_id, conversation.last_seq),
                receipt=lambda receipt_key: self._receipt(conversation_id, receipt_key),
                kept=lambda: kept_now(self._records, conversation_id),
                state=open_column(key, conversation_id, "state", conversation.state),
                snapshot=open_column(key, conversation_id, "snapshot", conversation.snapshot),
                region=group.region,
                indicated=group.indicated,
                office=conversation.office,
                token_hash=conversation.token_hash,
            )

    def come_back(self, word: str, digits: str) -> Turn | None:
        """A turn of the conversation that this code leads back to, with a new token to be written; None if there is none."""
        with self._records.reading() as session:
            found = find(session, self._records.keys, word, digits, self._now())
        if found is None:
            return None
        turn = self.begin(found)
        turn.new_token = secrets.token_urlsafe(32)
        return turn

    def commit(self, turn: Turn) -> list[StoredMessage]:
        """Write all that the turn leaves behind, or nothing. Afterwards the turn shows the conversation as it is.

        If the turn ended the conversation, its messages are returned to be sent but not kept.
        Raises Conflict, AlreadyEnded, UnknownConversation.
        """
        at = self._now()
        with self._records.session() as session:
            conversation = take_unchanged(session, turn.id, turn.version)
            key = self._key(session, turn.id)
            if key is None or conversation.ended_hour is not None:
                raise AlreadyEnded(turn.id)
            first_seq = conversation.last_seq + 1
            stored = numbered(conversation, turn.messages, at)
            conversation.last_at = at
            if turn.new_token is not None:
                conversation.token_hash = hash_of(turn.new_token)
            apply(session, self._records.keys, conversation, turn.events, at)
            if not conversation.erased:
                conversation.state = seal_column(key, turn.id, "state", turn.state)
                conversation.snapshot = seal_column(key, turn.id, "snapshot", turn.snapshot)
                keep(session, key, turn.id, stored)
                if turn.receipt_key is not None:
                    add_receipt(session, turn.id, turn.receipt_key, first_seq, conversation.last_seq)
            handover = view(session, newest_open(session, turn.id))
        turn.version = conversation.version
        turn.last_seq = conversation.last_seq
        turn.last_id = stored[-1].id if stored else turn.last_id
        turn.ended = conversation.ended_hour is not None
        turn.outcome = Outcome(conversation.outcome) if conversation.outcome else None
        turn.handover = handover
        return stored

    def messages(self, conversation_id: str, after_seq: int = 0) -> list[StoredMessage]:
        """The messages after `after_seq`. Empty once erased. Raises UnknownConversation, Unreadable."""
        with self._records.reading() as session:
            if session.get(Conversation, conversation_id) is None:
                raise UnknownConversation(conversation_id)
            key = self._key(session, conversation_id)
            return read(session, key, conversation_id, first_seq=after_seq + 1) if key else []

    def end(self, conversation_id: str, outcome: Outcome, *, now: datetime | None = None) -> None:
        """End from outside a turn, e.g. the exit. Doing it again, or to an unknown conversation, changes nothing.

        A contact request that the person made before the conversation ended and was erased stays agreed.
        """
        at = now or self._now()
        with self._records.session() as session:
            conversation = take(session, conversation_id)
            if conversation is None:
                return
            if not conversation.erased:
                apply(session, self._records.keys, conversation, [Ended(outcome)], at)
            if outcome is Outcome.LEFT:
                conversation.token_hash = ""

    def expire(self, idle: timedelta, at: datetime) -> int:
        """Close and erase conversations that were silent for `idle`, and contact requests past their plan.

        Returns how many conversations were erased.
        """
        return expire(self._records, idle, at)

    def _key(self, session: Session, conversation_id: str) -> bytes | None:
        return key_of(self._records.keys, conversation_id)

    def _receipt(self, conversation_id: str, receipt_key: str) -> list[StoredMessage] | None:
        with self._records.reading() as session:
            receipt = find_receipt(session, conversation_id, receipt_key)
            if receipt is None:
                return None
            key = self._key(session, conversation_id)
            if key is None:
                return []
            return read(session, key, conversation_id, first_seq=receipt.first_seq, last_seq=receipt.last_seq)
