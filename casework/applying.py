"""What happened, made into records and counters, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from casework.audit import Why, note
from casework.closing import close, closing_with, settle
from casework.coming_back import remember
from casework.conversation import Group, counted_as, key_of, open_group, seal_group
from casework.counters import count, names
from casework.duties import follow_request
from casework.erasure_receipt import receipt_mark
from casework.keys import KeyService, Unreadable
from casework.records import Conversation
from casework.requests import HandoverStatus, newest_open, replaced_by, request
from casework.work import count_work, finish_counted, keep_report, report_of
from screening.events import (
    CodeChosen,
    Ended,
    Erased,
    Event,
    HandoverCancelled,
    HandoverRequested,
    Paused,
    RunEnded,
    StageReached,
)


def apply(
    session: Session, keys: KeyService, conversation: Conversation, events: Iterable[Event], at: datetime
) -> None:
    """Append events to a conversation that the caller has taken. May erase it (see `closing`)."""
    key, group = _opened(keys, conversation)
    as_ = counted_as(conversation, group)
    whats: list[str] = []
    for event in events:
        whats += names(event)
        match event:
            case StageReached(stage):
                conversation.stage = stage.value
            case RunEnded(instrument, version):
                group = replace(group, instrument=instrument, version=version)
                if key is not None:
                    conversation.group = seal_group(key, conversation.id, group)
            case HandoverRequested():
                conversation.urgent = conversation.urgent or event.urgent
                instrument_of = (event.instrument or group.instrument, event.version or group.version)
                replaced = replaced_by(session, conversation.id, event)
                due = report_of(keys, replaced)
                for handover in replaced:
                    if due is None or handover.id != due.handover_id:
                        count_work(session, keys, conversation, handover, at)
                new = request(session, keys, conversation.id, event, instrument=instrument_of, at=at)
                if new is not None and due is not None:
                    keep_report(session, keys, new, due)
                    follow_request(session, due.handover_id, new.id)
            case HandoverCancelled():
                _cancel(session, keys, conversation, at)
            case CodeChosen(word, digits, hours):
                remember(session, keys, conversation.id, word, digits, hours, at)
            case Paused():
                conversation.token_hash = ""
            case Erased(receipt):
                note(session, at, "", "conversation.erased", about=receipt_mark(receipt), why=Why.ASKED)
            case Ended(outcome):
                for handover in closing_with(session, conversation, outcome):
                    count_work(session, keys, conversation, handover, at)
                if close(session, conversation, outcome, at):
                    whats.append(f"outcome:{outcome}")
    settle(session, conversation, at)
    count(session, as_, at, whats)


def _opened(keys: KeyService, conversation: Conversation) -> tuple[bytes | None, Group]:
    """What does not open any more must still be able to end: it is counted without its group."""
    try:
        key = key_of(keys, conversation.id)
        return key, open_group(key, conversation)
    except Unreadable:
        return None, Group()


def _cancel(session: Session, keys: KeyService, conversation: Conversation, at: datetime) -> None:
    handover = newest_open(session, conversation.id)
    if handover is not None:
        handover.close_seq = conversation.last_seq
        finish_counted(session, keys, conversation, handover, HandoverStatus.CANCELLED, at)
