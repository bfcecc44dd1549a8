"""The duty to report that was learnt at the desk: it stays until somebody says that it is done, or why it is not to be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import Session

from casework.audit import OPERATOR, note
from casework.caseworker import Caseworker
from casework.conversation import Group, counted_as, take
from casework.counters import count
from casework.keys import KeyService, Unreadable
from casework.records import Conversation, Handover, Records, ReportDuty, User
from casework.refusals import UnknownHandover
from casework.requests import OPEN
from casework.roles import Task, may
from casework.work import Work, counted_by, keep_work, read_work
from screening.catalogue.checklists import Checklist


class How(StrEnum):
    """How a duty was closed. A reason is one of these: there is no place to write of a person."""

    REPORTED = "reported"
    COLLEAGUE = "colleague"
    """Somebody else at the agency has reported the same."""
    MISTAKE = "mistake"
    """The tick was a mistake: nothing was learnt or suspected."""
    UNKNOWN_CHILD = "unknown_child"
    """Nobody can tell which child it is, and it has been talked over."""


@dataclass(frozen=True)
class Duty:
    """A report that is not made, as the desk shows it."""

    handover_id: str
    checklist: str
    user_id: str
    user_name: str
    learnt_at: datetime
    ends_at: datetime


def duties_of(session: Session, user: Caseworker) -> list[Duty]:
    """Mine, and those of my offices, the oldest first."""
    query = select(ReportDuty, User.name).join(User, User.id == ReportDuty.user_id).where(_seen_by(user))
    return [_duty(row, name) for row, name in session.execute(query.order_by(ReportDuty.learnt_at))]


def follow_work(
    session: Session, row: Handover, office: str, user: Caseworker, checklist: Checklist, before: Work, after: Work
) -> str:
    """A checklist was ticked: the duty begins with the first tick, and ends with the report or with a tick taken back.

    Returns what to give to `remember_closed` after the commit; empty where none ended.
    """
    ended = ""
    if checklist.report is None:
        return ended
    duty = session.get(ReportDuty, row.id)
    if not after.report_is_due:
        if duty is not None:
            # A tick that was taken back can be set again: a copy may bring that one back, for somebody to look at.
            ended = _mark(duty) if after.reported else ""
            session.delete(duty)
    elif duty is None and not before.report_is_due and after.learnt_at is not None:
        until = after.learnt_at + timedelta(hours=checklist.report.remind_hours)
        session.add(
            ReportDuty(
                handover_id=row.id,
                checklist=checklist.id,
                user_id=user.id,
                office=office,
                learnt_at=after.learnt_at,
                ends_at=until,
            )
        )
    session.flush()
    return ended


def remember_closed(keys: KeyService, mark: str) -> None:
    """Note with the keys that a duty is closed: they are never taken back from a copy, so that none brings it back.

    After the commit: where it does not come to this, a copy brings the duty back, which is the lesser harm.
    """
    if mark:
        keys.lasting(mark)


def close_again(session: Session, keys: KeyService, at: datetime) -> int:
    """On a copy that was taken back: close what has been closed since it was made. Returns how many."""
    closed = [duty for duty in session.scalars(select(ReportDuty)) if keys.has_lasting(_mark(duty))]
    for duty in closed:
        note(session, at, OPERATOR, "duty.closed_since", duty.handover_id)
        session.delete(duty)
    return len(closed)


def _mark(duty: ReportDuty) -> str:
    """The same however often the person asks anew; another one for what is ticked again."""
    learnt = f"{duty.user_id} {duty.checklist} {duty.learnt_at.astimezone(UTC).isoformat()}"
    return f"duty:{sha256(learnt.encode()).hexdigest()}"


def follow_request(session: Session, old_id: str, new_id: str) -> None:
    """Another request took the place of the one in which it was learnt."""
    duty = session.get(ReportDuty, old_id)
    if duty is not None:
        duty.handover_id = new_id


class Duties:
    """`now` gives aware times."""

    def __init__(self, records: Records, now: Callable[[], datetime]) -> None:
        self._records = records
        self._now = now

    def now(self) -> datetime:
        return self._now()

    def find(self, handover_id: str, user: Caseworker) -> Duty | None:
        """None where there is no duty that is open, or where it is not this caseworker's to see."""
        query = select(ReportDuty, User.name).join(User, User.id == ReportDuty.user_id)
        with self._records.reading() as session:
            found = session.execute(query.where(ReportDuty.handover_id == handover_id, _seen_by(user))).one_or_none()
            return _duty(*found) if found is not None else None

    def close(self, handover_id: str, user: Caseworker, how: How, checklist: Checklist) -> None:
        """For good, with the reason in the audit trail; a report is counted, once. Raises UnknownHandover."""
        at, keys = self._now(), self._records.keys
        with self._records.session() as session:
            row = session.get(Handover, handover_id)
            conversation = take(session, row.conversation_id) if row is not None else None
            query = select(ReportDuty).where(ReportDuty.handover_id == handover_id, _seen_by(user))
            duty = session.scalar(query.with_for_update())
            if duty is None:
                raise UnknownHandover(handover_id)
            closed = _mark(duty)
            session.delete(duty)
            note(session, at, user.id, f"duty.{how}", handover_id)
            if row is not None and conversation is not None:
                if row.status in OPEN:
                    _settle_work(session, keys, row, how, checklist)
                elif how is How.REPORTED:
                    _count_late(session, conversation, checklist, at)
        remember_closed(keys, closed)


def _settle_work(session: Session, keys: KeyService, row: Handover, how: How, checklist: Checklist) -> None:
    """The request goes on: its ticks say the same as the duty did, and are counted when it closes."""
    report = checklist.report
    try:
        work = read_work(keys, row)
    except Unreadable:
        return
    if report is None or not work.report_is_due:
        return
    done = set(work.done.get(checklist.id, ()))
    done = done | {report.ends_with} if how is How.REPORTED else done - {report.starts_with}
    known = tuple(step.id for step in checklist.steps if step.id in done)
    learnt = work.learnt_at if how is How.REPORTED else None
    settled = replace(
        work,
        done={**work.done, checklist.id: known},
        counts=counted_by(work, checklist, known),
        learnt_at=learnt,
        reported=how is How.REPORTED,
    )
    keep_work(session, keys, row, settled)


def _count_late(session: Session, conversation: Conversation, checklist: Checklist, at: datetime) -> None:
    """The request was counted when it closed, without the report."""
    report = checklist.report
    counts = {step.counts for step in checklist.steps if report and step.id == report.ends_with and step.counts}
    count(session, counted_as(conversation, Group()), at, [f"action:{what}" for what in sorted(counts)])


def _seen_by(user: Caseworker) -> ColumnElement[bool]:
    if not may(user.role, Task.HANDOVERS):
        return ReportDuty.user_id == user.id
    of_office = ReportDuty.office.in_(("", *sorted(user.offices))) if user.offices else true()
    return or_(ReportDuty.user_id == user.id, of_office)


def _duty(row: ReportDuty, name: str) -> Duty:
    return Duty(row.handover_id, row.checklist, row.user_id, name, row.learnt_at, row.ends_at)
