"""What is kept about one conversation or handover: for the person in the chat, and for the agency's answer to a request.

Types and times by the hour, never content. Which person it is about is not known here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.audit import OPERATOR, Why, note
from casework.conversation import key_of, open_group
from casework.erasure_receipt import receipt_mark
from casework.invitations import read_claims
from casework.keys import Unreadable
from casework.records import (
    AuditEntry,
    Conversation,
    Handover,
    Invitation,
    Message,
    Outgoing,
    PhoneCall,
    Receipt,
    Records,
    ReturnCode,
    SmsThread,
    by_the_hour,
)
from casework.refusals import UnknownHandover, UnknownInvitation
from casework.turn import UnknownConversation
from screening.kept_now import KeptNow, Opened

OPENED = {
    "handover.seen": Opened.REQUEST,
    "answers.seen": Opened.ANSWERS,
    "number.seen": Opened.NUMBER,
    "transcript.seen": Opened.CHAT,
    "access.listed": Opened.ACCESS,
}
"""Entries of the audit trail that mean that somebody looked."""


def kept_now(records: Records, conversation_id: str) -> KeptNow:
    """What there is at this moment and who opened it, to be told to the person. Raises UnknownConversation."""
    with records.reading() as session:
        conversation = _conversation(session, conversation_id)
        handovers = _handovers(session, conversation_id)
        hours: dict[Opened, list[datetime]] = {}
        for entry in _looks(session, conversation_id, handovers):
            seen = hours.setdefault(OPENED[entry.what], [])
            if by_the_hour(entry.at) not in seen:
                seen.append(by_the_hour(entry.at))
        plans = [row.expires_at.date() for row in handovers if row.plan is not None and row.expires_at is not None]
        return KeptNow(
            messages=_count(session, conversation_id),
            answers=any(row.answers is not None for row in handovers),
            plan_until=max(plans, default=None),
            code=session.get(ReturnCode, conversation_id) is not None,
            sms=bool(_orders(session, handovers)),
            call=bool(_calls(session, conversation_id)),
            invited=_of_invitation(records, conversation),
            opened=tuple((what, tuple(hours[what])) for what in Opened if what in hours),
        )


def of_conversation(records: Records, conversation_id: str, at: datetime) -> dict[str, Any]:
    """What is kept about a conversation, as JSON. Leaves an audit entry. Raises UnknownConversation."""
    with records.session() as session:
        row = _conversation(session, conversation_id)
        handovers = _handovers(session, conversation_id)
        note(session, at, OPERATOR, "access.listed", conversation_id, Why.ACCESS_REQUEST)
        columns = {"state": row.state, "snapshot": row.snapshot, "group": row.group, "outcome": row.outcome}
        return {
            "conversation": row.id,
            "agency": row.agency,
            "programme": row.programme,
            "channel": row.channel,
            "locale": row.locale,
            "started_hour": row.started_hour.isoformat(),
            "ended_hour": row.ended_hour.isoformat() if row.ended_hour else None,
            "erased": row.erased,
            "do_not_contact": row.do_not_contact,
            "kept": sorted(name for name, value in columns.items() if value is not None),
            "messages": _count(session, conversation_id),
            "receipts": session.scalar(
                select(func.count()).select_from(Receipt).where(Receipt.conversation_id == conversation_id)
            ),
            "return_code": session.get(ReturnCode, row.id) is not None,
            "handovers": [_handover(handover) for handover in handovers],
            "orders": [_order(order) for order in _orders(session, handovers)],
            "calls": _calls(session, conversation_id),
            "sms_threads": session.scalar(
                select(func.count()).select_from(SmsThread).where(SmsThread.conversation_id == conversation_id)
            ),
            "from_invitation": _of_invitation(records, row),
            "opened": [_look(entry) for entry in _looks(session, conversation_id, handovers)],
        }


def of_handover(records: Records, handover_id: str, at: datetime) -> dict[str, Any]:
    """The same, found by a handover's id. Raises UnknownHandover."""
    with records.reading() as session:
        conversation_id = session.scalar(select(Handover.conversation_id).where(Handover.id == handover_id))
    if conversation_id is None:
        raise UnknownHandover(handover_id)
    return of_conversation(records, conversation_id, at)


def of_invitation(records: Records, invitation_id: str, at: datetime) -> dict[str, Any]:
    """What is kept about an invitation. Leaves an audit entry. Raises UnknownInvitation."""
    with records.session() as session:
        row = session.get(Invitation, invitation_id)
        if row is None:
            raise UnknownInvitation(invitation_id)
        note(session, at, OPERATOR, "access.listed", row.id, Why.ACCESS_REQUEST)
        return _invitation(row)


def of_case(records: Records, case: str, at: datetime) -> list[dict[str, Any]]:
    """Invitations that still say this case. Once one is opened, taken back or out of time nothing ties it to a case."""
    with records.session() as session:
        rows = session.scalars(select(Invitation).where(Invitation.claims.is_not(None)).order_by(Invitation.id))
        found = [row for row in rows if (claims := read_claims(records.keys, row)) and claims.case == case]
        for row in found:
            note(session, at, OPERATOR, "access.listed", row.id, Why.ACCESS_REQUEST)
        return [_invitation(row) for row in found]


def erased_at(records: Records, receipt: str) -> datetime | None:
    """The hour of the erasure that this receipt was given for, or None for a code that is not in the trail."""
    query = select(AuditEntry.at).where(
        AuditEntry.about == receipt_mark(receipt), AuditEntry.what == "conversation.erased"
    )
    with records.reading() as session:
        at = session.scalar(query)
    return by_the_hour(at) if at is not None else None


def _conversation(session: Session, conversation_id: str) -> Conversation:
    row = session.get(Conversation, conversation_id)
    if row is None:
        raise UnknownConversation(conversation_id)
    return row


def _handovers(session: Session, conversation_id: str) -> Sequence[Handover]:
    query = select(Handover).where(Handover.conversation_id == conversation_id).order_by(Handover.requested_at)
    return session.scalars(query).all()


def _count(session: Session, conversation_id: str) -> int:
    query = select(func.count()).select_from(Message).where(Message.conversation_id == conversation_id)
    return session.scalar(query) or 0


def _looks(session: Session, conversation_id: str, handovers: Sequence[Handover]) -> Sequence[AuditEntry]:
    about = [conversation_id, *(row.id for row in handovers)]
    query = select(AuditEntry).where(AuditEntry.about.in_(about), AuditEntry.what.in_(OPENED))
    return session.scalars(query.order_by(AuditEntry.seq)).all()


def _orders(session: Session, handovers: Sequence[Handover]) -> Sequence[Outgoing]:
    """What was ordered of the carrier by these requests."""
    query = select(Outgoing).where(Outgoing.handover_id.in_([row.id for row in handovers]))
    return session.scalars(query.order_by(Outgoing.created)).all()


def _calls(session: Session, conversation_id: str) -> int:
    query = select(func.count()).select_from(PhoneCall).where(PhoneCall.conversation_id == conversation_id)
    return session.scalar(query) or 0


def _of_invitation(records: Records, row: Conversation) -> bool:
    """Whether something that an invitation said of the person is kept with the conversation, to count by."""
    try:
        group = open_group(key_of(records.keys, row.id), row)
    except Unreadable:
        return False
    return bool(group.region or group.sex or group.age_band or group.indicated)


def _order(row: Outgoing) -> dict[str, Any]:
    return {
        "what": row.what,
        "template": row.template,
        "status": row.status,
        "ordered_hour": by_the_hour(row.created).isoformat(),
        "kept": ["number and text"] if row.order is not None else [],
    }


def _invitation(row: Invitation) -> dict[str, Any]:
    return {
        "invitation": row.id,
        "until": row.expires_at.isoformat(),
        "opened_hour": row.opened_hour.isoformat() if row.opened_hour else None,
        "revoked_hour": by_the_hour(row.revoked_at).isoformat() if row.revoked_at else None,
        "kept": ["case, programme and group"] if row.claims is not None else [],
    }


def _handover(row: Handover) -> dict[str, Any]:
    return {
        "handover": row.id,
        "kind": row.kind,
        "status": row.status,
        "requested_hour": by_the_hour(row.requested_at).isoformat(),
        "closed_hour": by_the_hour(row.closed_at).isoformat() if row.closed_at else None,
        "plan_until": row.expires_at.isoformat() if row.plan is not None and row.expires_at else None,
        "kept": [name for name, value in (("plan", row.plan), ("answers", row.answers)) if value is not None],
    }


def _look(entry: AuditEntry) -> dict[str, Any]:
    by = OPERATOR if entry.who == OPERATOR else "caseworker"
    return {"what": OPENED[entry.what].value, "hour": by_the_hour(entry.at).isoformat(), "by": by, "why": entry.why}
