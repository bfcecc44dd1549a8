"""How an attempt to make contact went."""

from __future__ import annotations

from enum import StrEnum


class ContactNote(StrEnum):
    """How an attempt to make contact went."""

    REACHED = "reached"
    NOT_REACHED = "not_reached"
    """The request stays with the caseworker until its plan ends."""
    NOT_ALONE = "not_alone"
    """The person answered but could not talk. The request stays, as above."""
    WRONG_PERSON = "wrong_person"
    """Somebody else answered. Nobody tries again: the number is not safe."""
    NOT_SAFE = "not_safe"
    """It was not safe. Nobody tries again."""


TRY_AGAIN = frozenset({ContactNote.NOT_REACHED, ContactNote.NOT_ALONE})
NEVER_AGAIN = frozenset({ContactNote.WRONG_PERSON, ContactNote.NOT_SAFE})
