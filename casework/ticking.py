"""Ticking what is done in a handover. A duty to report that is learnt stays when the handover closes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from casework.audit import Why, note
from casework.caseworker import Caseworker
from casework.duties import follow_work, remember_closed
from casework.keys import Unreadable
from casework.records import Handover, Records
from casework.taking import take_mine
from casework.work import Work, keep_work, read_work, ticked
from screening.catalogue.checklists import Checklist


class Ticking:
    """`now` gives aware times."""

    def __init__(self, records: Records, now: Callable[[], datetime]) -> None:
        self._records = records
        self._now = now

    def work(self, handover_id: str) -> Work:
        """What is ticked. Nothing once the handover is closed."""
        with self._records.reading() as session:
            row = session.get(Handover, handover_id)
            try:
                return read_work(self._records.keys, row) if row is not None else Work()
            except Unreadable:
                return Work()

    def tick(self, handover_id: str, user: Caseworker, checklist: Checklist, steps: frozenset[str]) -> Work:
        """These steps of a checklist are done, and no others of it. Raises UnknownHandover, AlreadyClaimed, NotOpen."""
        at, keys = self._now(), self._records.keys
        with self._records.session() as session:
            taken = take_mine(session, handover_id, user)
            row, before = taken.handover, read_work(keys, taken.handover)
            work = ticked(before, checklist, steps, at)
            keep_work(session, keys, row, work)
            closed = follow_work(session, row, taken.conversation.office, user, checklist, before, work)
            note(session, at, user.id, "checklist.ticked", handover_id, Why.CLAIMED)
        remember_closed(keys, closed)
        return work
