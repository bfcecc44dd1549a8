"""Who did what: reads and writes alike, as a hash chain without content (promise P9).

An entry's hash is SHA-256 over the hash before it and the entry as canonical JSON. An edit, a removal or a cut-off
end breaks the chain at that place. It does not stop somebody who can rewrite the whole table: export the tip to be
sure of that.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.records import AuditEntry, AuditTip, Records

START = "0" * 64


def note(session: Session, at: datetime, who: str, what: str, about: str = "") -> None:
    """Add an entry in the caller's transaction. `who` and `about` are opaque ids, `what` a fixed word."""
    tip = session.get_one(AuditTip, 1, with_for_update=True, populate_existing=True)
    seq = tip.seq + 1
    entry = AuditEntry(seq=seq, at=at, who=who, what=what, about=about, hash=_hash(tip.hash, seq, at, who, what, about))
    session.add(entry)
    tip.seq, tip.hash = seq, entry.hash
    session.flush()


def first_break(records: Records) -> int | None:
    """The number of the first entry that is not as it was written, or None if all are."""
    with records.reading() as session:
        before, expected = START, 1
        for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.seq)).yield_per(500):
            right = _hash(before, entry.seq, entry.at, entry.who, entry.what, entry.about)
            if entry.seq != expected or entry.hash != right:
                return expected
            before, expected = entry.hash, expected + 1
        tip = session.get(AuditTip, 1)
        whole = tip is not None and tip.hash == before
    return None if whole else expected


def _hash(before: str, seq: int, at: datetime, who: str, what: str, about: str) -> str:
    entry = {"seq": seq, "at": at.astimezone(UTC).isoformat(), "who": who, "what": what, "about": about}
    return sha256((before + json.dumps(entry, sort_keys=True, separators=(",", ":"))).encode()).hexdigest()
