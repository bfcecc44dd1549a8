"""The queue: what there is to do at the desk. Sorted by need, in lists by what can be done; nothing in it can be searched."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from casework.caseworker import Caseworker
from casework.contact.stops import stopped
from casework.contacts_mark import WANT_CONTACT, mark_of_contacts
from casework.desk_view import Queue, QueueItem, contact_limits, queue_item
from casework.duties import duties_of
from casework.keys import KeyService, Unreadable
from casework.records import Conversation, Handover, ReportDuty
from casework.requests import OPEN, HandoverStatus, read_agreed
from casework.scope import visible_to
from casework.signs_of_life import SignsOfLife
from casework.work import read_work
from safety.safe_contact import ZONE, SafeContactPlan
from screening.events import HandoverKind

LEFT_SHOWN_FOR = timedelta(hours=24)
MOST = 50
"""How many of a long list are looked up and shown. They come in order: the next ones move up."""


def always(at: datetime) -> bool:
    return True


@dataclass(frozen=True)
class ContactRules:
    """The agency's rules for contact."""

    most_attempts: int = 3
    is_open: Callable[[datetime], bool] = always


def build_queue(
    session: Session,
    keys: KeyService,
    user: Caseworker,
    at: datetime,
    rules: ContactRules,
    signs: SignsOfLife,
    known: str = "",
) -> Queue:
    """The first MOST of those who wait to write and of those that colleagues have, with how many there are in all.

    Where the list of contacts has the mark that is `known`, it is left out, and no plan of it is opened.
    """
    seen = visible_to(user)
    not_due = ~_my_report(user)
    waits = and_(seen, Handover.status == HandoverStatus.WAITING, Handover.kind == HandoverKind.CHAT, not_due)
    others = and_(seen, Handover.status == HandoverStatus.CLAIMED, Handover.claimed_by != user.id)
    left = _left_alone(signs)
    waiting, waiting_count = _some(session, waits)
    alone, alone_count = _some(session, and_(others, left))
    taken, taken_count = _some(session, and_(others, ~left))

    def items(rows: Iterable[Row[tuple[Handover, Conversation]]]) -> list[QueueItem]:
        return [
            item_of(session, keys, handover, conversation, at, user, rules=rules) for handover, conversation in rows
        ]

    contacts_mark = mark_of_contacts(session, seen, at, rules.is_open(at))
    as_known = contacts_mark == known
    contacts = [] if as_known else items(session.execute(_in_order(and_(seen, WANT_CONTACT, not_due))))
    rest = items(session.execute(_in_order(and_(seen, _the_rest(user, at)))))
    mine = [item for item in rest if item.status in (HandoverStatus.CLAIMED, HandoverStatus.WAITING)]
    closed = [item for item in rest if item.status is HandoverStatus.CLOSED]
    return Queue(
        waiting=items(waiting),
        waiting_count=waiting_count,
        contacts=contacts,
        duties=duties_of(session, user),
        contacts_mark=contacts_mark,
        contacts_as_known=as_known,
        follow_ups=[item for item in mine if _left_to_do(item)],
        mine=[item for item in mine if not _left_to_do(item)],
        alone=[_with_minutes(item, signs, at) for item in items(alone)],
        alone_count=alone_count,
        taken=items(taken),
        taken_count=taken_count,
        left=[item for item in rest if item.status is HandoverStatus.LEFT],
        closed_today=sorted(closed, key=lambda item: item.closed_at or at, reverse=True),
    )


def queue_mark(session: Session, at: datetime, signs: SignsOfLife) -> str:
    """Changes when anything in a queue does: how many in each state, when that last happened, who has left a chat alone."""
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
    due = select(func.count(), func.max(ReportDuty.learnt_at))
    alone = (
        select(Handover.id).where(Handover.status == HandoverStatus.CLAIMED, _left_alone(signs)).order_by(Handover.id)
    )
    rows = [tuple(str(value) for value in row) for asked in (query, due, alone) for row in session.execute(asked)]
    return sha256(repr(rows).encode()).hexdigest()[:16]


def _left_alone(signs: SignsOfLife) -> ColumnElement[bool]:
    """A chat whose caseworker is not there. (A contact that was agreed waits for its hour, whoever is there.)"""
    return and_(Handover.kind == HandoverKind.CHAT, Handover.claimed_by.not_in(signs.here))


def _with_minutes(item: QueueItem, signs: SignsOfLife, at: datetime) -> QueueItem:
    return replace(item, away_minutes=signs.minutes_away(item.claimed_by or "", at))


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
    """One handover as a list shows it. That a report is to be made: see `_reminds`."""
    contact = None
    if handover.kind == HandoverKind.CONTACT and handover.status in OPEN:
        plan, tried = _agreed(keys, handover)
        left = conversation.do_not_contact
        said_stop = not left and plan is not None and stopped(session, keys, plan.address)
        contact = contact_limits(
            plan,
            at,
            do_not_contact=left or said_stop,
            stopped=said_stop,
            attempts=tried,
            most_attempts=rules.most_attempts,
            agency_open=rules.is_open(at),
        )
    since = _report_since(keys, handover) if user is not None and _reminds(handover, user) else None
    return queue_item(session, handover, conversation, contact, at, report_since=since)


def plan_of(keys: KeyService, handover: Handover) -> SafeContactPlan | None:
    """A plan that does not open is no plan, so no contact, and the rest of the queue is there."""
    return _agreed(keys, handover)[0]


def _agreed(keys: KeyService, handover: Handover) -> tuple[SafeContactPlan | None, int]:
    try:
        return read_agreed(keys, handover) or (None, 0)
    except Unreadable:
        return None, 0


def _in_order(which: ColumnElement[bool]) -> Select[tuple[Handover, Conversation]]:
    """Danger first, then the longest wait."""
    joined = select(Handover, Conversation).join(Conversation, Conversation.id == Handover.conversation_id)
    return joined.where(which).order_by(Handover.urgent.desc(), Handover.requested_at)


def _some(session: Session, which: ColumnElement[bool]) -> tuple[Sequence[Row[tuple[Handover, Conversation]]], int]:
    """The first MOST, and how many there are."""
    rows = session.execute(_in_order(which).limit(MOST)).all()
    if len(rows) < MOST:
        return rows, len(rows)
    counted = select(func.count()).select_from(Handover).join(Conversation, Conversation.id == Handover.conversation_id)
    return rows, session.scalar(counted.where(which)) or 0


def _the_rest(user: Caseworker, at: datetime) -> ColumnElement[bool]:
    """What is mine, what waits with a report that I have to make, what I closed today, who left within a day."""
    midnight = at.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    mine = and_(Handover.status == HandoverStatus.CLAIMED, Handover.claimed_by == user.id)
    left = and_(Handover.status == HandoverStatus.LEFT, Handover.closed_at > at - LEFT_SHOWN_FOR)
    closed = and_(
        Handover.status == HandoverStatus.CLOSED, Handover.claimed_by == user.id, Handover.closed_at >= midnight
    )
    return or_(mine, _my_report(user), left, closed)


def _my_report(user: Caseworker) -> ColumnElement[bool]:
    """The person has asked anew while this caseworker had a report to make: it waits for anybody, and reminds them."""
    return and_(
        Handover.status == HandoverStatus.WAITING,
        Handover.work.is_not(None),
        Handover.meant_role == "",
        func.coalesce(Handover.meant_for, "") == user.id,
    )


def _left_to_do(item: QueueItem) -> bool:
    return item.tried or item.report_since is not None


def _reminds(handover: Handover, user: Caseworker) -> bool:
    """Whoever has it, who is to be reminded, and everybody who may take up what was passed on."""
    return handover.claimed_by == user.id or handover.meant_for == user.id or bool(handover.meant_role)


def _report_since(keys: KeyService, handover: Handover) -> datetime | None:
    try:
        work = read_work(keys, handover)
    except Unreadable:
        return None
    return work.learnt_at if work.report_is_due else None
