"""The one decision whether a message may go out (promise P2). Every channel asks it for the final rendered text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from safety.content import Channel, ContentClass
from safety.gate import Block, Gate, Staleness, why_closed


class Refused(StrEnum):
    """Why a message was held back. Counted, never logged with its text."""

    LEFT = "left"
    """The person has left: nothing goes out any more (P6)."""
    HUMAN_HAS_IT = "human_has_it"
    """A human has the conversation: the assistant is silent (P7)."""
    GATE_CLOSED = "gate_closed"
    NEUTRAL_ONLY_CHANNEL = "neutral_only_channel"
    """SMS carries neutral messages only, whatever the gate says (FACTS: assume a lock screen shows the first line)."""
    SENSITIVE_WORD = "sensitive_word"
    """A message called neutral has a word that is not."""
    UNASKED = "unasked"
    """An item without a yes to being asked (P3)."""


@dataclass(frozen=True)
class Setting:
    """Where and when a message would be read."""

    channel: Channel
    session: str
    gate: Gate
    rules: Staleness
    now: datetime
    left: bool = False
    human_has_it: bool = False
    may_ask: bool = False
    """The person said yes to being asked and has not stopped since."""


def verdict(
    text: str,
    content_class: ContentClass,
    setting: Setting,
    sensitive_words: Callable[[str], Sequence[str]],
    *,
    block: Block = Block.GENERAL,
    from_human: bool = False,
) -> Refused | None:
    """Why this text may not be sent now, or None if it may.

    `sensitive_words` returns the words of `text` that a neutral message must not hold, in any language that is served.
    The order is from the harshest reason to the mildest.
    """
    if setting.left:
        return Refused.LEFT
    if setting.human_has_it and not from_human and content_class is not ContentClass.NEUTRAL:
        return Refused.HUMAN_HAS_IT
    if content_class is ContentClass.NEUTRAL:
        return Refused.SENSITIVE_WORD if sensitive_words(text) else None
    if setting.channel is Channel.SMS:
        return Refused.NEUTRAL_ONLY_CHANNEL
    if why_closed(setting.gate, setting.session, setting.channel, setting.now, setting.rules, block) is not None:
        return Refused.GATE_CLOSED
    if content_class is ContentClass.QUESTION and not setting.may_ask:
        return Refused.UNASKED
    return None
