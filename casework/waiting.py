"""Who waits for a human in a chat, and for which office's; who has one, and whether that one is there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from casework.records import Conversation, Handover, Records
from casework.requests import HandoverStatus
from casework.signs_of_life import signs_of_life
from screening.events import HandoverKind


@dataclass(frozen=True)
class Claimed:
    """A chat that a caseworker has."""

    handover_id: str
    conversation_id: str
    user_id: str
    is_away: bool


def claimed_chats(records: Records, at: datetime, away_after: timedelta) -> list[Claimed]:
    query = select(Handover.id, Handover.conversation_id, Handover.claimed_by).where(
        Handover.status == HandoverStatus.CLAIMED, Handover.kind == HandoverKind.CHAT
    )
    with records.reading() as session:
        here = signs_of_life(session, at, away_after).here
        rows = session.execute(query).all()
    return [Claimed(id_, of, user_id, user_id not in here) for id_, of, user_id in rows if user_id is not None]


def waiting_chats(records: Records) -> list[tuple[str, str]]:
    """Conversation and office, the longest wait first. Not those that were passed on: there the assistant is silent."""
    query = (
        select(Handover.conversation_id, Conversation.office)
        .join(Conversation, Conversation.id == Handover.conversation_id)
        .where(
            Handover.status == HandoverStatus.WAITING,
            Handover.kind == HandoverKind.CHAT,
            Handover.meant_role == "",
        )
        .order_by(Handover.requested_at)
    )
    with records.reading() as session:
        return [(conversation_id, office) for conversation_id, office in session.execute(query)]
