"""Codes to come back with: kept as a keyed hash, valid for some hours, gone with the conversation.

The key of the hash is not in the database: whoever has only that cannot try words against it.
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from casework.keys import KeyService
from casework.records import Conversation, ReturnCode

KEY = "return_code"


def remember(
    session: Session, keys: KeyService, conversation_id: str, word: str, digits: str, hours: int, at: datetime
) -> None:
    """The person's code, in place of an earlier one."""
    kept = ReturnCode(
        conversation_id=conversation_id, code_hash=_hash(keys, word, digits), until=at + timedelta(hours=hours)
    )
    session.merge(kept)


def find(session: Session, keys: KeyService, word: str, digits: str, at: datetime) -> str | None:
    """The conversation that the code leads back to. None when there is none, it is over, or two have the same code."""
    found = session.scalars(
        select(ReturnCode.conversation_id)
        .join(Conversation, Conversation.id == ReturnCode.conversation_id)
        .where(ReturnCode.code_hash == _hash(keys, word, digits), ReturnCode.until > at)
        .where(Conversation.erased.is_(False), Conversation.outcome.is_(None))
    ).all()
    return found[0] if len(found) == 1 else None


def can_come_back(session: Session, conversation_id: str, at: datetime) -> bool:
    kept = session.get(ReturnCode, conversation_id)
    return kept is not None and kept.until > at


def forget(session: Session, conversation_id: str) -> None:
    session.execute(delete(ReturnCode).where(ReturnCode.conversation_id == conversation_id))


def _hash(keys: KeyService, word: str, digits: str) -> str:
    return hmac.digest(keys.lasting(KEY), f"{digits}:{word}".encode(), "sha256").hex()
