"""A conversation's row: taken for change, its key, its sealed columns."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from sqlalchemy import CursorResult, update
from sqlalchemy.orm import Session

from casework.counters import CountedAs
from casework.keys import BLOCK, KeyService, padded, seal, unseal
from casework.records import Conversation
from casework.turn import Conflict, UnknownConversation

STATE_BLOCK = 2048
"""Bytes. The journey's state grows with it: its length must not tell where somebody is."""


@dataclass(frozen=True)
class Group:
    """What a conversation is counted as beyond its own columns, and its latest instrument. Erased with it."""

    region: str = ""
    sex: str = ""
    age_band: str = ""
    instrument: str = ""
    version: str = ""
    indicated: bool = False
    """A caseworker asked for the questions in the invitation."""


def owner(conversation_id: str) -> str:
    """The name under which a conversation's data key is kept."""
    return f"conversation:{conversation_id}"


def key_of(keys: KeyService, conversation_id: str) -> bytes | None:
    """The data key, or None once the conversation is erased."""
    return keys.find(owner(conversation_id))


def take_unchanged(session: Session, conversation_id: str, version: int) -> Conversation:
    """Take the conversation if nothing happened since `version`. Raises Conflict, UnknownConversation."""
    taken = session.execute(
        update(Conversation)
        .where(Conversation.id == conversation_id, Conversation.version == version)
        .values(version=version + 1)
    )
    conversation = session.get(Conversation, conversation_id)
    if conversation is None:
        raise UnknownConversation(conversation_id)
    assert isinstance(taken, CursorResult)
    if taken.rowcount != 1:
        raise Conflict(conversation_id)
    return conversation


def take(session: Session, conversation_id: str) -> Conversation | None:
    """Take the conversation whatever happened: a turn in flight will get Conflict. None if unknown."""
    session.execute(
        update(Conversation).where(Conversation.id == conversation_id).values(version=Conversation.version + 1)
    )
    return session.get(Conversation, conversation_id, populate_existing=True)


def seal_column(key: bytes, conversation_id: str, what: str, plain: bytes | None) -> bytes | None:
    """`plain` is JSON: it is padded, and opens without what it ended with of spaces."""
    if plain is None:
        return None
    return seal(key, padded(plain, STATE_BLOCK if what == "state" else BLOCK), f"{owner(conversation_id)}:{what}")


def open_column(key: bytes | None, conversation_id: str, what: str, sealed: bytes | None) -> bytes | None:
    """The plain bytes, None if there are none or the key is destroyed. Raises Unreadable."""
    if key is None or sealed is None:
        return None
    return unseal(key, sealed, f"{owner(conversation_id)}:{what}").rstrip(b" ")


def seal_group(key: bytes, conversation_id: str, group: Group) -> bytes | None:
    return seal_column(key, conversation_id, "group", json.dumps(asdict(group)).encode())


def open_group(key: bytes | None, conversation: Conversation) -> Group:
    plain = open_column(key, conversation.id, "group", conversation.group)
    return Group(**json.loads(plain)) if plain else Group()


def counted_as(conversation: Conversation, group: Group) -> CountedAs:
    return CountedAs(
        agency=conversation.agency,
        region=group.region,
        programme=conversation.programme,
        channel=conversation.channel,
        locale=conversation.locale,
        sex=group.sex,
        age_band=group.age_band,
        occasion=conversation.occasion,
    )
