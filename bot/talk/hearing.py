"""What a person did, cleaned of what could do harm, before anything looks at it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

MAX_CHARACTERS = 1600
"""Longest text that is taken. Rasa's classifier runs in the event loop: 100 kB stops everybody for half a second."""


@dataclass(frozen=True)
class Heard:
    """One input. Either `text` or `choice`."""

    text: str | None = field(default=None, repr=False)
    choice: str | None = None
    reply_to: str | None = None
    """Id of the message that was on the screen; an answer to an older one is not taken."""
    key: str | None = None
    """Same key, same answer: a retry does not become a second answer."""


class TooLong(ValueError):
    """More than `MAX_CHARACTERS`."""


class Unreadable(ValueError):
    """Nothing that could be read is left."""


def clean(text: str) -> str:
    """NFC, without control and format characters (zero-width, direction overrides), without leading slashes.

    A leading slash is a command to Rasa (`/restart` would undo a take-over). Raises TooLong, Unreadable.
    """
    if len(text) > MAX_CHARACTERS:
        raise TooLong
    kept = "".join(
        " " if character in "\n\t" else character
        for character in unicodedata.normalize("NFC", text)
        if character in "\n\t" or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    )
    cleaned = kept.strip().lstrip("/").strip()
    if not cleaned:
        raise Unreadable
    return cleaned
