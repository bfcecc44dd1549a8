"""The hash chain finds what was changed afterwards."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from casework.audit import Comparison, compare, entries, first_break, note, tip
from casework.key_files import FileKeys
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
    plant(trail, edit)
    assert first_break(trail) == found_at


def plant(trail: Records, *edits: str) -> None:
    """What somebody can do who owns the database and takes its guards away."""
    with trail.session() as session:
        for guard in ("audit_no_update", "audit_no_delete"):
            name = guard if trail.is_sqlite else f"{guard} ON audit"
            session.execute(text(f"DROP TRIGGER IF EXISTS {name}"))
        for edit in edits:
            session.execute(text(edit))


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE audit SET who = 'robin' WHERE seq = 3",
        "DELETE FROM audit WHERE seq = 5",
        "DELETE FROM audit",
    ],
)
def test_the_tables_refuse_a_change(trail: Records, edit: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"), trail.session() as session:
        session.execute(text(edit))
    assert first_break(trail) is None


def test_a_forged_chain_of_plain_hashes_is_found(trail: Records) -> None:
    """Whoever has the database can compute any hash of what is in it, but has no key."""
    with trail.reading() as session:
        before = session.get_one(AuditEntry, 4).hash
        entry = session.get_one(AuditEntry, 5)
        told = {"seq": 5, "at": entry.at.isoformat(), "who": "robin", "what": entry.what, "about": "h5", "why": "duty"}
    forged = sha256((before + json.dumps(told, sort_keys=True, separators=(",", ":"))).encode()).hexdigest()
    plant(
        trail,
        f"UPDATE audit SET who = 'robin', hash = '{forged}' WHERE seq = 5",
        f"UPDATE audit_tip SET hash = '{forged}'",
    )
    assert first_break(trail) == 5


def test_a_change_of_order_is_found(trail: Records) -> None:
    swap = "UPDATE audit SET seq = CASE seq WHEN 102 THEN 3 ELSE 2 END WHERE seq > 100"
    plant(trail, "UPDATE audit SET seq = seq + 100 WHERE seq IN (2, 3)", swap)
    assert first_break(trail) == 2


def test_an_entry_that_is_copied_in_is_found(trail: Records) -> None:
    columns = "at, who, what, about, why, hash"
    plant(trail, f"INSERT INTO audit (seq, {columns}) SELECT 6, {columns} FROM audit WHERE seq = 5")
    assert first_break(trail) == 6


def cut_after(trail: Records, seq: int) -> None:
    """Takes the end away and puts the tip back to where it was: a whole chain that is too short."""
    tip_back = f"UPDATE audit_tip SET seq = {seq}, hash = (SELECT hash FROM audit WHERE seq = {seq})"
    plant(trail, f"DELETE FROM audit WHERE seq > {seq}", tip_back)


def test_a_cut_off_end_is_found_with_a_tip_that_was_kept_elsewhere(trail: Records, clock) -> None:
    kept = tip(trail)
    assert compare(trail, kept) is Comparison.SAME
    cut_after(trail, 3)
    assert first_break(trail) is None
    assert compare(trail, kept) is Comparison.CUT
    for number in range(3):
        with trail.session() as session:
            note(session, clock(), "robin", "queue.seen", str(number))
    assert first_break(trail) is None
    assert compare(trail, kept) is Comparison.DIFFERENT


def test_the_beginning_cannot_be_moved_without_the_key(trail: Records) -> None:
    moved = "UPDATE audit_tip SET from_seq = 2, from_hash = (SELECT hash FROM audit WHERE seq = 2)"
    plant(trail, moved, "DELETE FROM audit WHERE seq <= 2")
    assert first_break(trail) == 3


def test_other_keys_make_no_chain_here(trail: Records, url: str, tmp_path: Path, clock) -> None:
    stranger = Records(url, FileKeys.open(tmp_path / "other.key", tmp_path / "others", create=True))
    with stranger.session() as session:
        note(session, clock(), "robin", "queue.seen")
    stranger.close()
    assert first_break(trail) == 6


def test_an_export_has_every_entry_and_no_more(trail: Records) -> None:
    exported = list(entries(trail))
    assert [entry["seq"] for entry in exported] == [1, 2, 3, 4, 5]
    assert set(exported[0]) == {"seq", "at", "who", "what", "about", "why", "mark"}
    assert exported[-1]["mark"] == tip(trail).mark


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
