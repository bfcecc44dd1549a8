"""The idle sweep: silence ends a conversation by itself, and a contact request ends with its plan."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import exists, select

from casework.applying import apply
from casework.coming_back import can_come_back
from casework.conversation import take
from casework.data_keys import destroy_pending
from casework.records import Conversation, Handover, Records, ReturnCode
from casework.requests import OPEN, HandoverStatus, all_open, finish
from screening.events import Ended, HandoverKind, Outcome

_PUT_AWAY = Conversation.token_hash == ""


def expire(records: Records, idle: timedelta, at: datetime) -> int:
    """Close and erase what was silent for `idle`, and contact requests past their plan. Returns how many were erased.

    A conversation that the person has a code to is put away instead, until the code's time is out.

    Each conversation is its own transaction, so that the sweep holds nobody up.
    """
    with records.reading() as session:
        silent = select(Conversation.id).where(
            Conversation.erased.is_(False),
            Conversation.last_at < at - idle,
            ~(exists().where(ReturnCode.conversation_id == Conversation.id, ReturnCode.until > at) & (_PUT_AWAY)),
        )
        conversations = session.scalars(silent).all()
        past = select(Handover.id).where(Handover.status.in_(OPEN), Handover.expires_at <= at)
        handovers = session.scalars(past).all()
    erased = sum(interrupt(records, conversation_id, at - idle, at) for conversation_id in conversations)
    for handover_id in handovers:
        _close_past_plan(records, handover_id, at)
    destroy_pending(records)
    return erased


def interrupt(records: Records, conversation_id: str, before: datetime, at: datetime) -> bool:
    """End one conversation if it was last heard of before `before`. Returns whether it was erased."""
    with records.session() as session:
        conversation = take(session, conversation_id)
        # It may have spoken since it was listed.
        if conversation is None or conversation.erased or conversation.last_at >= before:
            return False
        for handover in all_open(session, conversation_id):
            if handover.kind == HandoverKind.CHAT:
                claimed = handover.status == HandoverStatus.CLAIMED
                status = HandoverStatus.CLOSED if claimed else HandoverStatus.CANCELLED
                finish(session, handover, status, at, note="interrupted")
        if conversation.outcome is None and can_come_back(session, conversation_id, at):
            # Kept for the one who has the code. Whoever only has the phone is out.
            conversation.token_hash = ""
            return False
        apply(session, records.keys, conversation, [Ended(Outcome.INTERRUPTED)], at)
        return True


def _close_past_plan(records: Records, handover_id: str, at: datetime) -> None:
    with records.session() as session:
        handover = session.get(Handover, handover_id, with_for_update=True)
        if handover is not None and handover.status in OPEN:
            finish(session, handover, HandoverStatus.CLOSED, at, note="expired")
