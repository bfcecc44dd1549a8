"""Quick replies: reviewed sentences that a caseworker can send with one press, each with its content class."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from pydantic import Field

from safety.content import ContentClass
from screening.catalogue.document import Document
from screening.catalogue.duty import Strict


class QuickReply(Strict):
    """The person gets `text` in their language; the caseworker sees the Swedish beside it."""

    id: str = Field(pattern=r"^[a-z_]+$")
    text: str = Field(min_length=2, max_length=600)
    content_class: Literal["neutral", "sensitive"] = Field(alias="class")

    @property
    def is_neutral(self) -> bool:
        return self.content_class == ContentClass.NEUTRAL.value


class QuickReplies(Strict):
    replies: tuple[QuickReply, ...] = Field(min_length=1)


def read_quick_replies(document: Document, sensitive_words: Callable[[str], Sequence[str]]) -> dict[str, QuickReply]:
    """By id. A neutral one must hold no sensitive word."""
    table = document.read(QuickReplies)
    found: dict[str, QuickReply] = {}
    for index, reply in enumerate(table.replies if table else ()):
        if reply.id in found:
            document.faults.append(
                document.fault("two replies have the same id", "replies", index, "id", code="same_id")
            )
        if reply.is_neutral and (words := sensitive_words(reply.text)):
            said, listed = f"is neutral but says {', '.join(words)}", ", ".join(words)
            document.faults.append(document.fault(said, "replies", index, "text", code="sensitive", words=listed))
        found[reply.id] = reply
    return found
