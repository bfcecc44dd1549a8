"""What has been done in a handover, by the checklists: ticks, sealed with the handover, and anonymous counters when it closes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.orm import Session

from casework.conversation import counted_as, key_of, open_group
from casework.counters import count
from casework.data_keys import make_key
from casework.keys import KeyService, Unreadable, padded, seal, unseal
from casework.records import Conversation, Handover
from casework.requests import HandoverStatus, finish, handover_owner
from screening.catalogue.checklists import Checklist


@dataclass(frozen=True)
class Work:
    """Ticks by checklist and step, and since when a duty to report has been known."""

    done: dict[str, tuple[str, ...]] = field(default_factory=dict)
    counts: tuple[str, ...] = ()
    """What will be counted when the handover closes: `referred`, `reported`, `adapted`, `declined_help`."""
    learnt_at: datetime | None = None
    reported: bool = False

    @property
    def report_is_due(self) -> bool:
        return self.learnt_at is not None and not self.reported


def read_work(keys: KeyService, row: Handover) -> Work:
    """Raises Unreadable."""
    key = keys.find(handover_owner(row.id)) if row.work else None
    if row.work is None or key is None:
        return Work()
    kept = json.loads(unseal(key, row.work, _place(row.id)))
    learnt = datetime.fromisoformat(kept["learnt_at"]) if kept["learnt_at"] else None
    done = {name: tuple(steps) for name, steps in kept["done"].items()}
    return Work(done, tuple(kept["counts"]), learnt, kept["reported"])


def count_work(session: Session, keys: KeyService, conversation: Conversation, row: Handover, at: datetime) -> None:
    """Count what was done, once, in the transaction that closes the handover."""
    try:
        work = read_work(keys, row)
        group = open_group(key_of(keys, conversation.id), conversation)
    except Unreadable:
        return
    if work.counts:
        count(session, counted_as(conversation, group), at, [f"action:{what}" for what in work.counts])


@dataclass(frozen=True)
class DueReport:
    """The work on a request with a report that is not made, and who is to be reminded of it."""

    handover_id: str
    work: Work
    by: str | None


def report_of(keys: KeyService, rows: Sequence[Handover]) -> DueReport | None:
    """The report that is due in one of these, if there is any."""
    for row in rows:
        try:
            work = read_work(keys, row)
        except Unreadable:
            continue
        if work.report_is_due:
            return DueReport(row.id, work, row.claimed_by or row.meant_for)
    return None


def keep_report(session: Session, keys: KeyService, row: Handover, due: DueReport) -> None:
    """The work goes on in the request that took the place of the one it was done in, and the clock with it."""
    keep_work(session, keys, row, due.work)
    row.meant_for = due.by


def keep_work(session: Session, keys: KeyService, row: Handover, work: Work) -> None:
    """Seal what is done with the handover. The caller has locked the row."""
    key = keys.find(handover_owner(row.id)) or make_key(session, keys, handover_owner(row.id))
    row.work = seal(key, _bytes(work), _place(row.id))


def finish_counted(
    session: Session,
    keys: KeyService,
    conversation: Conversation,
    row: Handover,
    status: HandoverStatus,
    at: datetime,
    *,
    note: str = "",
) -> None:
    """Count what was done, and close for good."""
    count_work(session, keys, conversation, row, at)
    finish(session, row, status, at, note=note)


def counted_by(work: Work, checklist: Checklist, known: tuple[str, ...]) -> tuple[str, ...]:
    """What will be counted, with these steps of a checklist done."""
    others = tuple(what for what in work.counts if what not in checklist.counts)
    counted = {step.counts for step in checklist.steps if step.counts and step.id in known}
    return (*others, *sorted(counted))


def ticked(work: Work, checklist: Checklist, steps: frozenset[str], at: datetime) -> Work:
    """The work with these steps of a checklist done, and no others of it."""
    known = tuple(step.id for step in checklist.steps if step.id in steps)
    ticked = replace(work, done={**work.done, checklist.id: known}, counts=counted_by(work, checklist, known))
    if checklist.report is None:
        return ticked
    learnt = (work.learnt_at or at) if checklist.report.starts_with in known else None
    return replace(ticked, learnt_at=learnt, reported=checklist.report.ends_with in known)


def _bytes(work: Work) -> bytes:
    learnt = work.learnt_at.isoformat() if work.learnt_at else ""
    kept = {"done": work.done, "counts": work.counts, "learnt_at": learnt, "reported": work.reported}
    return padded(json.dumps(kept).encode())


def _place(handover_id: str) -> str:
    return f"{handover_owner(handover_id)}:work"
