"""The dispatcher: the one function through which every SMS, e-mail and call passes that is to go out.

Each is decided twice, when it is ordered and when it is carried out: hours pass, people say stop.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from casework.audit import Why, note
from casework.contact.orders import CALLS, Order, What, of_invitation, place
from casework.contact.stops import stop, stopped
from casework.records import Conversation, Handover, Outgoing, Records
from casework.requests import OPEN, attempts, read_plan
from safety.safe_contact import Contact, ContactWay, Ground, Refusal, SafeContactPlan, World, decide
from screening.catalogue.agency import Agency, day_off
from screening.catalogue.phone_words import SmsWords

BY_EMAIL = {"call_me": "email_call_me", "reminder": "email_reminder"}
"""The same without what only a phone can answer."""
InviteBySms = Callable[[str, str, str, str], Refusal | None]
"""`Dispatcher.invite`."""


@dataclass(frozen=True)
class Rules:
    """What an agency has decided, and its words. `link_base` is the public address, the only one a link may have.

    `is_open` goes by the hours of the moment: they change while the program runs.
    `sms_from` and `email_from` are who a message is from, as the screen shows it.
    """

    agency: Agency
    is_open: Callable[[datetime], bool]
    words: SmsWords
    sensitive_words: Callable[[str], Sequence[str]]
    link_base: str
    sms_from: str = ""
    email_from: str = ""


class Dispatcher:
    """`now` gives aware times."""

    def __init__(self, records: Records, rules: Rules, now: Callable[[], datetime]) -> None:
        self._records = records
        self._keys = records.keys
        self._rules = rules
        self._now = now

    def send_by_plan(
        self, handover_id: str, template: str, key: str, who: str, ground: Ground = Ground.PLAN
    ) -> Refusal | None:
        """Order a message to a person who agreed to one, by SMS or e-mail as the plan says. Why it may not go, or None.

        The same `key` again orders nothing. `who` is for the audit trail.
        """
        with self._records.session() as session:
            handover = session.get(Handover, handover_id)
            plan = self._plan(handover)
            by_email = plan is not None and plan.way is ContactWay.EMAIL
            subject = self.text("subject") if by_email else ""
            text = self.text(BY_EMAIL[template] if by_email else template)
            order = Order(ground, plan.address if plan else "", text, subject=subject)
            what = What.EMAIL if by_email else What.SMS
            return self._order(session, order, template, key, handover_id, what, who)

    def invite(self, number: str, link: str, invitation_id: str, who: str) -> Refusal | None:
        """Order an SMS with the link of an invitation, once. `number` is E.164. Why it may not go, or None."""
        with self._records.session() as session:
            order = Order(Ground.INVITATION, number, self.text("invitation", link))
            refused = self._decide(session, order, None, What.SMS)
            new = refused is None and place(
                session, self._keys, What.SMS, order, of_invitation(invitation_id), self._now(), template="invitation"
            )
            if new:
                note(session, self._now(), who, "sms.ordered", invitation_id, Why.INVITATION)
            return refused

    def answer(self, session: Session, number: str, template: str, key: str) -> Refusal | None:
        """Order an answer to an SMS that has just come in, in the caller's transaction."""
        if stopped(session, self._keys, number):
            return Refusal.DO_NOT_CONTACT
        ground = Ground.FAREWELL if template == "stopped" else Ground.ANSWER
        order = Order(ground, number, self.text(template), heard_at=self._now().isoformat())
        return self._order(session, order, template, key)

    def may_call(self, session: Session, handover: Handover | None, *, voicemail: bool = False) -> Refusal | None:
        """Why nobody may ring by this request now, or None."""
        plan = self._plan(handover)
        contact = Contact(Ground.PLAN, ContactWay.CALL, plan, voicemail=voicemail)
        return decide(contact, self._world(session, plan.number if plan else "", handover))

    def still(self, session: Session, row: Outgoing, order: Order) -> Refusal | None:
        """Why what was ordered may not be done any more. The plan is read anew."""
        handover = session.get(Handover, row.handover_id) if row.handover_id else None
        if What(row.what) in CALLS:
            return self.may_call(session, handover)
        return self._decide(session, order, handover, What(row.what))

    def text(self, template: str, link: str = "") -> str:
        """The words of a template. Raises KeyError for one that there is not."""
        return self._rules.words.templates[template].replace("{link}", link)

    def stop(self, session: Session, number: str) -> None:
        """Nothing goes to this number, until a caseworker lifts it on the person's word."""
        stop(session, self._keys, number, self._now())

    def _plan(self, handover: Handover | None) -> SafeContactPlan | None:
        return read_plan(self._keys, handover) if handover is not None and handover.status in OPEN else None

    def _order(
        self,
        session: Session,
        order: Order,
        template: str,
        key: str,
        handover_id: str | None = None,
        what: What = What.SMS,
        who: str = "",
    ) -> Refusal | None:
        handover = session.get(Handover, handover_id) if handover_id else None
        refused = self._decide(session, order, handover, what)
        if refused is not None:
            return refused
        at = self._now()
        new = place(session, self._keys, what, order, key, at, template=template, handover_id=handover_id)
        if new and handover_id and who:
            note(session, at, who, f"{what}.ordered", handover_id, Why.CALL_BACK)
        return None

    def _decide(self, session: Session, order: Order, handover: Handover | None, what: What) -> Refusal | None:
        by_plan = order.ground in (Ground.PLAN, Ground.REMINDER)
        plan = self._plan(handover) if by_plan else None
        if order.ground is None or (plan is not None and plan.address != order.number):
            return Refusal.NO_PLAN
        heard = datetime.fromisoformat(order.heard_at) if order.heard_at else None
        way = ContactWay.EMAIL if what is What.EMAIL else ContactWay.SMS
        sender = self._rules.email_from if what is What.EMAIL else self._rules.sms_from
        contact = Contact(order.ground, way, plan, order.words, sender=sender)
        return decide(contact, self._world(session, order.number, handover, heard))

    def _world(self, session: Session, number: str, handover: Handover | None, heard: datetime | None = None) -> World:
        rules, at = self._rules, self._now()
        conversation = session.get(Conversation, handover.conversation_id) if handover is not None else None
        left = conversation is not None and conversation.do_not_contact
        return World(
            at=at,
            do_not_contact=left or stopped(session, self._keys, number),
            day_off=day_off,
            agency_open=rules.is_open(at),
            attempts=attempts(self._keys, handover) if handover is not None else 0,
            most_attempts=rules.agency.phone.most_attempts,
            heard_at=heard,
            invite_by_sms=rules.agency.phone.invite_by_sms,
            sensitive_words=rules.sensitive_words,
            agency_name=rules.agency.name,
            link_base=rules.link_base,
        )
