"""One turn of a conversation: what was there when it began, and what it leaves behind."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256

from casework.messages import OutMessage, StoredMessage
from casework.requests import HandoverView
from screening.events import Event, Outcome
from screening.kept_now import KeptNow


class UnknownConversation(Exception):
    """No conversation has this id."""


class Conflict(Exception):
    """The conversation changed since the turn began: a caseworker acted or another turn won. Nothing was written."""


class AlreadyEnded(Exception):
    """The conversation is erased: nothing can be added to it."""


@dataclass
class Turn:
    """Filled by the caller, then given to `Intake.commit`. Everything above the line is as it was at the beginning."""

    id: str
    version: int
    agency: str
    programme: str
    channel: str
    locale: str
    occasion: int
    ended: bool
    """Closed for good. A conversation whose journey is over but whose chat is still open has not ended."""
    outcome: Outcome | None
    handover: HandoverView | None
    """The newest one that is waiting or claimed."""
    last_seq: int
    last_id: str
    """Of the newest message. Empty before there is one."""
    receipt: Callable[[str], list[StoredMessage] | None] = field(repr=False)
    """What was answered under a key before, or None if the key is new."""
    kept: Callable[[], KeptNow] = field(repr=False)
    """What there is about the conversation now, and who opened it."""

    state: bytes | None = field(repr=False)
    snapshot: bytes | None = field(repr=False)
    region: str = ""
    indicated: bool = False
    office: str = ""
    events: list[Event] = field(default_factory=list, repr=False)
    messages: list[OutMessage] = field(default_factory=list, repr=False)
    receipt_key: str | None = None
    new_token: str | None = field(default=None, repr=False)
    """Takes the place of the person's token: whoever has the old one is out."""
    token_hash: str = field(default="", repr=False)
    """Of the person's token as the turn began. Empty after the exit: nothing opens it."""

    def is_opened_by(self, token: str) -> bool:
        """Whether this is the person's token."""
        return opens(token, self.token_hash)


def hash_of(token: str) -> str:
    """What is kept of a token. It has 256 random bits, so that a plain hash is enough."""
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def opens(token: str, kept: str) -> bool:
    """Whether the token is the one whose hash was kept."""
    return hmac.compare_digest(kept.encode(), hash_of(token).encode())
