"""What can be noticed in free text, and where it was noticed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Signal(StrEnum):
    """A message can raise several. What each one does is a table elsewhere; here it is only noticed."""

    DANGER_NOW = "danger_now"
    """Danger that is happening or about to happen."""
    OVERSEEN = "overseen"
    """Somebody came in, can see or hear, or the person must stop because of somebody."""
    OTHER_PERSON = "other_person"
    """The one who writes is not the applicant."""
    SELF_HARM = "self_harm"
    """Does not want to live, wants to harm or has harmed themselves."""
    CHILD_HARM = "child_harm"
    """A child is harmed, at risk or witnesses violence."""
    EXPOSED = "exposed"
    """The person tells of violence against them, now or before."""
    USES_VIOLENCE = "uses_violence"
    """The person tells of violence of their own."""
    WANTS_HUMAN = "wants_human"
    WANTS_EXIT = "wants_exit"
    NOT_NOW = "not_now"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One rule that fired. `start` and `end` are offsets in the text as it was written; `rule` is `<lang>.<id>`."""

    start: int
    end: int
    signal: Signal
    rule: str
