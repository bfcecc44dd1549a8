"""Receipts: what was answered to one input, so that a repeat gets the same and changes nothing."""

from __future__ import annotations

from hashlib import sha256

from sqlalchemy.orm import Session

from casework.records import Receipt
from casework.turn import Conflict


def find_receipt(session: Session, conversation_id: str, key: str) -> Receipt | None:
    """The receipt of an input that was answered before. Gone once the conversation is erased."""
    return session.get(Receipt, (conversation_id, _hash(key)))


def add_receipt(session: Session, conversation_id: str, key: str, first_seq: int, last_seq: int) -> None:
    """Note what was answered. Raises Conflict if the key was used."""
    if find_receipt(session, conversation_id, key) is not None:
        raise Conflict(conversation_id)
    session.add(Receipt(conversation_id=conversation_id, key_hash=_hash(key), first_seq=first_seq, last_seq=last_seq))


def _hash(key: str) -> str:
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
