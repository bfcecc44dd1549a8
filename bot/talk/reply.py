"""What a channel gets to show, and what it cannot have."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from safety.content import ContentClass, Sender
from safety.gate import Block


@dataclass(frozen=True)
class Choice:
    """Something to tap. `id` is the same in every language; `everywhere` ones are open at every step."""

    id: str
    label: str
    everywhere: bool = False


@dataclass(frozen=True)
class Message:
    """One message that passed the outlet. `part` says what it is: progress, item, intro, note, card, support, private or empty."""

    id: str
    text: str = field(repr=False)
    content_class: ContentClass
    sender: Sender = Sender.ASSISTANT
    part: str = ""
    title: str = field(default="", repr=False)
    block: Block = Block.GENERAL
    seq: int = 0
    """Its number in the conversation; 0 for what is not kept."""

    def public(self, choices: tuple[Choice, ...] = ()) -> dict[str, Any]:
        """The message as the conversation API gives it."""
        return {
            "id": self.id,
            "text": self.text,
            "class": self.content_class.value,
            "sender": self.sender.value,
            "part": self.part,
            "title": self.title,
            "choices": [{"id": c.id, "label": c.label, "everywhere": c.everywhere} for c in choices],
        }


@dataclass(frozen=True)
class Reply:
    """What is on the screen after a turn or a look."""

    messages: tuple[Message, ...]
    choices: tuple[Choice, ...]
    stage: str
    gate: str
    handover: str
    expects: str = "choice"
    """`choice`, `text` (a number, a word, a message to a human) or `none`."""
    ended: bool = False
    left: bool = False
    idle_seconds: int | None = None
    """How long the screen may show this without a sign of life. None while nothing sensitive or private is shown."""
    last_seq: int = 0
    offline_help: tuple[str, ...] = field(default=(), repr=False)
    """The short help list, for a page that loses the server (P12). Empty unless it may be shown now."""
    locale: str = ""
    step: str = ""
    """Where in the journey this is, for channels that need to know what kind of answer is waited for."""
    has_word: bool = False
    """Whether the person chose a word to come back by. For the channel alone: nothing on a screen may tell."""

    @property
    def state(self) -> dict[str, str]:
        return {"stage": self.stage, "gate": self.gate, "handover": self.handover}

    def public(self) -> dict[str, Any]:
        """The reply as the conversation API gives it. The choices belong to the last message."""
        last = len(self.messages) - 1
        return {
            "messages": [m.public(self.choices if i == last else ()) for i, m in enumerate(self.messages)],
            "state": self.state,
        }


class Refusal(StrEnum):
    """Why an input was not taken. Each has a calm sentence in the content, `errors.<value>`."""

    FAILED = "failed"
    BUSY = "busy"
    TOO_LONG = "too_long"
    UNREADABLE = "unreadable"
    WRONG_TYPE = "wrong_type"
    """Of content: a body that is not JSON where that is what is taken."""
    UNKNOWN = "unknown"
    WRONG_TOKEN = "wrong_token"
    ENDED = "ended"
    TOO_MANY = "too_many"
    NO_SUCH_CODE = "no_such_code"
    INVITATION = "invitation"


class NotTaken(Exception):
    """The input left no trace; what was pending still is."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal
