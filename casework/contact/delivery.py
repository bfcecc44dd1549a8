"""Carrying out the orders: each at most once, with patience where the carrier is away.

A message that may have gone is never sent again: two of them on a watched phone are worse than none. A call is made at
once or not at all: a phone that rings later than the caseworker meant is not what was agreed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from casework.contact import call_backs
from casework.contact.carriers import Carrier, Mailer, SaidStop
from casework.contact.dispatcher import Dispatcher
from casework.contact.orders import CALLS, Order, Status, What, finish, place, read
from casework.contact.usage import Unit, Usage
from casework.errands import Errands, Name, Never
from casework.keyed_hash import keyed
from casework.letters import Letter
from casework.records import Handover, Outgoing, Records
from casework.requests import add_attempt
from safety.safe_contact import Refusal

BACK_OFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
RING_WITHIN = timedelta(minutes=1)
"""How long after it was ordered a call may still be begun."""
DELETED_AFTER = timedelta(hours=1)
"""How long after an SMS went out the carrier's copy is deleted, if no report came before."""
MESSAGES = frozenset({What.SMS, What.EMAIL})
DECIDED = frozenset({*MESSAGES, *CALLS})
"""What reaches a person: it is decided again when it is carried out, and never twice."""
ATTEMPTS = frozenset({*MESSAGES, What.RING_PERSON})
"""What counts as an attempt to reach the person by the plan."""
RANK = {Status.SENT: 0, Status.FAILED: 1, Status.DELIVERED: 2}
"""Reports come in any order: a lower one changes nothing."""
Taken = tuple[What, Order]


class Delivery(Errands[Outgoing, Taken]):
    """`now` gives aware times. `keep_copies`: the agency leaves the carrier's copies where they are."""

    table = Outgoing

    def __init__(
        self,
        records: Records,
        dispatcher: Dispatcher,
        carrier: Carrier | None,
        now: Callable[[], datetime],
        *,
        keep_copies: bool,
        mailer: Mailer | None = None,
        usage: Usage | None = None,
    ) -> None:
        super().__init__(records, now)
        self._keys = records.keys
        self._dispatcher = dispatcher
        self._carrier = carrier
        self._keep_copies = keep_copies
        self._mailer = mailer
        self._usage = usage

    def report(self, name: str, delivered: bool) -> None:
        """The carrier's news of a message. Unknown names are nothing to worry about."""
        status = Status.DELIVERED if delivered else Status.FAILED
        with self._records.session() as session:
            row = session.scalar(select(Outgoing).filter_by(carrier_hash=keyed(self._keys, "message", name)))
            if row is not None and RANK.get(Status(row.status), 9) < RANK[status]:
                row.status = status.value
        self.forget(What.DELETE_MESSAGE, name)

    def forget(self, what: What, name: str) -> None:
        """Order the deletion of the carrier's own copy. Again changes nothing."""
        if not self._keep_copies:
            with self._records.session() as session:
                self._forget(session, what, name, self._now())

    def before(self, session: Session, name: Name) -> None:
        """The request that it was ordered by is locked before the order, as everywhere."""
        _handover(session, name[0], lock=True)

    def open(self, session: Session, row: Outgoing) -> Taken | None:
        """None where it may not go any more."""
        order, what = read(self._keys, row), What(row.what)
        if order is None:
            finish(session, row, Status.DEAD)
            return None
        if what in CALLS and row.created < self._now() - RING_WITHIN:
            self.dead(session, row, (what, order), None)
            return None
        refused = self._dispatcher.still(session, row, order) if what in DECIDED else None
        if refused is not None:
            row.refusal = refused.value
            finish(session, row, Status.REFUSED)
            if what in CALLS:
                call_backs.failed(session, order.name, self._now(), call_backs.Result.REFUSED)
            return None
        handover = _handover(session, row.id)
        if handover is not None and what in ATTEMPTS:
            # Now, and not when it is known how it went: a crash in between must not give one more.
            add_attempt(self._keys, handover)
        if what is What.RING_PERSON:
            call_backs.tried(session, order.name)
        return what, order

    def carry(self, opened: Taken) -> str:
        what, order = opened
        if what is What.EMAIL and self._mailer is not None:
            self._mailer.send(Letter((order.number,), order.subject, order.text))
            return ""
        if self._carrier is None or what is What.EMAIL:
            raise Never
        match what:
            case What.SMS:
                return self._carrier.send_sms(order.number, order.text)
            case What.RING_DESK | What.RING_PERSON:
                self._carrier.ring(what, order.number, order.name, voicemail=order.voicemail)
            case What.DELETE_MESSAGE:
                self._carrier.delete_message(order.name)
            case What.DELETE_CALL:
                self._carrier.delete_call(order.name)
        return ""

    def done(self, session: Session, row: Outgoing, opened: Taken, reference: str) -> None:
        what = opened[0]
        finish(session, row, Status.SENT if what in MESSAGES else Status.DONE)
        if what is What.SMS and self._usage is not None:
            self._usage.used(Unit.SMS_OUT, session=session)
        if reference:
            row.carrier_hash = keyed(self._keys, "message", reference)
            if not self._keep_copies:
                self._forget(session, What.DELETE_MESSAGE, reference, self._now() + DELETED_AFTER)

    def waits(self, row: Outgoing) -> Sequence[timedelta]:
        return () if What(row.what) in CALLS else BACK_OFF

    def may_come_twice(self, row: Outgoing) -> bool:
        return What(row.what) not in DECIDED

    def not_taken(self, session: Session, row: Outgoing, opened: Taken, reference: str) -> None:
        handover = _handover(session, row.id)
        if handover is not None and opened[0] in MESSAGES:
            add_attempt(self._keys, handover, -1)

    def dead(self, session: Session, row: Outgoing, opened: Taken | None, error: Exception | None) -> None:
        finish(session, row, Status.DEAD)
        if opened is None:
            return
        what, order = opened
        if what in CALLS:
            call_backs.failed(session, order.name, self._now())
        if isinstance(error, SaidStop):
            row.refusal = Refusal.DO_NOT_CONTACT.value
            self._dispatcher.stop(session, order.number)

    def _forget(self, session: Session, what: What, name: str, not_before: datetime) -> None:
        key = f"{what}:{name}"
        if not place(session, self._keys, what, Order(name=name), key, self._now(), not_before=not_before):
            # Ordered for later already: the news that it is over brings it forward.
            waiting = Outgoing.key_hash == keyed(self._keys, "order", key), Outgoing.status == Status.WAITING
            session.execute(update(Outgoing).where(*waiting, Outgoing.next_at > not_before).values(next_at=not_before))


def _handover(session: Session, row_id: str, *, lock: bool = False) -> Handover | None:
    """The request that it was ordered by."""
    handover_id = session.scalar(select(Outgoing.handover_id).where(Outgoing.id == row_id))
    return session.get(Handover, handover_id, with_for_update=lock or None) if handover_id else None
