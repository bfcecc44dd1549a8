"""What a way out is. docs/adapters.md tells how to write one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from casework.errands import Never, NotNow

__all__ = ["Never", "News", "NotNow", "Wants", "Way", "What"]


class What(StrEnum):
    """What happened to a request for a human. `waiting` is always told before the others."""

    WAITING = "handover.waiting"
    CLAIMED = "handover.claimed"
    CLOSED = "handover.closed"
    CANCELLED = "handover.cancelled"
    """The person does not wait any more."""
    LEFT = "handover.left"
    """The person used the exit: do not contact."""


@dataclass(frozen=True)
class News:
    """All that a way out gets to know. `id` is the same each time that the same news is told."""

    id: str
    what: What
    handover_id: str
    kind: str
    """`chat` or `contact`."""
    at: datetime
    office: str = ""
    """Whose it is: the agency's own id of an office. Empty where any office may take it."""
    reference: str = ""
    """What this way out answered when it was told that the person waits."""


class Way(Protocol):
    """One way out. Called on a thread of its own, with one piece of news at a time; the same may come more than once."""

    name: str
    """At most 20 characters, the same for ever: what waits is kept under it."""
    wants: frozenset[What]

    def tell(self, news: News) -> str:
        """Tell it. Returns what the other system calls it, or nothing. Raises NotNow, Never of `casework.errands`."""


Wants = Mapping[str, frozenset[What]]
"""Which way out wants to know what."""
