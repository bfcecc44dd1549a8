"""Who waits for a human in a chat, and for which office's."""

from __future__ import annotations

from sqlalchemy import select

from casework.records import Conversation, Handover, Records
from casework.requests import HandoverStatus
from screening.events import HandoverKind


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
