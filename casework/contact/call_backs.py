"""Call-backs by the carrier: the caseworker's phone first, then the person's, and both together only by a key.

Each step asks the dispatcher anew. No number is kept here: the person's is read from the plan when it is needed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.audit import CARRIER, Why, note
from casework.contact.dispatcher import Dispatcher
from casework.contact.orders import Order, What, place
from casework.keyed_hash import keyed
from casework.records import CallBack, Conversation, Handover, Records
from casework.requests import OPEN, read_plan
from safety.safe_contact import Ground, Refusal

LONGEST_UNDER_WAY = timedelta(minutes=3)
"""After that a call that nobody has heard of again is not waited for."""


class State(StrEnum):
    ORDERED = "ordered"
    """The caseworker's phone rings, or will."""
    RINGING = "ringing"
    """The person's phone rings, or will."""
    ANSWERED = "answered"
    """A human has answered there, and is asked whether it suits."""
    READY = "ready"
    """The person pressed the key: both are connected."""
    OVER = "over"


class Result(StrEnum):
    """How it went, for the caseworker. Each has one sentence in the desk's words, and one in the phone's."""

    TALKED = "talked"
    NO_ANSWER = "no_answer"
    MACHINE = "machine"
    """A machine answered, and heard nothing."""
    MESSAGE = "message"
    """A machine answered, and got the short message that the plan allows."""
    NOT_NOW = "not_now"
    NO_KEY = "no_key"
    REFUSED = "refused"
    """What was allowed when it was ordered was not any more."""
    FAILED = "failed"
    GONE = "gone"
    """The caseworker put the phone down before."""


@dataclass(frozen=True)
class Opening:
    """What may be said to whoever answers."""

    locale: str
    say_agency: bool
    voicemail: bool
    code_word: str = field(default="", repr=False)


@dataclass(frozen=True)
class Progress:
    state: State
    result: Result | None


def _nobody_looks(handover_id: str) -> None:
    pass


class CallBacks:
    """`now` gives aware times. Unknown ids are over: whoever comes with one hears nothing.

    `on_change` gets a handover's id when its call has come further.
    """

    def __init__(
        self,
        records: Records,
        dispatcher: Dispatcher,
        now: Callable[[], datetime],
        on_change: Callable[[str], None] = _nobody_looks,
    ) -> None:
        self._on_change = on_change
        self._records = records
        self._keys = records.keys
        self._dispatcher = dispatcher
        self._now = now

    def order(self, handover_id: str, desk_number: str, who: str, key: str) -> Refusal | None:
        """Order a call to `desk_number`. Why it may not be, or None.

        The same `key` again orders nothing, and neither does another one while a call is under way.
        """
        at = self._now()
        with self._records.session() as session:
            handover = session.get(Handover, handover_id, with_for_update=True)
            refused = self._dispatcher.may_call(session, handover)
            if refused is not None:
                return refused
            name = keyed(self._keys, "call back", key)[:22]
            if session.get(CallBack, name) is None and not self._under_way(session, handover_id, at):
                session.add(CallBack(id=name, handover_id=handover_id, state=State.ORDERED.value, at=at))
                session.flush()
                order = Order(Ground.PLAN, desk_number, name=name)
                place(session, self._keys, What.RING_DESK, order, f"desk:{name}", at, handover_id=handover_id)
                note(session, at, who, "contact.rung", handover_id, Why.CALL_BACK)
        return None

    def _under_way(self, session: Session, handover_id: str, at: datetime) -> bool:
        begun = CallBack.handover_id == handover_id, CallBack.state.in_([State.ORDERED, State.RINGING, State.ANSWERED])
        return session.scalar(select(CallBack.id).where(*begun, CallBack.at > at - LONGEST_UNDER_WAY)) is not None

    def ring_person(self, name: str) -> bool:
        """The caseworker has answered and pressed the key. False if the person may not be rung any more. Once."""
        with self._records.session() as session:
            row = session.get(CallBack, name, with_for_update=True)
            if row is None or row.state == State.OVER:
                return False
            if row.state != State.ORDERED:
                return True
            handover = session.get(Handover, row.handover_id)
            refused = self._dispatcher.may_call(session, handover)
            plan = read_plan(self._keys, handover) if handover is not None and refused is None else None
            if plan is None:
                over(session, row, Result.REFUSED, self._now())
                return False
            row.state = State.RINGING.value
            order = Order(Ground.PLAN, plan.number, name=name, voicemail=plan.voicemail)
            place(
                session, self._keys, What.RING_PERSON, order, f"person:{name}", self._now(), handover_id=row.handover_id
            )
        self._on_change(row.handover_id)
        return True

    def progress(self, name: str) -> Progress:
        with self._records.reading() as session:
            row = session.get(CallBack, name)
            if row is None:
                return Progress(State.OVER, None)
            return Progress(State(row.state), Result(row.result) if row.result else None)

    def opening(self, name: str) -> Opening | None:
        """What the one who answers may be told. None where the call is over, or the request is."""
        with self._records.reading() as session:
            row = session.get(CallBack, name)
            handover = session.get(Handover, row.handover_id) if row is not None and row.state != State.OVER else None
            plan = read_plan(self._keys, handover) if handover is not None and handover.status in OPEN else None
            if handover is None or plan is None:
                return None
            locale = session.get_one(Conversation, handover.conversation_id).locale
            return Opening(locale, plan.say_agency, plan.voicemail, plan.code_word)

    def answered(self, name: str) -> None:
        """A human has answered at the person's. Again, or later than that, changes nothing."""
        with self._records.session() as session:
            row = session.get(CallBack, name, with_for_update=True)
            if row is None or row.state != State.RINGING:
                return
            row.state = State.ANSWERED.value
        self._on_change(row.handover_id)

    def ready(self, name: str) -> bool:
        """The person pressed the key. False if nobody is at the other end any more."""
        with self._records.session() as session:
            row = session.get(CallBack, name, with_for_update=True)
            if row is None or row.state not in (State.RINGING, State.ANSWERED, State.READY):
                return False
            row.state = State.READY.value
        self._on_change(row.handover_id)
        return True

    def end(self, name: str, result: Result) -> None:
        """It is over. Who says so first is right, except that two who were connected have talked."""
        with self._records.session() as session:
            row = session.get(CallBack, name, with_for_update=True)
            if row is None or row.state == State.OVER:
                return
            over(session, row, Result.TALKED if row.state == State.READY else result, self._now())
        self._on_change(row.handover_id)

    def last(self, handover_id: str) -> Progress | None:
        """The newest one of a request, for the desk."""
        with self._records.reading() as session:
            query = select(CallBack).where(CallBack.handover_id == handover_id, CallBack.state.in_(list(State)))
            row = session.scalars(query.order_by(CallBack.at.desc())).first()
            return Progress(State(row.state), Result(row.result) if row.result else None) if row is not None else None


def over(session: Session, row: CallBack, result: Result, at: datetime) -> None:
    """How it went is in the audit trail beside who ordered it."""
    row.state, row.result = State.OVER.value, result.value
    note(session, at, CARRIER, f"call.{result}", row.handover_id, Why.CALL_BACK)


def tried(session: Session, name: str) -> None:
    """The person's phone is about to ring: that is an attempt, whatever comes of it."""
    row = session.get(CallBack, name)
    if row is not None:
        row.tried = True


def failed(session: Session, name: str, at: datetime, result: Result = Result.FAILED) -> None:
    """The carrier did not ring."""
    row = session.get(CallBack, name)
    if row is not None and row.state != State.OVER:
        over(session, row, result, at)
