"""A handover taken for change, and what is written into its conversation: shared by all that a caseworker can do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.caseworker import Caseworker
from casework.conversation import key_of, take
from casework.keys import KeyService
from casework.messages import Body, OutMessage, StoredMessage, keep, numbered
from casework.records import Conversation, Handover, Message, User
from casework.refusals import AlreadyClaimed, NotOpen, UnknownHandover
from casework.requests import HandoverStatus
from safety.content import ContentClass, Sender
from screening.events import HandoverKind


@dataclass(frozen=True)
class Taken:
    """The rows that an act works on, locked in this order: conversation, then handover."""

    conversation: Conversation
    handover: Handover


def take_handover(session: Session, handover_id: str) -> Taken:
    """Raises UnknownHandover."""
    conversation_id = session.scalar(select(Handover.conversation_id).where(Handover.id == handover_id))
    conversation = take(session, conversation_id) if conversation_id else None
    if conversation is None:
        raise UnknownHandover(handover_id)
    return Taken(conversation, session.get_one(Handover, handover_id, with_for_update=True))


def take_mine(session: Session, handover_id: str, user: Caseworker, kind: HandoverKind | None = None) -> Taken:
    """Of this kind, if one is named. Raises UnknownHandover, AlreadyClaimed, NotOpen."""
    taken = take_handover(session, handover_id)
    if kind is not None and taken.handover.kind != kind:
        raise UnknownHandover(handover_id)
    if taken.handover.status != HandoverStatus.CLAIMED or taken.handover.claimed_by != user.id:
        refuse_other(session, taken.handover)
    return taken


def refuse_other(session: Session, handover: Handover) -> None:
    """Say why somebody else's handover is not theirs to work on. Raises AlreadyClaimed, NotOpen."""
    if handover.status == HandoverStatus.CLAIMED and handover.claimed_by is not None:
        raise AlreadyClaimed(session.get_one(User, handover.claimed_by).name)
    raise NotOpen(HandoverStatus(handover.status))


def say_line(
    session: Session, keys: KeyService, conversation: Conversation, say: str, at: datetime, params: dict[str, str]
) -> StoredMessage:
    """A neutral line of the program itself. The words are content: the channel finds them by their key."""
    body: Body = {"say": say, "params": params}
    return append(session, keys, conversation, OutMessage(Sender.ASSISTANT, ContentClass.NEUTRAL, body), at)


def append(
    session: Session, keys: KeyService, conversation: Conversation, message: OutMessage, at: datetime
) -> StoredMessage:
    """Raises NotOpen where the conversation is erased."""
    key = key_of(keys, conversation.id)
    if key is None:
        raise NotOpen(HandoverStatus.CLOSED)
    stored = numbered(conversation, [message], at)
    keep(session, key, conversation.id, stored)
    conversation.last_at = at
    return stored[0]


def first_for_human(session: Session, handover: Handover, claimed_seq: int) -> int:
    """The first message that whoever claims it may read: what the person wrote while waiting for a human.

    Where it was passed on, taken up or not, `claim_seq` stands at the line that told the person so: what was written to the former
    caseworker stays between those two.
    """
    if handover.claim_seq is not None:
        return handover.claim_seq
    written = session.scalar(
        select(func.min(Message.seq)).where(
            Message.conversation_id == handover.conversation_id,
            Message.sender == Sender.PERSON.value,
            Message.at >= handover.requested_at,
        )
    )
    return min(written or claimed_seq, claimed_seq)
