"""Messages of a conversation, sealed one by one."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.keys import padded, seal, unseal
from casework.records import Conversation, Message
from safety.content import ContentClass, Sender

Body = dict[str, Any]
"""JSON. `{"text": …, "choices": [{"id", "label", "everywhere"}]}`, or `{"say": <content key>, "params": {…}}`."""


@dataclass(frozen=True)
class OutMessage:
    """A message that is not stored yet."""

    sender: Sender
    cls: ContentClass
    body: Body = field(repr=False)


@dataclass(frozen=True)
class StoredMessage:
    """A message with its place in the conversation. `seq` begins at 1."""

    id: str
    seq: int
    sender: Sender
    cls: ContentClass
    body: Body = field(repr=False)
    at: datetime


def numbered(conversation: Conversation, messages: Sequence[OutMessage], at: datetime) -> list[StoredMessage]:
    """Give each message an id and the next number of the conversation."""
    stored = [
        StoredMessage(
            secrets.token_urlsafe(16), conversation.last_seq + n, message.sender, message.cls, message.body, at
        )
        for n, message in enumerate(messages, start=1)
    ]
    conversation.last_seq += len(stored)
    return stored


def keep(session: Session, key: bytes, conversation_id: str, messages: Sequence[StoredMessage]) -> None:
    """Seal and write."""
    for message in messages:
        plain = json.dumps(message.body, ensure_ascii=False).encode()
        session.add(
            Message(
                id=message.id,
                conversation_id=conversation_id,
                seq=message.seq,
                sender=message.sender.value,
                cls=message.cls.value,
                body=seal(key, padded(plain), _context(conversation_id, message.id)),
                at=message.at,
            )
        )


def newest_id(session: Session, conversation_id: str, last_seq: int) -> str:
    """The id of the newest message, without opening it. Empty if there is none."""
    query = select(Message.id).where(Message.conversation_id == conversation_id, Message.seq == last_seq)
    return session.scalar(query) or ""


def read(
    session: Session, key: bytes, conversation_id: str, *, first_seq: int, last_seq: int | None = None
) -> list[StoredMessage]:
    """The messages from `first_seq` to `last_seq`, both included. Raises Unreadable."""
    query = select(Message).where(Message.conversation_id == conversation_id, Message.seq >= first_seq)
    if last_seq is not None:
        query = query.where(Message.seq <= last_seq)
    return [
        StoredMessage(
            row.id,
            row.seq,
            Sender(row.sender),
            ContentClass(row.cls),
            json.loads(unseal(key, row.body, _context(conversation_id, row.id))),
            row.at,
        )
        for row in session.scalars(query.order_by(Message.seq))
    ]


def _context(conversation_id: str, message_id: str) -> str:
    return f"conversation:{conversation_id}:message:{message_id}"
