"""Requests for a human: the rows that the conversation makes and the desk works on."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from casework.contact.orders import Status
from casework.contact.orders import finish as end
from casework.data_keys import destroy_key, make_key
from casework.keys import KeyService, padded, seal, unseal
from casework.notices import tell
from casework.out.way import What
from casework.records import Handover, Outgoing, User
from safety.safe_contact import ContactWay, ContactWindow, Refusal, SafeContactPlan
from screening.events import Answer, HandoverKind, HandoverRequested


class HandoverStatus(StrEnum):
    WAITING = "waiting"
    CLAIMED = "claimed"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    """The person, or silence, ended the waiting."""
    LEFT = "left"
    """The person used the exit: do not contact."""


ATTEMPTS = "attempts"
"""Beside the plan's own fields in what is sealed."""
TOLD_AS = {HandoverStatus.CANCELLED: What.CANCELLED, HandoverStatus.LEFT: What.LEFT}
"""To other systems. Everything else that is over is closed."""
OPEN = (HandoverStatus.WAITING.value, HandoverStatus.CLAIMED.value)


@dataclass(frozen=True)
class SharedAnswers:
    """Answers that the person chose to send along. Instrument and version are empty if no run has ended yet."""

    instrument: str
    version: str
    answers: tuple[tuple[int, Answer], ...] = field(repr=False)


@dataclass(frozen=True)
class HandoverView:
    """A handover as the conversation sees it."""

    id: str
    kind: HandoverKind
    status: HandoverStatus
    claimed_by_name: str | None
    claimed_by: str | None = None


def newest_open(session: Session, conversation_id: str) -> Handover | None:
    """The newest handover that is waiting or claimed."""
    return next(iter(_open(session, conversation_id)), None)


def open_chat(session: Session, conversation_id: str) -> Handover | None:
    """The waiting or claimed chat, if there is one. It keeps a conversation from being erased."""
    return next((row for row in _open(session, conversation_id) if row.kind == HandoverKind.CHAT), None)


def all_open(session: Session, conversation_id: str) -> Sequence[Handover]:
    return _open(session, conversation_id)


def view(session: Session, row: Handover | None) -> HandoverView | None:
    if row is None:
        return None
    user = session.get(User, row.claimed_by) if row.claimed_by else None
    status = HandoverStatus(row.status)
    if status is HandoverStatus.WAITING and row.meant_role:
        status = HandoverStatus.CLAIMED  # passed on, not handed back: the assistant stays silent (P7)
    return HandoverView(row.id, HandoverKind(row.kind), status, user.name if user else None, row.claimed_by)


def request(
    session: Session,
    keys: KeyService,
    conversation_id: str,
    event: HandoverRequested,
    *,
    instrument: tuple[str, str],
    at: datetime,
) -> Handover | None:
    """Put a request in the queue. Asking again replaces a waiting one of the same kind and keeps its place.

    None if a caseworker already has the chat.
    """
    if _has_a_human(session, conversation_id, event):
        return None
    since = at
    for old in replaced_by(session, conversation_id, event):
        since = old.requested_at if old.status == HandoverStatus.WAITING else at
        finish(session, old, HandoverStatus.CANCELLED, at, note="replaced")
    row = Handover(
        id=secrets.token_urlsafe(16),
        conversation_id=conversation_id,
        kind=event.kind.value,
        status=HandoverStatus.WAITING.value,
        urgent=event.urgent,
        requested_at=since,
        expires_at=event.plan.expires_at if event.plan else None,
    )
    if event.plan or event.answers:
        key = make_key(session, keys, handover_owner(row.id))
        if event.plan:
            row.plan = _sealed(key, row.id, _told(event.plan))
        if event.answers:
            shared = json.dumps([*instrument, event.answers]).encode()
            row.answers = seal(key, padded(shared), f"{handover_owner(row.id)}:answers")
    session.add(row)
    tell(session, row, What.WAITING, at)
    session.flush()
    return row


def replaced_by(session: Session, conversation_id: str, event: HandoverRequested) -> Sequence[Handover]:
    """The open requests that this one is about to take the place of: none where a caseworker already has the chat."""
    if _has_a_human(session, conversation_id, event):
        return []
    return [row for row in _open(session, conversation_id) if row.kind == event.kind]


def _has_a_human(session: Session, conversation_id: str, event: HandoverRequested) -> bool:
    chat = open_chat(session, conversation_id)
    return event.kind is HandoverKind.CHAT and chat is not None and chat.status == HandoverStatus.CLAIMED


def finish(session: Session, row: Handover, status: HandoverStatus, at: datetime, *, note: str = "") -> None:
    """Close a handover for good: its plan, its answers and what was ticked cannot be read again."""
    row.status = status.value
    tell(session, row, TOLD_AS.get(status, What.CLOSED), at)
    row.closed_at = at
    row.note = note
    if _holds_sealed(row):
        destroy_key(session, handover_owner(row.id))
    row.plan = None
    row.answers = None
    row.work = None
    row.meant_for, row.meant_role = None, ""
    _withdraw(session, row.id)


def replace_plan(session: Session, keys: KeyService, row: Handover, plan: SafeContactPlan) -> None:
    """Another plan in place of the one there was, under the same key, or a new one where there was none."""
    key = keys.find(handover_owner(row.id)) or make_key(session, keys, handover_owner(row.id))
    row.plan = _sealed(key, row.id, _told(plan))
    row.expires_at = plan.expires_at


def take_back_plan(session: Session, row: Handover) -> None:
    """Nobody makes contact by it any more. The request stays, so that a human sees that somebody has asked."""
    held = _holds_sealed(row)
    row.plan = None
    if held and not _holds_sealed(row):
        destroy_key(session, handover_owner(row.id))
    _withdraw(session, row.id)


def sealed() -> ColumnElement[bool]:
    """For a query: handovers with anything under a key of their own."""
    return Handover.plan.is_not(None) | Handover.answers.is_not(None) | Handover.work.is_not(None)


def _holds_sealed(row: Handover) -> bool:
    return row.plan is not None or row.answers is not None or row.work is not None


def read_plan(keys: KeyService, row: Handover) -> SafeContactPlan | None:
    """The safe-contact plan. Raises Unreadable."""
    agreed = read_agreed(keys, row)
    return agreed[0] if agreed is not None else None


def read_agreed(keys: KeyService, row: Handover) -> tuple[SafeContactPlan, int] | None:
    """The plan, and how often something went out by it. Raises Unreadable."""
    key = keys.find(handover_owner(row.id)) if row.plan else None
    if row.plan is None or key is None:
        return None
    plan = _read(key, row.id, row.plan)
    tried = int(plan.pop(ATTEMPTS))
    agreed = SafeContactPlan(
        **plan
        | {
            "way": ContactWay(plan["way"]),
            "window": ContactWindow(plan["window"]),
            "expires_at": datetime.fromisoformat(plan["expires_at"]),
        }
    )
    return agreed, tried


def attempts(keys: KeyService, row: Handover) -> int:
    """How often something went out by the plan. Kept in the plan itself, for as long as that. Raises Unreadable."""
    key = keys.find(handover_owner(row.id)) if row.plan else None
    return 0 if row.plan is None or key is None else int(_read(key, row.id, row.plan)[ATTEMPTS])


def add_attempt(keys: KeyService, row: Handover, by: int = 1) -> None:
    """One more, or one less for what did not go out after all. The caller has locked the row. Raises Unreadable."""
    key = keys.find(handover_owner(row.id)) if row.plan else None
    if row.plan is not None and key is not None:
        plan = _read(key, row.id, row.plan)
        row.plan = _sealed(key, row.id, plan | {ATTEMPTS: plan[ATTEMPTS] + by})


def read_answers(keys: KeyService, row: Handover) -> SharedAnswers | None:
    """The answers that the person shared. Raises Unreadable."""
    key = keys.find(handover_owner(row.id)) if row.answers else None
    if row.answers is None or key is None:
        return None
    instrument, version, answers = json.loads(unseal(key, row.answers, f"{handover_owner(row.id)}:answers"))
    return SharedAnswers(instrument, version, tuple((item, Answer(answer)) for item, answer in answers))


def _open(session: Session, conversation_id: str) -> Sequence[Handover]:
    query = select(Handover).where(Handover.conversation_id == conversation_id, Handover.status.in_(OPEN))
    return session.scalars(query.order_by(Handover.requested_at.desc())).all()


def handover_owner(handover_id: str) -> str:
    """The name under which a handover's data key is kept."""
    return f"handover:{handover_id}"


def _told(plan: SafeContactPlan) -> dict[str, Any]:
    return asdict(plan) | {"expires_at": plan.expires_at.isoformat(), ATTEMPTS: 0}


def _sealed(key: bytes, handover_id: str, plan: dict[str, Any]) -> bytes:
    return seal(key, padded(json.dumps(plan).encode()), f"{handover_owner(handover_id)}:plan")


def _read(key: bytes, handover_id: str, sealed: bytes) -> dict[str, Any]:
    """A plan as it is kept. One of an earlier version has no count of attempts."""
    plan: dict[str, Any] = json.loads(unseal(key, sealed, f"{handover_owner(handover_id)}:plan"))
    return {ATTEMPTS: 0} | plan


def _withdraw(session: Session, handover_id: str) -> None:
    """What was ordered by a request that is over does not go, and nobody can read it."""
    ordered = select(Outgoing).where(Outgoing.handover_id == handover_id, Outgoing.status == Status.WAITING)
    for row in session.scalars(ordered):
        row.refusal = Refusal.NO_PLAN.value
        end(session, row, Status.REFUSED)
