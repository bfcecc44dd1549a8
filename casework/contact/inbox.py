"""SMS that come in: a request to be called, a stop, a sign that somebody needs a human. The words themselves are not kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from casework.applying import apply
from casework.contact.dispatcher import Dispatcher
from casework.contact.stops import stopped
from casework.contact.usage import Unit, Usage
from casework.conversation import take
from casework.intake import Intake
from casework.keyed_hash import keyed
from casework.records import Conversation, Records, SmsReceipt, SmsThread
from casework.requests import newest_open, take_back_plan
from safety.safe_contact import ContactWay, ContactWindow, SafeContactPlan
from screening.events import Ended, Event, HandoverKind, HandoverRequested, Outcome, SignalRaised

THREAD_KEPT = timedelta(days=30)
CALL_WITHIN = timedelta(days=14)
"""How long a wish to be called, sent by SMS, holds. Nothing else was agreed, so it is short."""


@dataclass(frozen=True)
class Meaning:
    """What an SMS means. `answer` is the template to answer with, empty for no answer."""

    answer: str
    call_me: bool = False
    stop: bool = False
    signals: tuple[str, ...] = ()
    urgent: bool = False
    take_back: bool = False
    """What was agreed by SMS for this number holds no more: somebody else has the phone, or the answer is no."""

    @property
    def needs_a_human(self) -> bool:
        return self.call_me or bool(self.signals)


@dataclass(frozen=True)
class Sms:
    """`name` is the carrier's. `number` is E.164, or empty where nobody could be rung."""

    name: str
    number: str = field(repr=False)
    locale: str = "sv"


class Inbox:
    """`now` gives aware times."""

    def __init__(
        self,
        records: Records,
        intake: Intake,
        dispatcher: Dispatcher,
        now: Callable[[], datetime],
        agency: str,
        programme: str,
        usage: Usage | None = None,
    ) -> None:
        self._records = records
        self._keys = records.keys
        self._intake = intake
        self._dispatcher = dispatcher
        self._now = now
        self._agency = agency
        self._programme = programme
        self._usage = usage

    def take(self, sms: Sms, meaning: Meaning) -> str | None:
        """Do what it means, once. Returns the conversation that a human is to see, if any."""
        if not sms.number or self._known(sms):
            return None
        conversation_id = self._thread(sms) if meaning.needs_a_human else None
        try:
            with self._records.session() as session:
                hash_ = keyed(self._keys, "message", sms.name)
                session.add(SmsReceipt(message_hash=hash_, answer=meaning.answer[:20], at=self._now()))
                session.flush()
                if self._usage is not None:
                    self._usage.used(Unit.SMS_IN, session=session)
                self._do(session, sms, meaning, conversation_id)
        except IntegrityError:
            return None  # Another process was first.
        return conversation_id

    def _do(self, session: Session, sms: Sms, meaning: Meaning, conversation_id: str | None) -> None:
        silent = stopped(session, self._keys, sms.number)
        if meaning.answer:
            # Before the stop is written: the one who says stop is told once that it is heard.
            self._dispatcher.answer(session, sms.number, meaning.answer, f"answer:{sms.name}")
        if meaning.stop:
            self._dispatcher.stop(session, sms.number)
        if meaning.take_back:
            self._forget_plan(session, sms.number)
        conversation = take(session, conversation_id) if conversation_id else None
        if conversation is not None:
            events = [*map(SignalRaised, meaning.signals), *self._request(session, sms, meaning, conversation, silent)]
            apply(session, self._keys, conversation, [*events, Ended(Outcome.LATER)], self._now())

    def _request(
        self, session: Session, sms: Sms, meaning: Meaning, conversation: Conversation, silent: bool
    ) -> list[Event]:
        """A plan only by the person's own wish, and never after a stop. A request that has one is not replaced."""
        plan = self._plan(sms) if meaning.call_me and not silent else None
        waiting = newest_open(session, conversation.id)
        if plan is None and waiting is not None and (waiting.urgent or not meaning.urgent):
            return []
        if plan is None and waiting is not None and waiting.plan is not None:
            waiting.urgent = True
            return []
        if plan is None and not meaning.signals:
            return []
        urgent = meaning.urgent or (waiting is not None and waiting.urgent)
        return [HandoverRequested(HandoverKind.CONTACT, urgent, plan=plan)]

    def _plan(self, sms: Sms) -> SafeContactPlan:
        """What "call me" agrees to, and nothing more: a call to this number, no message to a machine, no name."""
        return SafeContactPlan(
            way=ContactWay.CALL,
            number=sms.number,
            window=ContactWindow.ANY_TIME,
            voicemail=False,
            say_agency=False,
            code_word="",
            expires_at=self._now() + CALL_WITHIN,
        )

    def _forget_plan(self, session: Session, number: str) -> None:
        """Whoever answers a call to this number may be somebody else, or does not want it (P8). That somebody asked stays seen."""
        thread = session.get(SmsThread, keyed(self._keys, "number", number))
        conversation = take(session, thread.conversation_id) if thread is not None else None
        waiting = newest_open(session, conversation.id) if conversation is not None else None
        if waiting is not None:
            take_back_plan(session, waiting)

    def _known(self, sms: Sms) -> bool:
        with self._records.reading() as session:
            return session.get(SmsReceipt, keyed(self._keys, "message", sms.name)) is not None

    def _thread(self, sms: Sms) -> str:
        """The conversation that stands for this number, begun if need be."""
        number_hash, at = keyed(self._keys, "number", sms.number), self._now()
        with self._records.reading() as session:
            row = session.get(SmsThread, number_hash)
            if row is not None and at - row.at < THREAD_KEPT:
                return row.conversation_id
        opened = self._intake.open(agency=self._agency, programme=self._programme, channel="sms", locale=sms.locale)
        with self._records.session() as session:
            session.merge(SmsThread(number_hash=number_hash, conversation_id=opened.id, at=at))
        return opened.id
