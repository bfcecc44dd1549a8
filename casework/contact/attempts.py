"""An attempt to ring that the caseworker tells of. How often it was tried is kept in the plan."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from casework.keys import KeyService
from casework.records import CallBack, Handover
from casework.requests import add_attempt


def note_attempt(session: Session, keys: KeyService, handover: Handover) -> None:
    """The caseworker says that a call was tried: the carrier's own attempt, if there was one, or one by their own phone.

    The carrier's was counted when it rang. The caller has locked the handover.
    """
    mine = CallBack.handover_id == handover.id, CallBack.tried, CallBack.noted.is_(False)
    if session.scalars(update(CallBack).where(*mine).values(noted=True).returning(CallBack.id)).first() is None:
        add_attempt(keys, handover)
