"""Figures that cannot be tied to a conversation, not even by the log of the database.

A turn counts in its own transaction, so that it is counted exactly once; whoever has the database's log could read off
there what was answered in which conversation. So a count is sealed, under the key of a batch. Every minute a batch is
closed: its counts are added up, what is enough is added to the figures, the rest is sealed as one sum under a new key,
and the old key is destroyed. In the log, in a copy, and in the order of rows there are then sealed counts that nothing
opens, and sums of `ENOUGH` conversations or more.

Enough is judged for what a conversation's own row shows: month, agency, programme, channel, locale and occasion. What
is never enough stays sealed, and is in `figures` all the same.
"""

from __future__ import annotations

import json
import logging
import secrets
from collections import Counter as Tally
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from casework.data_keys import destroy_key, make_key
from casework.keys import KeyService, KeyTaken, Unreadable, padded, seal, unseal
from casework.records import Counted, Counter, CountingBatch, Records
from casework.records.database import KEYS

log = logging.getLogger("enrum.counting")
ENOUGH = 10
"""Conversations of one kind, before their figures are written where they can be read."""
BLOCK = 1024
REST = "rest"
"""Id of the one row that holds what was left over."""


@dataclass(frozen=True)
class CountedAs:
    """The dimensions of a conversation's counters. Unknown is an empty string."""

    agency: str
    region: str
    programme: str
    channel: str
    locale: str
    sex: str
    age_band: str
    occasion: int


@dataclass(frozen=True)
class Figure:
    """What one number counts. `month` is `2026-11`."""

    month: str
    as_: CountedAs
    what: str

    @property
    def shown(self) -> tuple[str, str, str, str, str, int]:
        """What the row of a conversation that is counted here shows as well."""
        of = self.as_
        return self.month, of.agency, of.programme, of.channel, of.locale, of.occasion


Figures = Tally[Figure]


def set_aside(session: Session, counts: Mapping[Figure, int]) -> None:
    """Count, sealed, in the caller's transaction."""
    if not counts:
        return
    # Shared by those who count, and waited for by the one who closes the batch.
    name = session.scalar(select(CountingBatch.name).where(CountingBatch.id == 1).with_for_update(read=True))
    key = _key(session.info[KEYS], batch_owner(name or ""))
    row_id = secrets.token_urlsafe(16)
    session.add(Counted(id=row_id, counts=_sealed(key, row_id, counts)))


def close_batch(records: Records) -> int:
    """Add up what was counted since the last time. Returns how many counts there were."""
    with records.session() as session:
        batch = session.get_one(CountingBatch, 1, with_for_update=True, populate_existing=True)
        rows = [(row_id, counts) for row_id, counts in session.execute(select(Counted.id, Counted.counts))]
        fresh: int = sum(row_id != REST for row_id, _ in rows)
        old = records.keys.find(batch_owner(batch.name)) if rows else None
        if not rows or (not fresh and old is not None):
            return 0
        together = _opened(old, rows)
        enough = _enough(together)
        _add(session, enough)
        session.execute(delete(Counted))
        destroy_key(session, batch_owner(batch.name))
        batch.name = secrets.token_urlsafe(16)
        key = make_key(session, records.keys, batch_owner(batch.name))
        if rest := together - enough:
            session.add(Counted(id=REST, counts=_sealed(key, REST, rest)))
        return fresh


def figures(records: Records) -> Figures:
    """Every figure, with what is not among the readable ones yet. Only sums leave: there is nothing to search by."""
    for last in (False, True):
        with records.reading() as session:
            name = session.scalar(select(CountingBatch.name).where(CountingBatch.id == 1))
            rows = [(row_id, counts) for row_id, counts in session.execute(select(Counted.id, Counted.counts))]
            known = Tally({_figure(row): row.n for row in session.scalars(select(Counter))})
        key = records.keys.find(batch_owner(name or "")) if rows else None
        # Without a key the batch was closed in between: look again.
        if key is not None or not rows or last:
            break
    return known + _opened(key, rows)


def batch_owner(name: str) -> str:
    return f"counting:{name}"


def _key(keys: KeyService, owner: str) -> bytes:
    """Of a batch that nobody has counted in, it is made now; another process may be doing the same."""
    try:
        return keys.find(owner) or keys.make(owner)
    except KeyTaken:
        return _key(keys, owner)


def _enough(counts: Figures) -> Figures:
    """Those of kinds of which so many conversations have ended; answers, once so many runs of that instrument have."""
    ended: Tally[tuple[object, ...]] = Tally()
    for figure, n in counts.items():
        if figure.what.startswith("outcome:"):
            ended[(*figure.shown, "")] += n
        elif figure.what.endswith((":completed", ":stopped")):
            ended[(*figure.shown, _run(figure))] += n
    return Tally({f: n for f, n in counts.items() if ended[(*f.shown, "")] >= ENOUGH <= ended[(*f.shown, _run(f))]})


def _run(figure: Figure) -> str:
    """Instrument and version of a figure about answers, else an empty string."""
    first = figure.what.partition(":")[0]
    return first if "/" in first else ""


def _add(session: Session, counts: Figures) -> None:
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    columns = [column.name for column in Counter.__table__.primary_key]
    # Sorted: the order of rows says nothing.
    for figure, n in sorted(counts.items(), key=lambda one: str(one[0])):
        values = {"month": figure.month, **asdict(figure.as_), "what": figure.what, "n": n}
        statement = insert(Counter).values(**values)
        session.execute(
            statement.on_conflict_do_update(index_elements=columns, set_={"n": Counter.n + statement.excluded.n})
        )


def _sealed(key: bytes, row_id: str, counts: Mapping[Figure, int]) -> bytes:
    told = [[figure.month, list(asdict(figure.as_).values()), figure.what, n] for figure, n in counts.items()]
    return seal(key, padded(json.dumps(told).encode(), BLOCK), f"counted:{row_id}")


def _opened(key: bytes | None, rows: list[tuple[str, bytes]]) -> Figures:
    """All together. What does not open is no more: its key went, with a copy that was taken back or a lost folder."""
    together: Figures = Tally()
    shut = 0
    for row_id, counts in rows:
        try:
            told = json.loads(unseal(key or b"\0" * 32, counts, f"counted:{row_id}"))
        except Unreadable:
            shut += 1
            continue
        together.update({Figure(month, CountedAs(*as_), what): n for month, as_, what, n in told})
    if shut:
        log.warning("counts do not open", extra={"n": shut})
    return together


def _figure(row: Counter) -> Figure:
    as_ = CountedAs(row.agency, row.region, row.programme, row.channel, row.locale, row.sex, row.age_band, row.occasion)
    return Figure(row.month, as_, row.what)
