"""Whether the list of those who want to be contacted is as it was, without opening a plan to see."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from casework.keys import NONCE_BYTES
from casework.records import Conversation, DoNotContact, Handover
from casework.requests import HandoverStatus
from screening.events import HandoverKind

WANT_CONTACT = and_(Handover.status == HandoverStatus.WAITING, Handover.kind == HandoverKind.CONTACT)
MINUTES = 5
"""Windows, opening hours and plans begin and end by the clock: the mark is another one this often, whatever happens."""


def mark_of_contacts(session: Session, seen: ColumnElement[bool], at: datetime, is_open: bool) -> str:
    """Changes with anything that the list shows or is sorted by. A plan that was sealed anew has another nonce."""
    query = (
        select(
            Handover.id,
            Handover.urgent,
            Handover.expires_at <= at,
            Conversation.do_not_contact,
            func.substr(Handover.plan, 1, NONCE_BYTES),
        )
        .join(Conversation, Conversation.id == Handover.conversation_id)
        .where(and_(seen, WANT_CONTACT))
        .order_by(Handover.id)
    )
    told = sha256(f"{int(at.timestamp()) // (60 * MINUTES)} {is_open} ".encode())
    told.update(str(session.scalar(select(func.count()).select_from(DoNotContact))).encode())
    for row in session.execute(query):
        told.update(repr([bytes(one) if isinstance(one, memoryview) else one for one in row]).encode())
    return told.hexdigest()[:16]
