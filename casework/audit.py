"""Who did what, and why: reads and writes alike, as a chain without content (promise P9).

An entry's mark is HMAC-SHA-256 over the mark before it and the entry as canonical JSON, under a lasting key of the key
service, which is never in the database. Whoever has only the database cannot make a mark: an edit, a
removal, an insertion or a change of order breaks the chain at that place. The table refuses UPDATE and DELETE besides.

Cutting off the end and putting the tip back where it was leaves a shorter chain that is whole. Only a tip that is kept
somewhere else shows it: see `compare`.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.records import AuditEntry, AuditTip, Records
from casework.records.database import AUDIT_KEY

START = "0" * 64
TRIMMED = "audit.trimmed"
OPERATOR = "operator"
"""Who did it, where that was a command and not somebody at the desk."""
CARRIER = "carrier"
"""Who said so, where it is what became of a call: the carrier's news, or the keys that were pressed in it."""
AGENCY = "agency"
"""Who did it, where that was the agency's own system with a signed request."""


class Why(StrEnum):
    """Why somebody opened or did something. It follows from what they did: nobody is asked."""

    DUTY = "duty"
    """Part of the work: looking through the queue, keeping the records in order."""
    CLAIMED = "claimed"
    """Has the chat."""
    CALL_BACK = "call_back"
    """Makes a contact that was agreed."""
    FOLLOW_UP = "follow_up"
    ACCESS_REQUEST = "access_request"
    """Somebody asked what is kept."""
    INVITATION = "invitation"
    """Invites somebody, or takes that back."""
    ASKED = "asked"
    """The person asked for it."""


class Comparison(StrEnum):
    """What a tip that was kept elsewhere says about the chain."""

    SAME = "same"
    """The entry is there as it was."""
    CUT = "cut"
    """The entry is gone: the end was cut off, or these are other records."""
    DIFFERENT = "different"
    """There is another entry in its place."""
    TOO_OLD = "too_old"
    """The entry was trimmed by the rule for how long the trail is kept."""


@dataclass(frozen=True)
class Tip:
    """The newest entry: its number and mark."""

    seq: int
    mark: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.mark}"


def note(session: Session, at: datetime, who: str, what: str, about: str = "", why: Why = Why.DUTY) -> None:
    """Add an entry in the caller's transaction. `who` and `about` are opaque ids, `what` a fixed word."""
    tip = session.get_one(AuditTip, 1, with_for_update=True, populate_existing=True)
    entry = AuditEntry(seq=tip.seq + 1, at=at, who=who, what=what, about=about, why=why.value, hash="")
    entry.hash = _mark(session.info[AUDIT_KEY](), tip.hash, entry)
    session.add(entry)
    tip.seq, tip.hash = entry.seq, entry.hash
    session.flush()


def first_break(records: Records) -> int | None:
    """The number of the first entry that is not as it was written, or None if all are."""
    with records.reading() as session:
        tip = session.get(AuditTip, 1)
        if tip is None:
            return 1
        before, expected, trimmed = tip.from_hash, tip.from_seq + 1, ""
        for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.seq)).yield_per(500):
            right = _mark(records.audit_key, before, entry)
            if entry.seq != expected or not hmac.compare_digest(entry.hash.encode(), right.encode()):
                return min(expected, entry.seq)
            if entry.what == TRIMMED:
                trimmed = entry.about
            before, expected = entry.hash, expected + 1
        # What was trimmed is vouched for by an entry of the chain: nobody can move the beginning without the key.
        if trimmed != (str(tip.from_seq) if tip.from_seq else ""):
            return tip.from_seq + 1
        return None if (tip.seq, tip.hash) == (expected - 1, before) else expected


def tip(records: Records) -> Tip:
    with records.reading() as session:
        row = session.get_one(AuditTip, 1)
        return Tip(row.seq, row.hash)


def compare(records: Records, kept: Tip) -> Comparison:
    """Hold a tip that was kept elsewhere against the chain. Verify the chain itself first (`first_break`)."""
    with records.reading() as session:
        row = session.get_one(AuditTip, 1)
        if kept.seq < row.from_seq:
            return Comparison.TOO_OLD
        if kept.seq == row.from_seq:
            mark: str | None = row.from_hash
        else:
            mark = session.scalar(select(AuditEntry.hash).where(AuditEntry.seq == kept.seq))
    if mark is None:
        return Comparison.CUT
    return Comparison.SAME if hmac.compare_digest(mark.encode(), kept.mark.encode()) else Comparison.DIFFERENT


def entries(records: Records) -> Iterator[dict[str, Any]]:
    """Every entry, oldest first, for an export."""
    with records.reading() as session:
        for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.seq)).yield_per(500):
            yield {**_told(entry), "mark": entry.hash}


def _told(entry: AuditEntry) -> dict[str, Any]:
    at = entry.at.astimezone(UTC).isoformat()
    return {
        "seq": entry.seq,
        "at": at,
        "who": entry.who,
        "what": entry.what,
        "about": entry.about,
        "why": entry.why,
    }


def _mark(key: bytes, before: str, entry: AuditEntry) -> str:
    canonical = json.dumps(_told(entry), sort_keys=True, separators=(",", ":"))
    return hmac.new(key, (before + canonical).encode(), sha256).hexdigest()
