"""Figures: each counted once, readable only when there are enough, and tied to no conversation by anything on the disk."""

from __future__ import annotations

import threading
from collections import Counter as Tally
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from casework import counting
from casework.counting import ENOUGH, REST, Figures, batch_owner, close_batch
from casework.key_owners import TABLES, named
from casework.keys import BLOCK, Unreadable, unseal
from casework.messages import OutMessage
from casework.records import Base, Conversation, Counted, Counter, CountingBatch, Message, Records, User
from safety.content import ContentClass, Sender
from screening.events import Answer, Ended, Outcome, RunEnded
from tests.figures import figures_of

YES = RunEnded("fov-vuxna", "2019", ((1, Answer.YES),), completed=True)


def readable(records: Records) -> dict[str, int]:
    with records.reading() as session:
        return dict(session.execute(select(Counter.what, func.sum(Counter.n)).group_by(Counter.what)).tuples().all())


def batch(records: Records) -> str:
    with records.reading() as session:
        return session.scalars(select(CountingBatch.name)).one()


def pending(records: Records) -> list[str]:
    with records.reading() as session:
        return list(session.scalars(select(Counted.id)))


def test_nothing_is_readable_before_there_are_enough(records: Records, begin, take_turn) -> None:
    for n in range(ENOUGH):
        assert readable(records) == {}, n
        assert figures_of(records).get("outcome:completed", 0) == n
        take_turn(begin(), YES, Ended(Outcome.COMPLETED))
        if n < ENOUGH - 1:
            close_batch(records)
            assert pending(records) == [REST]
    close_batch(records)
    assert pending(records) == []
    counted = readable(records)
    assert counted == figures_of(records)
    assert {counted[what] for what in ("started", "fov-vuxna/2019:1:yes", "outcome:completed")} == {ENOUGH}


def test_an_answer_waits_for_other_answers(records: Records, begin, take_turn) -> None:
    """One who answered among nine who left: how each ended is in its row, so the answer would be theirs."""
    take_turn(begin(), YES, Ended(Outcome.COMPLETED))
    for _ in range(ENOUGH):
        take_turn(begin(), Ended(Outcome.LEFT))
    close_batch(records)
    assert readable(records)["outcome:left"] == ENOUGH
    assert not [what for what in readable(records) if what.startswith("fov")]
    assert figures_of(records)["fov-vuxna/2019:1:yes"] == 1


def test_one_of_another_kind_is_not_hidden_among_the_rest(records: Records, intake, begin, take_turn) -> None:
    """What a conversation's row shows, its language for one, would say whose figures they are."""
    alone = intake.open(agency="a", programme="p", channel="web", locale="fi", state=b"{}")
    take_turn(alone, YES, Ended(Outcome.COMPLETED))
    for _ in range(ENOUGH):
        take_turn(begin(), YES, Ended(Outcome.COMPLETED))
    close_batch(records)
    with records.reading() as session:
        assert set(session.scalars(select(Counter.locale))) == {"sv"}
    assert figures_of(records)["fov-vuxna/2019:1:yes"] == ENOUGH + 1


def test_a_batch_that_is_closed_opens_no_more(records: Records, begin, take_turn) -> None:
    """Whoever kept the rows, in a log or a copy, has nothing to open them with."""
    take_turn(begin(), YES)
    with records.reading() as session:
        kept = [(row.id, row.counts) for row in session.scalars(select(Counted))]
    old = batch_owner(batch(records))
    key = records.keys.find(old)
    assert key is not None and len(kept) == 2 and all(unseal(key, c, f"counted:{n}") for n, c in kept)
    assert close_batch(records) == 2
    assert records.keys.find(old) is None
    new = records.keys.find(batch_owner(batch(records)))
    assert new is not None
    for row_id, counts in kept:
        with pytest.raises(Unreadable):
            unseal(new, counts, f"counted:{row_id}")


def test_no_count_tells_a_yes_from_a_no_by_its_length(records: Records, begin, take_turn) -> None:
    for answer in Answer:
        take_turn(begin(), RunEnded("fov-vuxna", "2019", tuple((n, answer) for n in range(1, 8)), completed=True))
    with records.reading() as session:
        assert len({len(row) for row in session.scalars(select(Counted.counts))}) == 1


def test_nothing_sealed_tells_a_yes_from_a_no_by_its_length(records: Records, intake, begin) -> None:
    lengths = set()
    for said in ("Ja", "Nej", "Vill inte svara på det"):
        opened = begin()
        turn = intake.begin(opened.id)
        turn.state = turn.snapshot = b'{"answers": [[1, "%s"]]}' % said.encode()
        turn.messages.append(OutMessage(Sender.PERSON, ContentClass.SENSITIVE, {"text": said}))
        intake.commit(turn)
        assert intake.begin(opened.id).state == turn.state
        with records.reading() as session:
            row = session.get_one(Conversation, opened.id)
            body = session.scalars(select(Message.body).where(Message.conversation_id == opened.id)).one()
        lengths.add(tuple(len(value or b"") for value in (row.state, row.snapshot, row.group, body)))
    assert len(lengths) == 1 and min(*lengths.pop()) > BLOCK


def test_rows_have_no_order(database: Path, records: Records, begin) -> None:
    """SQLite's row number would say which count came with which conversation."""
    with records.reading() as session, pytest.raises(Exception, match="no such column"):
        session.execute(text("SELECT rowid FROM counted"))


def test_a_lost_key_loses_its_counts_and_nothing_else(records: Records, begin, take_turn) -> None:
    for _ in range(ENOUGH):
        take_turn(begin(), Ended(Outcome.LEFT))
    close_batch(records)
    begin()
    records.keys.destroy(batch_owner(batch(records)))
    assert figures_of(records)["started"] == ENOUGH
    begin()
    close_batch(records)
    assert figures_of(records)["started"] == ENOUGH + 1
    take_turn(begin(), says=["hej"])


def test_what_is_counted_while_batches_are_closed_is_counted_once(records: Records, begin, intake) -> None:
    """Four who count and two who close, at once."""
    seen: list[int] = []
    stop = threading.Event()

    def close() -> None:
        while not stop.is_set():
            close_batch(records)
            seen.append(figures_of(records).get("started", 0))

    def count() -> None:
        for _ in range(10):
            intake.end(begin().id, Outcome.LATER)

    counting_, closing = [threading.Thread(target=count) for _ in range(4)], [threading.Thread(target=close)]
    for thread in (*counting_, *closing):
        thread.start()
    for thread in counting_:
        thread.join()
    stop.set()
    closing[0].join()
    close_batch(records)
    assert figures_of(records) == {"started": 40, "outcome:later": 40}
    assert max(seen) <= 40 and seen == sorted(seen)


def test_a_transaction_of_a_turn_writes_no_figure(records: Records, begin, take_turn, monkeypatch) -> None:
    added: list[Figures] = []

    def add(_session: Session, counts: Figures) -> None:
        added.append(counts)

    monkeypatch.setattr(counting, "_add", add)
    opened = begin()
    take_turn(opened, YES, Ended(Outcome.COMPLETED))
    assert added == []
    close_batch(records)
    assert added == [Tally()]


def test_every_table_with_something_sealed_has_its_owners_named() -> None:
    sealed = {table.name for table in Base.metadata.sorted_tables if any(c.name.endswith("_sealed") for c in table.c)}
    # What belongs to a caseworker's account is sealed under a lasting key, which a restore never destroys.
    assert sealed - {User.__tablename__} == {table.__tablename__ for table in TABLES}


def test_owners_are_named_while_what_they_sealed_is_there(records: Records, begin, intake) -> None:
    opened = begin()
    assert named(records) == {f"conversation:{opened.id}", batch_owner(batch(records))}
    intake.end(opened.id, Outcome.LEFT)
    assert named(records) == {batch_owner(batch(records))}
