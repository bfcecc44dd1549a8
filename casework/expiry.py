"""The idle sweep: silence ends a conversation by itself, and a contact request ends with its plan."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, exists, select

from casework.applying import apply
from casework.coming_back import can_come_back
from casework.conversation import take
from casework.counting import close_batch
from casework.data_keys import destroy_pending
from casework.invitations import forget_run_out
from casework.records import Conversation, Handover, Records, ReturnCode
from casework.requests import OPEN, HandoverStatus, all_open
from casework.work import finish_counted
from screening.events import Ended, HandoverKind, Outcome

_PUT_AWAY = Conversation.token_hash == ""


def expire(records: Records, idle: timedelta, at: datetime) -> int:
    """Close and erase what was silent for `idle`, and contact requests past their plan. Returns how many were erased."""
    erased = close_silent(records, idle, at)
    close_past_plans(records, at)
    forget_run_out(records, at)
    close_batch(records)
    destroy_pending(records)
    return erased


def silent(records: Records, idle: timedelta, at: datetime) -> Sequence[str]:
    """Ids of the conversations that were silent for `idle`: to be erased, or to be put away.

    One that the person has a code to is put away, until the code's time is out: then it is none of them.
    """
    with records.reading() as session:
        return session.scalars(_silent(idle, at).where(~(_has_code(at) & _PUT_AWAY))).all()


def to_erase(records: Records, idle: timedelta, at: datetime) -> int:
    """How many of the silent ones would be erased now, and not only put away."""
    with records.reading() as session:
        waits = _has_code(at) & Conversation.outcome.is_(None)
        return len(session.scalars(_silent(idle, at).where(~waits)).all())


def _silent(idle: timedelta, at: datetime) -> Select[tuple[str]]:
    return select(Conversation.id).where(Conversation.erased.is_(False), Conversation.last_at < at - idle)


def _has_code(at: datetime) -> ColumnElement[bool]:
    return exists().where(ReturnCode.conversation_id == Conversation.id, ReturnCode.until > at)


def close_silent(records: Records, idle: timedelta, at: datetime) -> int:
    """Each conversation is its own transaction, so that the sweep holds nobody up. Returns how many were erased."""
    return sum(interrupt(records, conversation_id, at - idle, at) for conversation_id in silent(records, idle, at))


def past_plans(records: Records, at: datetime) -> Sequence[str]:
    """Ids of the handovers that are open past the time that was agreed."""
    query = select(Handover.id).where(Handover.status.in_(OPEN), Handover.expires_at <= at)
    with records.reading() as session:
        return session.scalars(query).all()


def close_past_plans(records: Records, at: datetime) -> int:
    """Returns how many were closed."""
    return sum(_close_past_plan(records, handover_id, at) for handover_id in past_plans(records, at))


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
                finish_counted(session, records.keys, conversation, handover, status, at, note="interrupted")
        if conversation.outcome is None and can_come_back(session, conversation_id, at):
            # Kept for the one who has the code. Whoever only has the phone is out.
            conversation.token_hash = ""
            return False
        apply(session, records.keys, conversation, [Ended(Outcome.INTERRUPTED)], at)
        return True


def _close_past_plan(records: Records, handover_id: str, at: datetime) -> bool:
    with records.session() as session:
        handover = session.get(Handover, handover_id, with_for_update=True)
        if handover is None or handover.status not in OPEN:
            return False
        conversation = session.get_one(Conversation, handover.conversation_id)
        finish_counted(session, records.keys, conversation, handover, HandoverStatus.CLOSED, at, note="expired")
        return True
