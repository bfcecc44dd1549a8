"""Which office a conversation belongs to, and that somebody is there only where somebody answers."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bot import data_files
from bot.talk.place import Place
from screening.catalogue.agency import Agency
from screening.catalogue.load import load

PATH = "agencies/arbetsformedlingen.yml"
OFFICES = "offices:\n  - {id: north, name: Norr}\n  - {id: south, name: Söder}\ndefault_office: north\n"
AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def agency_with(more: str) -> tuple[Agency | None, list[str]]:
    files = data_files.read()
    files[PATH] += more
    catalogue, faults = load(files, date(2026, 11, 24))
    return catalogue.agencies.get("arbetsformedlingen"), [fault.message for fault in faults if fault.file == PATH]


@pytest.mark.parametrize(("named", "belongs"), [("south", "south"), ("", "north"), ("closed-down", "north")])
def test_an_office_that_is_not_there_any_more_loses_nobody(named: str, belongs: str) -> None:
    agency, faults = agency_with(OFFICES)
    assert agency is not None and faults == []
    assert agency.office_or_default(named) == belongs


def test_without_offices_everything_belongs_to_none() -> None:
    agency, _ = agency_with("")
    assert agency is not None
    assert agency.office_or_default("north") == ""


def test_a_default_that_is_no_office_is_a_fault() -> None:
    agency, faults = agency_with(OFFICES.replace("default_office: north", "default_office: west"))
    assert agency is None
    assert any("default_office" in fault for fault in faults)


@pytest.mark.parametrize(("office", "asked"), [("south", "south"), ("", "north")])
def test_presence_is_asked_for_the_office_of_the_conversation(office: str, asked: str) -> None:
    files = data_files.read()
    files[PATH] += OFFICES
    catalogue, _ = load(files, date(2026, 11, 24))
    heard: list[str] = []
    place = Place(catalogue, lambda: AT, lambda at, office: bool(heard.append(office)) or office == "south")
    situation = place.situation("arbetsformedlingen", "sius", "sv", office=office)
    assert heard == [], "who is there is looked up only where it is asked for"
    assert [situation.present for _ in range(2)] == [asked == "south"] * 2
    assert heard == [asked], "and once"
