"""What the desk may show of a handover."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from casework.duties import Duty
from casework.records import Conversation, Handover, User
from casework.requests import HandoverStatus, SharedAnswers
from safety.safe_contact import ContactWay, ContactWindow, Refusal, SafeContactPlan, refusal
from screening.catalogue.duty import day_off
from screening.events import HandoverKind


@dataclass(frozen=True)
class ContactLimits:
    """The limits of a safe-contact plan, without the number, and whether contact is allowed at this moment."""

    way: ContactWay | None
    """None: there is no plan, so there may be no contact."""
    window: ContactWindow | None
    voicemail: bool
    say_agency: bool
    has_code_word: bool
    expires_at: datetime | None
    refusal: Refusal | None
    """Why contact is not allowed right now, or None if it is."""
    attempts: int = 0
    """How often somebody has tried."""
    most_attempts: int = 3
    remind: bool = False
    """Whether the person asked to be reminded."""
    stopped: bool = False
    """The number has said stop, and that is why. Of a person who left, it is not told."""


@dataclass(frozen=True)
class QueueItem:
    """One handover in a list."""

    id: str
    kind: HandoverKind
    status: HandoverStatus
    urgent: bool
    requested_at: datetime
    waited_minutes: int
    closed_at: datetime | None
    programme: str
    locale: str
    note: str
    claimed_by: str | None
    claimed_by_name: str | None
    contact: ContactLimits | None
    channel: str = ""
    """How the person reached us."""
    passed_on: str = ""
    """`colleague` or `social_consultant`, where a chat was passed on and nobody has taken it up."""
    meant_for: str | None = None
    meant_for_name: str = ""
    report_since: datetime | None = None
    """A duty to report is known since then, and the report is not made. For whoever has it, had it last, or may take it
    when it was passed on."""

    away_minutes: int | None = None
    """For how long the one who has it has not been there. None: they are there, or have signed out."""

    @property
    def tried(self) -> bool:
        """A call-back that was tried in vain."""
        return self.kind is HandoverKind.CONTACT and self.note in ("not_reached", "not_alone")


@dataclass(frozen=True)
class Queue:
    """Each list: danger first, then the longest wait. An item is in one list only."""

    waiting: list[QueueItem]
    """Want to write now: the first of them."""
    waiting_count: int
    """How many in all."""
    contacts: list[QueueItem]
    """Want to be contacted."""
    follow_ups: list[QueueItem]
    """Mine, with something left to do: a report to make, a person who was not reached."""
    mine: list[QueueItem]
    taken: list[QueueItem]
    """Those that colleagues have who are there: the first of them."""
    taken_count: int
    left: list[QueueItem]
    """The person used the exit: do not contact."""
    closed_today: list[QueueItem]
    """Mine."""
    duties: list[Duty] = field(default_factory=list)
    """Reports that are not made: mine, and those of my offices. They stay when the request is over."""
    alone: list[QueueItem] = field(default_factory=list)
    """Chats of colleagues who are not there: the first of them. Whoever sees them can take them over."""
    alone_count: int = 0
    contacts_mark: str = ""
    """Changes when the list of contacts does."""
    contacts_as_known: bool = False
    """The list of contacts is as the page has it already, and was left out here."""

    @property
    def call_count(self) -> int:
        """How many in a chat have nobody to answer them."""
        return self.waiting_count + self.alone_count

    @property
    def due(self) -> list[QueueItem]:
        """May be contacted at this moment."""
        return [item for item in self.contacts if item.contact is not None and item.contact.refusal is None]

    @property
    def later(self) -> list[QueueItem]:
        """Not now: `contact.refusal` says why."""
        return [item for item in self.contacts if item.contact is None or item.contact.refusal is not None]


@dataclass(frozen=True)
class Case:
    """One handover on its own page."""

    item: QueueItem
    conversation_id: str
    answers: SharedAnswers | None = None
    number: str = field(default="", repr=False)
    code_word: str = field(default="", repr=False)


def contact_limits(
    plan: SafeContactPlan | None,
    at: datetime,
    *,
    do_not_contact: bool,
    stopped: bool = False,
    attempts: int = 0,
    most_attempts: int = 3,
    agency_open: bool = True,
) -> ContactLimits:
    way = plan.way if plan else ContactWay.CALL
    return ContactLimits(
        way=plan.way if plan else None,
        window=plan.window if plan else None,
        voicemail=plan.voicemail if plan else False,
        say_agency=plan.say_agency if plan else False,
        has_code_word=bool(plan and plan.code_word),
        expires_at=plan.expires_at if plan else None,
        refusal=refusal(
            plan,
            way,
            at,
            do_not_contact=do_not_contact,
            day_off=day_off,
            agency_open=agency_open,
            attempts=attempts,
            most_attempts=most_attempts,
        ),
        attempts=attempts,
        most_attempts=most_attempts,
        remind=plan.remind if plan else False,
        stopped=stopped,
    )


def queue_item(
    session: Session,
    handover: Handover,
    conversation: Conversation,
    contact: ContactLimits | None,
    at: datetime,
    *,
    report_since: datetime | None = None,
) -> QueueItem:
    user = session.get(User, handover.claimed_by) if handover.claimed_by else None
    meant_for = session.get(User, handover.meant_for) if handover.meant_for else None
    return QueueItem(
        id=handover.id,
        kind=HandoverKind(handover.kind),
        status=HandoverStatus(handover.status),
        urgent=handover.urgent,
        requested_at=handover.requested_at,
        waited_minutes=max(0, int((at - handover.requested_at).total_seconds() // 60)),
        closed_at=handover.closed_at,
        programme=conversation.programme,
        locale=conversation.locale,
        note=handover.note,
        claimed_by=handover.claimed_by,
        claimed_by_name=user.name if user else None,
        contact=contact,
        channel=conversation.channel,
        passed_on=handover.meant_role,
        meant_for=handover.meant_for,
        meant_for_name=meant_for.name if meant_for else "",
        report_since=report_since,
    )
