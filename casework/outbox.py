"""The outbox: everything that was to go out lately, to people and to other systems, and what became of it. Counts only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CursorResult, func, literal, select, update

from casework.audit import OPERATOR, note
from casework.errands import DEAD, WAITING
from casework.records import Notice, Outgoing, Records


@dataclass(frozen=True)
class Line:
    """Errands of one kind in one state. `tries` is the most of any, `oldest` a day, `why` a refusal's name.

    `what` is that of an order, or `news/` and the way out.
    """

    what: str
    status: str
    why: str
    n: int
    tries: int
    oldest: str


def summary(records: Records) -> list[Line]:
    """What needs somebody comes first: the dead, then what waits."""
    orders = (Outgoing.what, Outgoing.status, Outgoing.refusal, func.max(Outgoing.tries), func.min(Outgoing.created))
    news = ("news/" + Notice.way, Notice.status, literal(""), func.max(Notice.tries), func.min(Notice.at))
    lines: list[Line] = []
    with records.reading() as session:
        for columns, by in ((orders, orders[:3]), (news, (Notice.way, Notice.status))):
            for what, status, why, tries, oldest, n in session.execute(select(*columns, func.count()).group_by(*by)):
                lines.append(Line(what, status, why, n, tries, oldest.date().isoformat()))
    first = {DEAD: 0, WAITING: 1, Outgoing.under_way: 2, Notice.under_way: 2}
    return sorted(lines, key=lambda line: (first.get(line.status, 3), line.what, line.status, line.why))


def again(records: Records, at: datetime) -> int:
    """Tell dead news once more, from the beginning. Returns how much that is.

    What was to reach a person stays dead: nobody knows whether it came, and its words are gone.
    """
    with records.session() as session:
        dead = update(Notice).where(Notice.status == DEAD)
        done = session.execute(dead.values(status=WAITING, tries=0, next_at=at))
        note(session, at, OPERATOR, "out.again")
        assert isinstance(done, CursorResult)
        return done.rowcount
