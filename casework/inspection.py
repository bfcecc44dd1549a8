"""Does it hold? What the records themselves can show: nothing of what is over, everything else sealed, nothing past its time.

Values are opened to see that they open, and forgotten. Nothing but numbers leaves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from casework import retention, second_step
from casework.audit import OPERATOR, first_break, note, tip
from casework.contact.orders import OVER, Status, order_owner
from casework.conversation import owner
from casework.counting import batch_owner
from casework.follow_ups import follow_up_owner
from casework.invitations import invitation_owner
from casework.keys import Unreadable, unseal
from casework.records import (
    Conversation,
    Counted,
    CountingBatch,
    FollowUp,
    Handover,
    Invitation,
    KeyToDestroy,
    Message,
    Outgoing,
    Receipt,
    Records,
    ReturnCode,
    User,
)
from casework.requests import OPEN, handover_owner, sealed
from screening.keep import Kept

DONE = [*(status.value for status in OVER), Status.SENT.value]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `said` is for the operator, without content."""

    what: str
    holds: bool
    said: str


def inspect(records: Records, keep: tuple[Kept, ...], at: datetime) -> list[Finding]:
    """Every finding. Leaves an entry in the audit trail."""
    with records.session() as session:
        note(session, at, OPERATOR, "privacy.checked")
    return [_audit(records), _past(records, keep, at), _erased(records), _keys(records), _sealed(records)]


def _audit(records: Records) -> Finding:
    broken = first_break(records)
    if broken is not None:
        return Finding("audit", False, f"the trail is broken at entry {broken}")
    return Finding("audit", True, f"all entries are as they were written, the newest is number {tip(records).seq}")


def _past(records: Records, keep: tuple[Kept, ...], at: datetime) -> Finding:
    due = {record.value: n for record, n in retention.run(records, keep, at, dry_run=True).items() if n}
    if due:
        counts = ", ".join(f"{record} {n}" for record, n in due.items())
        return Finding("retention", False, f"past its time: {counts}; `enrum retention run` removes it")
    return Finding("retention", True, "nothing is kept longer than the agency's table says")


def _erased(records: Records) -> Finding:
    """What is over has no content left."""
    over = select(Conversation.id).where(Conversation.erased)
    with_content = or_(
        Conversation.state.is_not(None), Conversation.snapshot.is_not(None), Conversation.group.is_not(None)
    )
    closed = Handover.status.notin_(OPEN) & sealed()
    done = Outgoing.status.in_(DONE)
    with records.reading() as session:
        ended = session.scalar(select(func.count()).select_from(over.subquery())) or 0
        left = [
            session.scalar(select(func.count()).select_from(Conversation).where(Conversation.erased, with_content)),
            session.scalar(select(func.count()).select_from(Handover).where(closed)),
            session.scalar(select(func.count()).select_from(Outgoing).where(done, Outgoing.order.is_not(None))),
            *(
                session.scalar(select(func.count()).select_from(table).where(table.conversation_id.in_(over)))
                for table in (Message, Receipt, ReturnCode)
            ),
        ]
    remains = sum(n or 0 for n in left)
    said = f"{ended} conversations are over, {remains} pieces of their content are left"
    return Finding("erased", remains == 0, said)


def _keys(records: Records) -> Finding:
    """What is over has no key left."""
    with records.reading() as session:
        over = [owner(row) for row in session.scalars(select(Conversation.id).where(Conversation.erased))]
        over += [
            handover_owner(row) for row in session.scalars(select(Handover.id).where(Handover.status.notin_(OPEN)))
        ]
        forgotten = select(Invitation.id).where(Invitation.claims.is_(None))
        over += [invitation_owner(row) for row in session.scalars(forgotten)]
        done = select(Outgoing.id).where(Outgoing.status.in_(DONE))
        over += [order_owner(row) for row in session.scalars(done)]
        over += session.scalars(select(KeyToDestroy.owner)).all()
    left = sum(records.keys.find(name) is not None for name in set(over))
    return Finding("keys", left == 0, f"{left} keys of what is over are left")


def _sealed(records: Records) -> Finding:
    """Everything that a person said opens with its own key, in its own place, and in no other way."""
    opened = shut = 0
    with records.reading() as session:
        for name, place, value in _values(session):
            key = records.keys.find(name)
            try:
                unseal(key or b"\0" * 32, value, place)
                opened += 1
            except Unreadable:
                shut += 1
    said = f"{opened} values are sealed under living keys, {shut} do not open"
    return Finding("sealed", shut == 0, said)


def _values(session: Session) -> Iterator[tuple[str, str, bytes]]:
    """Every sealed value: the owner of its key, its place, itself."""
    for row in session.scalars(select(Conversation).where(Conversation.erased.is_(False))).yield_per(200):
        name = owner(row.id)
        for what, value in (("state", row.state), ("snapshot", row.snapshot), ("group", row.group)):
            if value is not None:
                yield name, f"{name}:{what}", value
    for handover in session.scalars(select(Handover)).yield_per(200):
        name = handover_owner(handover.id)
        for what, value in (("plan", handover.plan), ("answers", handover.answers), ("work", handover.work)):
            if value is not None:
                yield name, f"{name}:{what}", value
    for user in session.scalars(select(User).where(User.totp.is_not(None))).yield_per(200):
        yield f"lasting:{second_step.KEY}", second_step.place(user.id), user.totp or b""
    for message in session.scalars(select(Message)).yield_per(200):
        name = owner(message.conversation_id)
        yield name, f"{name}:message:{message.id}", message.body
    for invitation in session.scalars(select(Invitation).where(Invitation.claims.is_not(None))).yield_per(200):
        name = invitation_owner(invitation.id)
        yield name, f"{name}:claims", invitation.claims or b""
    for follow_up in session.scalars(select(FollowUp)).yield_per(200):
        name = follow_up_owner(follow_up.id)
        yield name, name, follow_up.claims
    for order in session.scalars(select(Outgoing).where(Outgoing.order.is_not(None))).yield_per(200):
        name = order_owner(order.id)
        yield name, name, order.order or b""
    batch = session.scalar(select(CountingBatch.name).where(CountingBatch.id == 1))
    for counted in session.scalars(select(Counted)).yield_per(200):
        yield batch_owner(batch or ""), f"counted:{counted.id}", counted.counts
