"""Who works at the desk."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Caseworker:
    """A signed-in person. The name is shown to the applicant when a conversation is claimed."""

    id: str
    name: str
    role: str
    offices: frozenset[str] = frozenset()
    """Ids of the offices that the person works for. Empty: all of them."""
