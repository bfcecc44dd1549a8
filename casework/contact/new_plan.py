"""A plan that a person made with a caseworker, in place of the one that there was."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import update

from casework.audit import Why, note
from casework.caseworker import Caseworker
from casework.conversation import Group, counted_as, take
from casework.counters import count
from casework.records import CallBack, Handover, Records
from casework.refusals import NotOpen, UnknownHandover
from casework.requests import HandoverStatus, replace_plan
from safety.safe_contact import SafeContactPlan
from screening.events import HandoverKind


def agree(
    records: Records, now: Callable[[], datetime], handover_id: str, user: Caseworker, plan: SafeContactPlan
) -> str:
    """Keep `plan` in place of the old one; attempts are counted from now on. Returns the conversation's id.

    What waits to go out by the old plan is decided again when it is sent, by the new one.
    Raises UnknownHandover, and NotOpen where it is not this caseworker's.
    """
    at = now()
    with records.session() as session:
        found = session.get(Handover, handover_id)
        conversation = take(session, found.conversation_id) if found is not None else None
        if conversation is None:
            raise UnknownHandover(handover_id)
        handover = session.get_one(Handover, handover_id, with_for_update=True, populate_existing=True)
        if handover.kind != HandoverKind.CONTACT or handover.claimed_by != user.id:
            raise UnknownHandover(handover_id)
        if handover.status != HandoverStatus.CLAIMED:
            raise NotOpen(HandoverStatus(handover.status))
        replace_plan(session, records.keys, handover, plan)
        session.execute(update(CallBack).where(CallBack.handover_id == handover_id).values(tried=False))
        count(session, counted_as(conversation, Group()), at, ["contact:new_plan"])
        note(session, at, user.id, "contact.new_plan", handover_id, Why.CALL_BACK)
        return conversation.id
