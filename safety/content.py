"""What a message is (content class) and where it goes (channel)."""

from __future__ import annotations

from enum import StrEnum


class ContentClass(StrEnum):
    """How revealing a message is to somebody who reads over a shoulder (promise P2)."""

    NEUTRAL = "neutral"
    """Says nothing about violence. The only class that SMS carries."""
    SENSITIVE = "sensitive"
    """Tells about violence, help or rights. Needs an open gate."""
    QUESTION = "question"
    """An item of an instrument, verbatim. Needs an open gate and a yes to being asked."""


class Channel(StrEnum):
    """Where the person is."""

    WEB = "web"
    SMS = "sms"
    VOICE = "voice"


class Sender(StrEnum):
    """Who wrote a message."""

    ASSISTANT = "assistant"
    HUMAN = "human"
    PERSON = "person"
