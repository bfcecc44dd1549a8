"""The dispatcher: the one function through which every SMS passes that is to go out, and every call that is to be made.

There is no e-mail here. An SMS is decided twice, when it is ordered and when it is sent: hours pass, people say stop.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from casework.audit import Why, note
from casework.contact.orders import Order, What, place, read
from casework.keyed_hash import keyed
from casework.keys import KeyService
from casework.records import Conversation, DoNotContact, Handover, Outgoing, Records, by_the_hour
from casework.requests import OPEN, attempts, read_plan
from safety.safe_contact import Contact, ContactWay, Ground, Refusal, SafeContactPlan, World, decide
from screening.catalogue.agency import Agency, day_off
from screening.catalogue.phone_words import SmsWords


@dataclass(frozen=True)
class Rules:
    """What an agency has decided, and its words. `link_base` is the public address, the only one a link may have."""

    agency: Agency
    words: SmsWords
    sensitive_words: Callable[[str], Sequence[str]]
    link_base: str


class Dispatcher:
    """`now` gives aware times."""

    def __init__(self, records: Records, rules: Rules, now: Callable[[], datetime]) -> None:
        self._records = records
        self._keys = records.keys
        self._rules = rules
        self._now = now

    def send_by_plan(self, handover_id: str, template: str, key: str, who: str) -> Refusal | None:
        """Order an SMS to a person who agreed to one. Why it may not go, or None. The same `key` again orders nothing."""
        with self._records.session() as session:
            handover = session.get(Handover, handover_id)
            plan = read_plan(self._keys, handover) if handover is not None and handover.status in OPEN else None
            order = Order(Ground.PLAN, plan.number if plan else "", self.text(template))
            refused = self._decide(session, order, handover)
            at = self._now()
            if refused is None and place(
                session, self._keys, What.SMS, order, key, at, template=template, handover_id=handover_id
            ):
                note(session, at, who, "sms.ordered", handover_id, Why.CALL_BACK)
            return refused

    def invite(self, number: str, link: str, key: str) -> Refusal | None:
        """Order an invitation by SMS. `number` is E.164."""
        with self._records.session() as session:
            order = Order(Ground.INVITATION, number, self.text("invitation", link))
            return self._order(session, order, "invitation", key)

    def answer(self, session: Session, number: str, template: str, key: str) -> Refusal | None:
        """Order an answer to an SMS that has just come in, in the caller's transaction."""
        if stopped(session, self._keys, number):
            return Refusal.DO_NOT_CONTACT
        ground = Ground.FAREWELL if template == "stopped" else Ground.ANSWER
        order = Order(ground, number, self.text(template), heard_at=self._now().isoformat())
        return self._order(session, order, template, key)

    def may_call(self, session: Session, handover: Handover, *, voicemail: bool = False) -> Refusal | None:
        """Whether a caseworker may ring by this request, now."""
        plan = read_plan(self._keys, handover)
        contact = Contact(Ground.PLAN, ContactWay.CALL, plan, voicemail=voicemail)
        return decide(contact, self._world(session, plan.number if plan else "", handover))

    def still(self, session: Session, row: Outgoing, order: Order) -> Refusal | None:
        """Why an SMS that was ordered may not go any more. The plan is read anew."""
        handover = session.get(Handover, row.handover_id) if row.handover_id else None
        return self._decide(session, order, handover)

    def text(self, template: str, link: str = "") -> str:
        """The words of a template. Raises KeyError for one that there is not."""
        return self._rules.words.templates[template].replace("{link}", link)

    def stop(self, session: Session, number: str) -> None:
        """Nothing goes to this number again."""
        stop(session, self._keys, number, self._now())

    def _order(self, session: Session, order: Order, template: str, key: str) -> Refusal | None:
        refused = self._decide(session, order, None)
        if refused is None:
            place(session, self._keys, What.SMS, order, key, self._now(), template=template)
        return refused

    def _decide(self, session: Session, order: Order, handover: Handover | None) -> Refusal | None:
        plan: SafeContactPlan | None = None
        if order.ground is Ground.PLAN and handover is not None and handover.status in OPEN:
            plan = read_plan(self._keys, handover)
        if order.ground is None or (plan is not None and plan.number != order.number):
            return Refusal.NO_PLAN
        heard = datetime.fromisoformat(order.heard_at) if order.heard_at else None
        contact = Contact(order.ground, ContactWay.SMS, plan, order.text)
        return decide(contact, self._world(session, order.number, handover, heard))

    def _world(self, session: Session, number: str, handover: Handover | None, heard: datetime | None = None) -> World:
        rules, at = self._rules, self._now()
        conversation = session.get(Conversation, handover.conversation_id) if handover is not None else None
        left = conversation is not None and conversation.do_not_contact
        return World(
            at=at,
            do_not_contact=left or stopped(session, self._keys, number),
            day_off=day_off,
            agency_open=rules.agency.open_at(at),
            attempts=attempts(self._keys, handover) if handover is not None else 0,
            most_attempts=rules.agency.phone.most_attempts,
            heard_at=heard,
            invite_by_sms=rules.agency.phone.invite_by_sms,
            sensitive_words=rules.sensitive_words,
            agency_name=rules.agency.name,
            link_base=rules.link_base,
        )


def stopped(session: Session, keys: KeyService, number: str) -> bool:
    """Whether this number said stop."""
    if not number:
        return False
    number_hash = keyed(keys, "number", number)
    return session.get(DoNotContact, number_hash) is not None or keys.has_lasting(_stop(number_hash))


def stop(session: Session, keys: KeyService, number: str, at: datetime) -> None:
    """Note it with the keys too: they are never taken back from a copy, and a stop holds also where its row is lost."""
    number_hash = keyed(keys, "number", number)
    keys.lasting(_stop(number_hash))
    if session.get(DoNotContact, number_hash) is None:
        session.add(DoNotContact(number_hash=number_hash, since=by_the_hour(at)))


def _stop(number_hash: str) -> str:
    return f"stop:{number_hash}"


__all__ = ["Dispatcher", "Rules", "read", "stopped"]
