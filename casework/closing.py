"""How a conversation closes: its outcome, its handovers, its erasure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from casework.coming_back import forget
from casework.conversation import owner
from casework.data_keys import destroy_key
from casework.records import Conversation, Handover, Message, PhoneCall, Receipt, by_the_hour
from casework.requests import HandoverStatus, all_open, finish, open_chat
from screening.events import Outcome


def close(session: Session, conversation: Conversation, outcome: Outcome, at: datetime) -> bool:
    """End the journey. Returns whether the outcome was recorded now (it is counted once).

    A waiting or claimed chat keeps the conversation readable until the chat is over. Using the exit does not wait:
    everything is erased at once and nobody may make contact (promise P6). Nor does asking for everything to be erased,
    nor a chat in which somebody else writes.
    """
    first = conversation.outcome is None
    if first:
        conversation.outcome = outcome.value
    if outcome is Outcome.LEFT:
        conversation.do_not_contact = True
        conversation.token_hash = ""
        for handover in all_open(session, conversation.id):
            finish(session, handover, HandoverStatus.LEFT, at)
    if outcome is Outcome.ERASED:
        conversation.do_not_contact = True
        conversation.token_hash = ""
        for handover in all_open(session, conversation.id):
            finish(session, handover, HandoverStatus.CANCELLED, at, note="erased")
    if outcome is Outcome.OTHER_PERSON and (chat := open_chat(session, conversation.id)) is not None:
        claimed = chat.status == HandoverStatus.CLAIMED
        status = HandoverStatus.CLOSED if claimed else HandoverStatus.CANCELLED
        finish(session, chat, status, at, note="other_person")
    settle(session, conversation, at)
    return first


def closing_with(session: Session, conversation: Conversation, outcome: Outcome) -> Sequence[Handover]:
    """The handovers that `close` is about to close."""
    if outcome in (Outcome.LEFT, Outcome.ERASED):
        return all_open(session, conversation.id)
    chat = open_chat(session, conversation.id) if outcome is Outcome.OTHER_PERSON else None
    return [] if chat is None else [chat]


def settle(session: Session, conversation: Conversation, at: datetime) -> None:
    """Erase a conversation whose journey is over and whose chat, if any, is over too."""
    if conversation.outcome is None or conversation.erased or open_chat(session, conversation.id):
        return
    erase(session, conversation, at)


def erase(session: Session, conversation: Conversation, at: datetime) -> None:
    """Crypto-erase: the content goes, and the key that could open a copy of it."""
    session.execute(delete(Message).where(Message.conversation_id == conversation.id))
    session.execute(delete(Receipt).where(Receipt.conversation_id == conversation.id))
    forget(session, conversation.id)
    # The call's row stays for what the carrier sends again, and does not say any more what it was about.
    of_it = PhoneCall.conversation_id == conversation.id
    session.execute(update(PhoneCall).where(of_it).values(conversation_id=None, over=True))
    destroy_key(session, owner(conversation.id))
    conversation.state = None
    conversation.snapshot = None
    conversation.group = None
    conversation.ended_hour = conversation.ended_hour or by_the_hour(at)
    conversation.last_at = by_the_hour(conversation.last_at)
    conversation.erased = True
