"""The queue: what there is to do at the desk. Sorted by need, in lists by what can be done; nothing in it can be searched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Row, and_, func, or_, select
from sqlalchemy.orm import Session

from casework.caseworker import Caseworker
from casework.contact.dispatcher import stopped
from casework.desk_view import Queue, QueueItem, contact_limits, queue_item
from casework.keys import KeyService, Unreadable
from casework.records import Conversation, Handover
from casework.requests import OPEN, HandoverStatus, attempts, read_plan
from casework.scope import visible_to
from casework.work import read_work
from safety.safe_contact import ZONE, SafeContactPlan
from screening.events import HandoverKind

LEFT_SHOWN_FOR = timedelta(hours=24)


def always(at: datetime) -> bool:
    return True


@dataclass(frozen=True)
class ContactRules:
    """The agency's rules for contact."""

    most_attempts: int = 3
    is_open: Callable[[datetime], bool] = always


def build_queue(session: Session, keys: KeyService, user: Caseworker, at: datetime, rules: ContactRules) -> Queue:
    items = [
        item_of(session, keys, handover, conversation, at, user, rules=rules)
        for handover, conversation in _rows(session, user, at)
    ]
    waiting = [item for item in items if item.status is HandoverStatus.WAITING]
    mine = [item for item in items if item.status is HandoverStatus.CLAIMED and item.claimed_by == user.id]
    closed = [item for item in items if item.status is HandoverStatus.CLOSED]
    return Queue(
        waiting=[item for item in waiting if item.kind is HandoverKind.CHAT],
        contacts=[item for item in waiting if item.kind is HandoverKind.CONTACT],
        follow_ups=[item for item in mine if _left_to_do(item)],
        mine=[item for item in mine if not _left_to_do(item)],
        taken=[i for i in items if i.status is HandoverStatus.CLAIMED and i.claimed_by != user.id],
        left=[item for item in items if item.status is HandoverStatus.LEFT],
        closed_today=sorted(closed, key=lambda item: item.closed_at or at, reverse=True),
    )


def queue_mark(session: Session, at: datetime) -> str:
    """Changes when anything in a queue does: how many in each state, and when that last happened."""
    query = (
        select(
            Handover.status,
            func.count(),
            func.max(Handover.requested_at),
            func.max(Handover.claimed_at),
            func.max(Handover.closed_at),
        )
        .where(or_(Handover.status.in_(OPEN), Handover.closed_at > at - LEFT_SHOWN_FOR))
        .group_by(Handover.status)
        .order_by(Handover.status)
    )
    rows = [tuple(str(value) for value in row) for row in session.execute(query)]
    return sha256(repr(rows).encode()).hexdigest()[:16]


def item_of(
    session: Session,
    keys: KeyService,
    handover: Handover,
    conversation: Conversation,
    at: datetime,
    user: Caseworker | None = None,
    *,
    rules: ContactRules,
) -> QueueItem:
    """One handover as a list shows it. Only to the one who has it: that a report is to be made."""
    contact = None
    if handover.kind == HandoverKind.CONTACT and handover.status in OPEN:
        plan = plan_of(keys, handover)
        gone = conversation.do_not_contact or (plan is not None and stopped(session, keys, plan.address))
        contact = contact_limits(
            plan,
            at,
            do_not_contact=gone,
            attempts=attempts(keys, handover) if plan is not None else 0,
            most_attempts=rules.most_attempts,
            agency_open=rules.is_open(at),
        )
    since = _report_since(keys, handover) if user is not None and handover.claimed_by == user.id else None
    return queue_item(session, handover, conversation, contact, at, report_since=since)


def plan_of(keys: KeyService, handover: Handover) -> SafeContactPlan | None:
    """A plan that does not open is no plan, so no contact, and the rest of the queue is there."""
    try:
        return read_plan(keys, handover)
    except Unreadable:
        return None


def _rows(session: Session, user: Caseworker, at: datetime) -> Sequence[Row[tuple[Handover, Conversation]]]:
    midnight = at.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    left = and_(Handover.status == HandoverStatus.LEFT, Handover.closed_at > at - LEFT_SHOWN_FOR)
    closed = and_(
        Handover.status == HandoverStatus.CLOSED, Handover.claimed_by == user.id, Handover.closed_at >= midnight
    )
    return session.execute(
        select(Handover, Conversation)
        .join(Conversation, Conversation.id == Handover.conversation_id)
        .where(visible_to(user), or_(Handover.status.in_(OPEN), left, closed))
        .order_by(Handover.urgent.desc(), Handover.requested_at)
    ).all()


def _left_to_do(item: QueueItem) -> bool:
    return item.tried or item.report_since is not None


def _report_since(keys: KeyService, handover: Handover) -> datetime | None:
    try:
        work = read_work(keys, handover)
    except Unreadable:
        return None
    return work.learnt_at if work.report_is_due else None
