"""What the agency's table of what is kept says, done: `run` removes what is past its time, and nothing else.

Each kind of record has one sweep. A sweep counts, or removes and counts; no id leaves it. What is sealed under a key is
erased with the key; rows go when nothing that is still needed points at them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, CursorResult, Delete, Update, and_, delete, exists, func, select, update
from sqlalchemy.orm import Session

from casework.accounts import LINK_LIFE, SESSION_LIFE
from casework.audit import OPERATOR, TRIMMED, note
from casework.contact.orders import OVER, Status
from casework.data_keys import destroy_key
from casework.expiry import close_past_plans, close_silent, past_plans, to_erase
from casework.follow_ups import follow_up_owner
from casework.records import (
    AuditEntry,
    AuditTip,
    Base,
    Conversation,
    DeskSession,
    FailedSignIn,
    FollowUp,
    Handover,
    Invitation,
    Notice,
    OneTimeLink,
    Outgoing,
    PhoneCall,
    Receipt,
    Records,
    ReturnCode,
    SeenRequest,
    SmsReceipt,
    SmsThread,
)
from casework.requests import OPEN
from screening.keep import Kept, Record, rule_of

Keep = tuple[Kept, ...]
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Sweep:
    """`due` counts what is past its time; `remove` removes that and returns how much it was."""

    due: Callable[[Records, Keep, datetime], int]
    remove: Callable[[Records, Keep, datetime], int]


def run(records: Records, keep: Keep, at: datetime, *, dry_run: bool = False) -> dict[Record, int]:
    """How many of each record were removed, or would be with `dry_run`."""
    return {record: (sweep.due if dry_run else sweep.remove)(records, keep, at) for record, sweep in SWEEPS.items()}


def _rows(table: type[Base], past: Callable[[Keep, datetime], ColumnElement[bool]]) -> Sweep:
    """A sweep over whole rows of one table."""

    def due(records: Records, keep: Keep, at: datetime) -> int:
        with records.reading() as session:
            return session.scalar(select(func.count()).select_from(table).where(past(keep, at))) or 0

    def remove(records: Records, keep: Keep, at: datetime) -> int:
        with records.session() as session:
            return _removed(session, delete(table).where(past(keep, at)))

    return Sweep(due, remove)


def _ended_long_ago(keep: Keep, at: datetime) -> ColumnElement[bool]:
    """Erased, past the period, and no handover needs it: an open one, or one that is still told of.

    The end is known by the hour: the period counts from when that hour was over.
    """
    long_ago = Conversation.ended_hour <= at - rule_of(keep, Record.ENDED_CONVERSATION).length - HOUR
    needed = exists().where(Handover.conversation_id == Conversation.id, ~_closed_before(keep, at))
    return and_(Conversation.erased, long_ago, ~needed)


def _closed_long_ago(keep: Keep, at: datetime) -> ColumnElement[bool]:
    """Closed past the period, and its conversation is over."""
    over = exists().where(Conversation.id == Handover.conversation_id, Conversation.erased)
    return and_(_closed_before(keep, at), over)


def _closed_before(keep: Keep, at: datetime) -> ColumnElement[bool]:
    period = rule_of(keep, Record.HANDOVER).length
    return and_(Handover.status.notin_(OPEN), Handover.closed_at < at - period)


def _of_the_erased(keep: Keep, at: datetime) -> ColumnElement[bool]:
    return exists().where(Conversation.id == Receipt.conversation_id, Conversation.erased)


def _code_ran_out(keep: Keep, at: datetime) -> ColumnElement[bool]:
    return ReturnCode.until <= at


def _used_or_old(keep: Keep, at: datetime) -> ColumnElement[bool]:
    return OneTimeLink.used_at.is_not(None) | (
        OneTimeLink.expires_at <= _made_to_expire(keep, Record.ONE_TIME_LINK, LINK_LIFE, at)
    )


def _signed_in_long_ago(keep: Keep, at: datetime) -> ColumnElement[bool]:
    return DeskSession.expires_at <= _made_to_expire(keep, Record.DESK_SESSION, SESSION_LIFE, at)


def _made_to_expire(keep: Keep, record: Record, life: timedelta, at: datetime) -> datetime:
    """What was made a period ago with this life expires now. What has expired is past its time in any case."""
    return max(at, at - rule_of(keep, record).length + life)


def _tried_long_ago(keep: Keep, at: datetime) -> ColumnElement[bool]:
    tried = func.coalesce(FailedSignIn.last_at, FailedSignIn.locked_until)
    return tried.is_(None) | (tried < at - rule_of(keep, Record.FAILED_SIGN_IN).length)


def _ran_out_long_ago(keep: Keep, at: datetime) -> ColumnElement[bool]:
    return Invitation.expires_at <= at - rule_of(keep, Record.INVITATION).length


def _due_long_ago(keep: Keep, at: datetime) -> ColumnElement[bool]:
    return FollowUp.due_at < at - rule_of(keep, Record.FOLLOW_UP).length


def _follow_ups_remove(records: Records, keep: Keep, at: datetime) -> int:
    """The row, and the key with which it was sealed."""
    with records.session() as session:
        rows = session.scalars(select(FollowUp).where(_due_long_ago(keep, at))).all()
        for row in rows:
            destroy_key(session, follow_up_owner(row.id))
            session.delete(row)
        return len(rows)


def _ordered_long_ago(keep: Keep, at: datetime) -> ColumnElement[bool]:
    """What the carrier still has to do is needed, however old."""
    done = Outgoing.status.in_([*(status.value for status in OVER), Status.SENT.value])
    return done & (Outgoing.created < at - rule_of(keep, Record.OUTGOING).length)


def _call_came_long_ago(keep: Keep, at: datetime) -> ColumnElement[bool]:
    return PhoneCall.at < at - rule_of(keep, Record.PHONE_CALL).length


def _sms_came_long_ago(keep: Keep, at: datetime) -> ColumnElement[bool]:
    return SmsReceipt.at < at - rule_of(keep, Record.SMS_RECEIPT).length


def _number_wrote_long_ago(keep: Keep, at: datetime) -> ColumnElement[bool]:
    return SmsThread.at < at - rule_of(keep, Record.SMS_THREAD).length


def _request_came_long_ago(keep: Keep, at: datetime) -> ColumnElement[bool]:
    return SeenRequest.at < at - rule_of(keep, Record.AGENCY_REQUEST).length


def _happened_long_ago(keep: Keep, at: datetime) -> ColumnElement[bool]:
    return Notice.at < at - rule_of(keep, Record.NOTICE).length


def _audit_due(records: Records, keep: Keep, at: datetime) -> int:
    with records.reading() as session:
        return _to_trim(session, keep, at)[0]


def _audit_trim(records: Records, keep: Keep, at: datetime) -> int:
    """Remove the oldest entries in one piece. The chain begins later from then on, and says so itself."""
    with records.session() as session:
        tip = session.get_one(AuditTip, 1, with_for_update=True, populate_existing=True)
        n, last = _to_trim(session, keep, at)
        if n == 0:
            return 0
        tip.from_hash = session.scalars(select(AuditEntry.hash).where(AuditEntry.seq == last)).one()
        tip.from_seq = last
        session.flush()
        session.execute(delete(AuditEntry).where(AuditEntry.seq <= last))
        note(session, at, OPERATOR, TRIMMED, str(last))
        return n


def _to_trim(session: Session, keep: Keep, at: datetime) -> tuple[int, int]:
    """How many entries come before the first one that is young enough, and the number of the last of them.

    An entry that only says that the trail was trimmed is no reason to trim it again.
    """
    first_young = session.scalar(
        select(func.min(AuditEntry.seq)).where(AuditEntry.at >= at - rule_of(keep, Record.AUDIT).length)
    )
    old = select(AuditEntry.seq, AuditEntry.what)
    if first_young is not None:
        old = old.where(AuditEntry.seq < first_young)
    found = session.execute(old.order_by(AuditEntry.seq)).all()
    if all(what == TRIMMED for _, what in found):
        return 0, 0
    return len(found), found[-1].seq


def _nothing(records: Records, keep: Keep, at: datetime) -> int:
    """Kept by the rule, or gone with something else."""
    return 0


def _answers_due(records: Records, keep: Keep, at: datetime) -> int:
    with records.reading() as session:
        query = select(func.count()).select_from(Handover).where(_answers_of_the_closed())
        return session.scalar(query) or 0


def _answers_remove(records: Records, keep: Keep, at: datetime) -> int:
    """Closing a handover erases its answers at once: this finds nothing unless somebody wrote past the program."""
    with records.session() as session:
        return _removed(session, update(Handover).where(_answers_of_the_closed()).values(answers=None))


def _answers_of_the_closed() -> ColumnElement[bool]:
    return and_(Handover.status.notin_(OPEN), Handover.answers.is_not(None))


def _removed(session: Session, statement: Delete | Update) -> int:
    done = session.execute(statement)
    assert isinstance(done, CursorResult)
    return done.rowcount


SWEEPS: dict[Record, Sweep] = {
    # Before the conversations: they wait for their code.
    Record.RETURN_CODE: _rows(ReturnCode, _code_ran_out),
    Record.CONVERSATION: Sweep(
        lambda records, keep, at: to_erase(records, rule_of(keep, Record.CONVERSATION).length, at),
        lambda records, keep, at: close_silent(records, rule_of(keep, Record.CONVERSATION).length, at),
    ),
    Record.PLAN: Sweep(
        lambda records, keep, at: len(past_plans(records, at)), lambda r, keep, at: close_past_plans(r, at)
    ),
    Record.ANSWERS: Sweep(_answers_due, _answers_remove),
    Record.RECEIPT: _rows(Receipt, _of_the_erased),
    # Before the conversations: they wait for their handovers.
    Record.HANDOVER: _rows(Handover, _closed_long_ago),
    Record.ENDED_CONVERSATION: _rows(Conversation, _ended_long_ago),
    Record.INVITATION: _rows(Invitation, _ran_out_long_ago),
    Record.FOLLOW_UP: Sweep(_rows(FollowUp, _due_long_ago).due, _follow_ups_remove),
    Record.OUTGOING: _rows(Outgoing, _ordered_long_ago),
    Record.PHONE_CALL: _rows(PhoneCall, _call_came_long_ago),
    Record.SMS_RECEIPT: _rows(SmsReceipt, _sms_came_long_ago),
    Record.SMS_THREAD: _rows(SmsThread, _number_wrote_long_ago),
    Record.AGENCY_REQUEST: _rows(SeenRequest, _request_came_long_ago),
    Record.NOTICE: _rows(Notice, _happened_long_ago),
    Record.REPORT_DUTY: Sweep(_nothing, _nothing),
    Record.DO_NOT_CONTACT: Sweep(_nothing, _nothing),
    Record.DESK_SESSION: _rows(DeskSession, _signed_in_long_ago),
    Record.ONE_TIME_LINK: _rows(OneTimeLink, _used_or_old),
    Record.FAILED_SIGN_IN: _rows(FailedSignIn, _tried_long_ago),
    Record.AUDIT: Sweep(_audit_due, _audit_trim),
    Record.COUNTERS: Sweep(_nothing, _nothing),
}
"""In this order: what makes other things due comes first."""
