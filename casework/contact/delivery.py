"""Carrying out the orders: each at most once, with patience where the carrier is away, and a list of what died.

A message that may have gone is never sent again: two of them on a watched phone are worse than none. A call is made at
once or not at all: a phone that rings later than the caseworker meant is not what was agreed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from casework.contact import call_backs
from casework.contact.carriers import Carrier, CarrierAway, CarrierRefused, Mailer, SaidStop, Unsure
from casework.contact.dispatcher import Dispatcher
from casework.contact.orders import CALLS, Order, Status, What, finish, place, read
from casework.contact.usage import Unit, Usage
from casework.keyed_hash import keyed
from casework.records import Handover, Outgoing, Records
from casework.requests import add_attempt

__all__ = ["Carrier", "CarrierAway", "CarrierRefused", "Delivery", "Mailer", "SaidStop", "Unsure"]

log = logging.getLogger("enrum.contact")
BACK_OFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
"""Waits after the first, second … try that the carrier did not take. After the last, the order is dead."""
LOST_AFTER = timedelta(minutes=5)
RING_WITHIN = timedelta(minutes=1)
"""How long after it was ordered a call may still be begun."""
DELETED_AFTER = timedelta(hours=1)
"""How long after an SMS went out the carrier's copy is deleted, if no report came before."""
DECIDED = frozenset({What.SMS, What.EMAIL, *CALLS})
"""What reaches a person: it is decided again when it is carried out, and never twice."""
ATTEMPTS = frozenset({What.SMS, What.EMAIL, What.RING_PERSON})
"""What counts as an attempt to reach the person by the plan."""
RANK = {Status.SENT: 0, Status.FAILED: 1, Status.DELIVERED: 2}
"""Reports come in any order: a lower one changes nothing."""


class Delivery:
    """`now` gives aware times. `keep_copies`: the agency leaves the carrier's copies where they are."""

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
        self._records = records
        self._keys = records.keys
        self._dispatcher = dispatcher
        self._carrier = carrier
        self._now = now
        self._keep_copies = keep_copies
        self._mailer = mailer
        self._usage = usage

    def run(self) -> int:
        """Carry out what is due. Returns how many orders were tried."""
        self._bury_lost()
        with self._records.reading() as session:
            due = select(Outgoing.id).where(Outgoing.status == Status.WAITING, Outgoing.next_at <= self._now())
            rows = session.scalars(due.order_by(Outgoing.next_at).limit(50)).all()
        return sum(self._one(row_id) for row_id in rows)

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

    def _one(self, row_id: str) -> bool:
        taken = self._take(row_id)
        if taken is None:
            return False
        what, order = taken
        try:
            name = self._hand_over(what, order)
        except CarrierAway:
            self._put_back(row_id, what, order)
        except (CarrierRefused, Unsure) as error:
            log.warning("an order died", extra={"error": type(error).__name__})
            self._die(row_id, what, order, said_stop=isinstance(error, SaidStop))
        else:
            self._end(row_id, what, name)
        return True

    def _take(self, row_id: str) -> tuple[What, Order] | None:
        """Mark it as being sent, so that nobody else does; None if somebody does, or it may not go any more."""
        with self._records.session() as session:
            handover = self._handover(session, row_id)
            taken = session.execute(
                update(Outgoing)
                .where(Outgoing.id == row_id, Outgoing.status == Status.WAITING)
                .values(status=Status.SENDING.value, attempts=Outgoing.attempts + 1, next_at=self._now() + LOST_AFTER)
            )
            assert isinstance(taken, CursorResult)
            if taken.rowcount != 1:
                return None
            row = session.get_one(Outgoing, row_id, populate_existing=True)
            order = read(self._keys, row)
            if order is None:
                finish(session, row, Status.DEAD)
                return None
            what = What(row.what)
            if what in CALLS and row.created < self._now() - RING_WITHIN:
                finish(session, row, Status.DEAD)
                call_backs.failed(session, order.name)
                return None
            refused = self._dispatcher.still(session, row, order) if what in DECIDED else None
            if refused is not None:
                row.refusal = refused.value
                finish(session, row, Status.REFUSED)
                if what in CALLS:
                    call_backs.failed(session, order.name, call_backs.Result.REFUSED)
                return None
            if handover is not None and what in ATTEMPTS:
                # Now, and not when it is known how it went: a crash in between must not give one more.
                add_attempt(self._keys, handover)
            if what is What.RING_PERSON:
                call_backs.tried(session, order.name)
            return what, order

    def _handover(self, session: Session, row_id: str) -> Handover | None:
        """The request that it was ordered by, locked before the order, as everywhere."""
        handover_id = session.scalar(select(Outgoing.handover_id).where(Outgoing.id == row_id))
        return session.get(Handover, handover_id, with_for_update=True) if handover_id else None

    def _hand_over(self, what: What, order: Order) -> str:
        if what is What.EMAIL and self._mailer is not None:
            self._mailer.send(order.number, order.subject, order.text)
            return ""
        if self._carrier is None or what is What.EMAIL:
            raise CarrierRefused
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

    def _put_back(self, row_id: str, what: What, order: Order) -> None:
        with self._records.session() as session:
            handover = self._handover(session, row_id)
            row = session.get_one(Outgoing, row_id)
            if handover is not None and what in (What.SMS, What.EMAIL):
                add_attempt(self._keys, handover, -1)
            if what not in CALLS and row.attempts <= len(BACK_OFF):
                row.status = Status.WAITING.value
                row.next_at = self._now() + BACK_OFF[row.attempts - 1]
                return
        self._die(row_id, what, order)

    def _die(self, row_id: str, what: What, order: Order, *, said_stop: bool = False) -> None:
        with self._records.session() as session:
            finish(session, session.get_one(Outgoing, row_id), Status.DEAD)
            if what in CALLS:
                call_backs.failed(session, order.name)
            if said_stop:
                self._dispatcher.stop(session, order.number)

    def _end(self, row_id: str, what: What, name: str) -> None:
        with self._records.session() as session:
            row = session.get_one(Outgoing, row_id)
            finish(session, row, Status.SENT if what in (What.SMS, What.EMAIL) else Status.DONE)
            if what is What.SMS and self._usage is not None:
                self._usage.used(Unit.SMS_OUT, session=session)
            if name:
                row.carrier_hash = keyed(self._keys, "message", name)
                if not self._keep_copies:
                    self._forget(session, What.DELETE_MESSAGE, name, self._now() + DELETED_AFTER)

    def _forget(self, session: Session, what: What, name: str, not_before: datetime) -> None:
        key = f"{what}:{name}"
        if not place(session, self._keys, what, Order(name=name), key, self._now(), not_before=not_before):
            # Ordered for later already: the news that it is over brings it forward.
            waiting = Outgoing.key_hash == keyed(self._keys, "order", key), Outgoing.status == Status.WAITING
            session.execute(update(Outgoing).where(*waiting, Outgoing.next_at > not_before).values(next_at=not_before))

    def _bury_lost(self) -> None:
        """A crash between giving something to the carrier and writing that down: nobody knows, so it is not sent again."""
        with self._records.session() as session:
            lost = select(Outgoing).where(Outgoing.status == Status.SENDING, Outgoing.next_at <= self._now())
            for row in session.scalars(lost):
                if What(row.what) in DECIDED:
                    finish(session, row, Status.DEAD)
                else:
                    row.status = Status.WAITING.value
