"""The hash chain finds what was changed afterwards."""

from __future__ import annotations

from threading import Thread

import pytest
from sqlalchemy import text

from casework.audit import first_break, note
from casework.records import AuditEntry, Records


@pytest.fixture
def trail(records: Records, clock) -> Records:
    for number in range(1, 6):
        with records.session() as session:
            note(session, clock(), "kim", "handover.seen", f"h{number}")
        clock.pass_(minutes=1)
    return records


def test_an_untouched_trail_is_whole(trail: Records) -> None:
    assert first_break(trail) is None


def test_an_empty_trail_is_whole(records: Records) -> None:
    assert first_break(records) is None


@pytest.mark.parametrize(
    ("edit", "found_at"),
    [
        ("UPDATE audit SET who = 'robin' WHERE seq = 3", 3),
        ("UPDATE audit SET what = 'queue.seen' WHERE seq = 1", 1),
        ("UPDATE audit SET about = 'h9' WHERE seq = 5", 5),
        ("UPDATE audit SET at = '2026-01-01 00:00:00.000000' WHERE seq = 2", 2),
        ("DELETE FROM audit WHERE seq = 3", 3),
        ("DELETE FROM audit WHERE seq = 5", 5),
        ("DELETE FROM audit", 1),
        ("UPDATE audit SET seq = 9 WHERE seq = 5", 5),
    ],
)
def test_a_planted_edit_is_found(trail: Records, edit: str, found_at: int) -> None:
    with trail.session() as session:
        session.execute(text(edit))
    assert first_break(trail) == found_at


def test_an_entry_is_rolled_back_with_what_it_is_about(records: Records, clock) -> None:
    with pytest.raises(RuntimeError), records.session() as session:
        note(session, clock(), "kim", "handover.claimed", "h1")
        raise RuntimeError
    assert first_break(records) is None
    with records.reading() as session:
        assert session.query(AuditEntry).count() == 0


def test_entries_written_at_the_same_time_make_one_chain(records: Records, clock) -> None:
    def write() -> None:
        for _ in range(10):
            with records.session() as session:
                note(session, clock(), "kim", "queue.seen")

    threads = [Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert first_break(records) is None
    with records.reading() as session:
        assert session.query(AuditEntry).count() == 40
