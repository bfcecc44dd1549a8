"""What was ordered lately, and what became of it: counts only."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from casework.records import Outgoing, Records


@dataclass(frozen=True)
class Line:
    """Orders of one kind in one state. `tries` is the most of any, `oldest` a day, `why` a refusal's name."""

    what: str
    status: str
    why: str
    n: int
    tries: int
    oldest: str


def summary(records: Records) -> list[Line]:
    """What needs somebody comes first: the dead, then what waits."""
    with records.reading() as session:
        by = (Outgoing.what, Outgoing.status, Outgoing.refusal)
        query = select(*by, func.count(), func.max(Outgoing.attempts), func.min(Outgoing.created)).group_by(*by)
        lines = [
            Line(what, status, why, n, tries, oldest.date().isoformat())
            for what, status, why, n, tries, oldest in session.execute(query)
        ]
    first = {"dead": 0, "waiting": 1, "sending": 2}
    return sorted(lines, key=lambda line: (first.get(line.status, 3), line.what, line.status, line.why))
