"""How often somebody has tried to reach a person by one request."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from casework.contact.orders import Status, What
from casework.records import CallBack, Handover, Outgoing

WENT = (Status.SENT.value, Status.DELIVERED.value, Status.FAILED.value, Status.DEAD.value)
WRITTEN = (What.SMS.value, What.EMAIL.value)
OWN_PHONE = "own"


def attempts(session: Session, handover: Handover | None) -> int:
    """Messages that went out by this request, and calls where the person's phone was to ring."""
    if handover is None:
        return 0
    written = select(func.count()).where(
        Outgoing.handover_id == handover.id, Outgoing.status.in_(WENT), Outgoing.what.in_(WRITTEN)
    )
    rung = select(func.count()).where(CallBack.handover_id == handover.id, CallBack.tried)
    return (session.scalar(written) or 0) + (session.scalar(rung) or 0)


def note_attempt(session: Session, handover: Handover, at: datetime) -> None:
    """The caseworker says that a call was tried: the carrier's own attempt, if there was one, or one by their own phone."""
    mine = CallBack.handover_id == handover.id, CallBack.tried, CallBack.noted.is_(False)
    if session.scalars(update(CallBack).where(*mine).values(noted=True).returning(CallBack.id)).first() is not None:
        return
    session.add(
        CallBack(id=secrets.token_urlsafe(16), handover_id=handover.id, state=OWN_PHONE, tried=True, noted=True, at=at)
    )
