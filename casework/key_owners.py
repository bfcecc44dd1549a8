"""Whose keys there are: every owner that a row names, and what a table seals under it."""

from __future__ import annotations

from sqlalchemy import select

from casework.contact.orders import order_owner
from casework.conversation import owner
from casework.counting import batch_owner
from casework.follow_ups import follow_up_owner
from casework.invitations import invitation_owner
from casework.records import (
    Base,
    Conversation,
    Counted,
    CountingBatch,
    FollowUp,
    Handover,
    Invitation,
    Message,
    Outgoing,
    Records,
)
from casework.requests import handover_owner, sealed

TABLES: tuple[type[Base], ...] = (Conversation, Message, Handover, Outgoing, Invitation, FollowUp, Counted)
"""Every table with sealed columns is here: a test says so, for `named` must know the owners of all."""


def named(records: Records) -> set[str]:
    """The owners of all that is sealed and not over. A key of anybody else opens nothing here."""
    with records.reading() as session:
        conversations = session.scalars(select(Conversation.id).where(Conversation.erased.is_(False)))
        owners = {owner(row) for row in conversations}
        owners |= {handover_owner(row) for row in session.scalars(select(Handover.id).where(sealed()))}
        orders = session.scalars(select(Outgoing.id).where(Outgoing.order.is_not(None)))
        owners |= {order_owner(row) for row in orders}
        invitations = session.scalars(select(Invitation.id).where(Invitation.claims.is_not(None)))
        owners |= {invitation_owner(row) for row in invitations}
        owners |= {follow_up_owner(row) for row in session.scalars(select(FollowUp.id))}
        owners |= {batch_owner(row) for row in session.scalars(select(CountingBatch.name))}
    return owners
