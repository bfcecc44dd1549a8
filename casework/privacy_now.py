"""How private the chat is right now, as the desk shows it: what the person last said about being alone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Privacy(StrEnum):
    """Each has a sentence in the desk's content, `privacy.<value>`."""

    CONFIRMED = "confirmed"
    """The person said so, and it still holds: what is written is shown at once."""
    STALE = "stale"
    """Said too long ago: what is written waits until the person says so again."""
    NOT_PRIVATE = "not_private"
    """The person said that somebody can see, or something suggests it."""
    COVERED = "covered"
    """The person has changed the subject: nothing from the desk shows."""
    UNKNOWN = "unknown"
    """Nothing was said, or the conversation is over."""


@dataclass(frozen=True)
class PrivacyNow:
    privacy: Privacy = Privacy.UNKNOWN
    minutes: int = 0
    """Since the person last said that they are alone; 0 where they have not."""

    @property
    def is_open(self) -> bool:
        """Whether what is sensitive may be shown to the person at once."""
        return self.privacy is Privacy.CONFIRMED
