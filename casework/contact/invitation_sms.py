"""What became of the SMS that an invitation was to go by. Never its number: that went with the order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.claims import Claims
from casework.contact.orders import Status, of_invitation
from casework.keyed_hash import keyed
from casework.keys import KeyService
from casework.records import Invitation, Outgoing
from safety.safe_contact import Refusal


class Became(StrEnum):
    """The name of a `Refusal` says the rest."""

    ORDERED = "ordered"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    """The carrier could not deliver it."""
    DEAD = "dead"
    """It could not be given to the carrier, or nobody knows whether it was."""
    TAKEN_BACK = "taken_back"


NOT_SENT = (Status.REFUSED, Status.FAILED, Status.DEAD)


@dataclass(frozen=True)
class NotSent:
    """An invitation that can still be opened, and whose SMS did not come to the person. `why` is a `Refusal` or `Became`."""

    id: str
    claims: Claims
    ordered: datetime
    why: str


def became(session: Session, keys: KeyService, invitation_id: str) -> str | None:
    """A `Became`, or the `Refusal` that kept it from going. None where no SMS was ordered, or it was long ago."""
    row = session.scalar(select(Outgoing).filter_by(key_hash=keyed(keys, "order", of_invitation(invitation_id))))
    return _name(row) if row is not None else None


def not_sent(
    session: Session, keys: KeyService, at: datetime, read: Callable[[Invitation], Claims | None]
) -> list[NotSent]:
    """Those that somebody has to hand over in another way, the oldest first. `read` opens what an invitation says."""
    ordered = select(Outgoing).where(Outgoing.template == "invitation", Outgoing.status.in_(NOT_SENT))
    rows = {row.key_hash: row for row in session.scalars(ordered)}
    if not rows:
        return []
    still_open = select(Invitation).where(
        Invitation.opened_hour.is_(None), Invitation.revoked_at.is_(None), Invitation.expires_at > at
    )
    found = []
    for invitation in session.scalars(still_open):
        row = rows.get(keyed(keys, "order", of_invitation(invitation.id)))
        claims = read(invitation) if row is not None else None
        if row is not None and claims is not None:
            found.append(NotSent(invitation.id, claims, row.created, _name(row)))
    return sorted(found, key=lambda one: one.ordered)


def _name(row: Outgoing) -> str:
    if row.refusal:
        return Refusal(row.refusal).value
    match Status(row.status):
        case Status.REFUSED:
            return Became.TAKEN_BACK.value
        case Status.WAITING | Status.SENDING:
            return Became.ORDERED.value
        case status:
            return Became(status.value).value
