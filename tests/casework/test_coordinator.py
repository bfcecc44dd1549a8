"""A coordinator's changes: checked as `enrum check` does, kept with their history, never an instrument; how they come to count."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot import data_files
from bot.reloading import Reloading, take_over
from casework.audit import entries
from casework.coordinator import Coordinator, Locked, Refused
from casework.edits import Edits, Meanwhile, mark
from screening.catalogue.document import Severity
from screening.catalogue.load import load
from screening.catalogue.support import LONG_AGO, Line
from tests.casework.coordinator_desk import (
    AGENCY,
    LOCKED,
    MIO,
    NATIONAL,
    SHIPPED,
    WELCOME,
    a_word,
    app,
    change,
    coordinator,
    edits,
    fresh_catalogue,
    mio,
    saved,
)

__all__ = ["app", "coordinator", "edits", "mio", "saved"]


def test_a_change_counts_is_kept_and_leaves_the_shipped_file(coordinator: Coordinator, edits: Edits, records) -> None:
    catalogue = change(coordinator, WELCOME, *a_word())
    assert any("Hej där!" in text.text for text in catalogue.languages["sv"].texts.values())
    assert edits.current() == {WELCOME: coordinator.text(WELCOME, MIO)}
    assert data_files.read() == SHIPPED
    started = data_files.catalogue(date(2026, 11, 24), changes=edits.current())
    assert started.languages["sv"].texts == catalogue.languages["sv"].texts
    (version,) = coordinator.versions(WELCOME)
    assert (version.edit.n, version.edit.who, version.edit.name) == (1, "mio", "Mio Lo")
    assert "+" in version.diff and "Hej där!" in version.diff
    assert ("content.changed", "change:1") in {(one["what"], one["about"]) for one in entries(records)}
    assert {"content.seen"} <= {one["what"] for one in entries(records)}


def test_going_back_is_a_change_too(coordinator: Coordinator, edits: Edits) -> None:
    change(coordinator, WELCOME, *a_word())
    first = coordinator.text(WELCOME, MIO)
    change(coordinator, WELCOME, "Hej där!", "Hej hej!")
    coordinator.revert(WELCOME, 1, mark(coordinator.text(WELCOME, MIO)), MIO)
    assert coordinator.text(WELCOME, MIO) == first
    coordinator.revert(WELCOME, 0, mark(first), MIO)
    assert coordinator.text(WELCOME, MIO) == SHIPPED[WELCOME]
    assert edits.current() == {}
    assert [version.edit.n for version in coordinator.versions(WELCOME)] == [4, 3, 2, 1]
    change(coordinator, NATIONAL, "SOS Alarm", "SOS Alarm, 112")
    with pytest.raises(Locked):  # a change of another file
        coordinator.revert(WELCOME, 5, mark(SHIPPED[WELCOME]), MIO)


def test_what_is_locked_cannot_be_read_or_changed(coordinator: Coordinator, edits: Edits) -> None:
    assert "instruments/fov-vuxna/2019.yml" in LOCKED
    for path in LOCKED:
        seen = mark(SHIPPED.get(path, ""))
        with pytest.raises(Locked):
            coordinator.text(path, MIO)
        with pytest.raises(Locked):
            coordinator.save(path, "a: b", seen, MIO)
        with pytest.raises(Locked):
            coordinator.revert(path, 0, seen, MIO)
    assert edits.all() == []
    assert not {file.path for file in coordinator.files(MIO)} & set(LOCKED)


@pytest.mark.parametrize(
    ("path", "old", "new", "line", "item"),
    [
        (WELCOME, a_word()[0], a_word()[0] + "\n bad: [", 2, "file"),
        (WELCOME, "Hej!", "Hej {nobody}!", 0, ""),
        (WELCOME, "Hej!", "Hej, du som är utsatt för våld!", 0, ""),
        (AGENCY, "idle_minutes: 5", "idle_minutes: 500", 1, "gate.idle_minutes"),
        (AGENCY, "id: arbetsformedlingen", "id: another-agency", 0, "id"),
        (AGENCY, "  - id: sius\n", "  - id: sius-two\n", 0, "programmes"),
        (AGENCY, "instrument: fov-vuxna/2019", "instrument: fov-vuxna/2099", 0, "instrument"),
        (AGENCY, "    after: silent\n    period: PT30M", "    after: silent\n    period: P9Y", 1, ""),
        (NATIONAL, "valid_until: 2028-11-23", "valid_until: perhaps", 1, "lines.0.valid_until"),
        (NATIONAL, "valid_until: 2028-11-23", "valid_until: 2020-01-01", 1, "lines.0.valid_until"),
        ("content/sv/information.yml", "- id: recognise", "- id: recognised", 0, "cards"),
    ],
    ids=lambda value: str(value)[:30].strip(),
)  # fmt: skip
def test_a_mistake_is_refused_with_file_line_and_key(
    coordinator: Coordinator, edits: Edits, path: str, old: str, new: str, line: int, item: str
) -> None:
    with pytest.raises(Refused) as refused:
        change(coordinator, path, old, new)
    found = [fault for fault in refused.value.faults if fault.file == path]
    assert found and any(fault.line >= line and item in fault.item for fault in found)
    assert (edits.all(), coordinator.text(path, MIO)) == ([], SHIPPED[path])


def test_it_is_refused_for_exactly_what_the_check_says(coordinator: Coordinator, tmp_path: Path) -> None:
    from shutil import copytree

    from click.testing import CliRunner

    from bot.command.check import command

    copytree(data_files.DATA, tmp_path / "data")
    file = tmp_path / "data" / NATIONAL
    file.write_text(SHIPPED[NATIONAL].replace("valid_until: 2028-11-23", "valid_until: perhaps", 1))
    said = CliRunner().invoke(command, ["--data", str(tmp_path / "data"), "--on", "2026-11-24"]).output
    with pytest.raises(Refused) as refused:
        change(coordinator, NATIONAL, "valid_until: 2028-11-23", "valid_until: perhaps")
    assert {f"data/{fault}" for fault in refused.value.faults} == {
        one for one in said.splitlines() if ": error:" in one
    }


def test_what_is_out_of_date_elsewhere_is_in_nobodys_way(coordinator: Coordinator, clock) -> None:
    clock.pass_(days=3000)
    gone = coordinator.contacts()
    assert gone and all(one.gone for one in gone)
    change(coordinator, WELCOME, *a_word())
    change(coordinator, NATIONAL, "valid_until: 2028-11-23", "valid_until: 2040-01-01")
    assert sum(one.gone for one in coordinator.contacts()) == len(gone) - 1


def test_contacts_are_listed_sixty_days_before(coordinator: Coordinator, clock) -> None:
    first = min(line.valid_until for line in data_files.catalogue(date(2026, 11, 24)).national)
    clock.pass_(days=(first - clock().date()).days - 61)
    assert not any(one.soon for one in coordinator.contacts())
    clock.pass_(days=1)
    soon = [(one.line.valid_until, one.gone) for one in coordinator.contacts() if one.soon]
    assert soon[:1] == [(first, False)]


def test_contacts_are_listed_a_year_after_they_were_checked(coordinator: Coordinator, clock) -> None:
    """Or as long as the agency says; `enrum check` warns of the same, and stops nobody."""
    lines = data_files.catalogue(date(2026, 11, 24)).national
    fresh = {line.id for line in lines if line.verified_on == date(2026, 11, 23)}

    def old() -> list[Line]:
        return [one.line for one in coordinator.contacts() if one.long_ago]

    assert {line.id for line in old()} == {line.id for line in lines} - fresh
    warned = [one for one in load(SHIPPED, date(2026, 11, 24))[1] if one.code == LONG_AGO]
    assert len(warned) == len(lines) - len(fresh) and {one.severity for one in warned} == {Severity.WARNING}
    clock.pass_(days=364)
    assert fresh.isdisjoint(line.id for line in old())
    clock.pass_(days=1)
    assert fresh <= {line.id for line in old()}
    change(coordinator, AGENCY, "contact_check_days: 365", "contact_check_days: 900")
    assert {line.verified_on.year for line in old() if line.verified_on} == {2019, 2020, 2021, 2022, 2024}


def test_two_who_edit_at_once_do_not_undo_each_other(coordinator: Coordinator, edits: Edits) -> None:
    seen = coordinator.text(WELCOME, MIO)
    change(coordinator, WELCOME, *a_word())
    with pytest.raises(Meanwhile):
        coordinator.save(WELCOME, seen.replace("Hej!", "Tjena!"), mark(seen), MIO)
    assert len(edits.all()) == 1


def test_of_many_who_write_the_same_number_one_wins(edits: Edits, clock) -> None:
    won: list[int] = []

    def write(n: int) -> None:
        try:
            edits.add(0, WELCOME, f"{n}\n", clock(), str(n), "x")
            won.append(n)
        except Meanwhile:
            pass

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [edit.text for edit in edits.all()] == [f"{n}\n" for n in won]
    assert len(won) == 1


def test_a_change_without_its_line_in_the_trail_is_no_change(coordinator, edits: Edits, monkeypatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("of the test")

    text = coordinator.text(WELCOME, MIO)
    monkeypatch.setattr("casework.coordinator.note", broken)
    with pytest.raises(RuntimeError):
        coordinator.save(WELCOME, text.replace("Hej!", "Hej där!"), mark(text), MIO)
    assert edits.all() == []


def test_what_everybody_holds_says_the_new_words_and_the_old_instrument(coordinator: Coordinator) -> None:
    held = fresh_catalogue()
    page_holds, instruments, agencies = held.languages["sv"], dict(held.instruments), dict(held.agencies)
    take_over(held, change(coordinator, WELCOME, *a_word()))
    assert any("Hej där!" in text.text for text in page_holds.texts.values())
    take_over(held, change(coordinator, NATIONAL, "SOS Alarm", "SOS"))
    assert held.lines(date(2026, 11, 24))[0].name == "SOS"
    change(coordinator, AGENCY, "idle_minutes: 5", "idle_minutes: 4")
    assert (held.instruments, held.agencies) == (instruments, agencies)


def test_an_agencys_limits_get_stricter_at_once_and_laxer_from_the_next_start(coordinator: Coordinator) -> None:
    held = fresh_catalogue()
    agency = held.agencies["arbetsformedlingen"]
    take_over(held, change(coordinator, AGENCY, "idle_minutes: 5", "idle_minutes: 3"))
    now = held.agencies["arbetsformedlingen"]
    assert now.staleness == replace(agency.staleness, idle=timedelta(minutes=3))
    take_over(held, change(coordinator, AGENCY, "idle_minutes: 3", "idle_minutes: 8"))
    assert held.agencies["arbetsformedlingen"].staleness == now.staleness
    # What belongs to it but is no limit stays as it was at start.
    take_over(held, change(coordinator, AGENCY, "name: Arbetsförmedlingen", "name: AF"))
    assert held.agencies["arbetsformedlingen"].name == agency.name


async def test_another_process_sees_it_and_keeps_the_old_if_it_cannot_be_used(coordinator, edits: Edits, clock) -> None:
    held = fresh_catalogue()
    reloading = Reloading(held, edits)
    await reloading.look()
    before = held.languages["sv"].texts
    change(coordinator, WELCOME, *a_word())
    await reloading.look()
    after = held.languages["sv"].texts
    assert before != after
    edits.add(1, WELCOME, "bad: [", clock(), "x", "past the program")
    await reloading.look()
    assert held.languages["sv"].texts is after
