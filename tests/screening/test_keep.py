"""The table of what is kept: words and rule say the same, every record is there, the numbers agree."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import yaml
from pydantic import ValidationError

from bot import data_files
from screening.catalogue.load import load
from screening.keep import ALLOWED, Kept, Record, how_long

TODAY = date(2026, 11, 23)
FILES = data_files.read()
FILE = "agencies/arbetsformedlingen.yml"
ROW = {"what": "x", "how_long": "x", "why": "x", "source": "x", "verified": False}


def faults_of(change: object) -> list[str]:
    """What `enrum check` says when the table is changed by `change(rows by record)`."""
    agency = yaml.safe_load(FILES[FILE])
    change({row["record"]: row for row in agency["keep"]}, agency)  # type: ignore[operator]
    return [
        str(f) for f in load({**FILES, FILE: yaml.safe_dump(agency, allow_unicode=True, sort_keys=False)}, TODAY)[1]
    ]


def test_as_it_is_there_is_no_fault() -> None:
    assert [fault for fault in faults_of(lambda rows, agency: None) if "keep" in fault] == []


def test_words_that_say_something_else_are_a_fault_with_its_line() -> None:
    said = faults_of(lambda rows, agency: rows["audit"].update(how_long="5 år efter att det hände"))
    (fault,) = [fault for fault in said if "keep" in fault]
    assert "keep.8.how_long" in fault and "2 år efter att det hände" in fault


def test_a_rule_that_says_something_else_is_a_fault() -> None:
    assert any("3 år efter" in fault for fault in faults_of(lambda rows, agency: rows["audit"].update(period="P3Y")))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows, agency: agency["keep"].pop(), "agency_request"),
        (lambda rows, agency: agency["keep"].append(rows["audit"]), "audit"),
        (lambda rows, agency: rows["conversation"].update(period="PT60M"), "session_minutes"),
        (lambda rows, agency: agency.update(plan_days=30), "plan_days"),
        (lambda rows, agency: rows["audit"].update(period="2 years"), "ISO 8601"),
        (lambda rows, agency: rows["audit"].update(until="never"), "is kept until"),
        (lambda rows, agency: rows["counters"].update(after="made", period="P1D"), "no period"),
    ],
)
def test_what_cannot_be_is_a_fault(change: object, said: str) -> None:
    assert any(said in fault for fault in faults_of(change)), faults_of(change)


@pytest.mark.parametrize(
    ("period", "length", "words"),
    [
        ("P90D", timedelta(days=90), "90 dygn"),
        ("P2W", timedelta(days=14), "2 veckor"),
        ("P6M", timedelta(days=180), "6 månader"),
        ("P2Y", timedelta(days=730), "2 år"),
        ("PT30M", timedelta(minutes=30), "30 minuter"),
        ("PT12H", timedelta(hours=12), "12 timmar"),
    ],
)
def test_periods(period: str, length: timedelta, words: str) -> None:
    kept = Kept(record=Record.AUDIT, after="written", period=period, **ROW)
    assert kept.length == length
    assert how_long(kept, {"after.written": "{period} efter", "or": "eller"}, "sv") == f"{words} efter"


@pytest.mark.parametrize("period", ["P", "P0D", "P1H", "PT1D", "PT5W", "P1DT2H", "P1.5D", "-P1D", "P99999D"])
def test_periods_that_are_none(period: str) -> None:
    with pytest.raises(ValidationError):
        Kept(record=Record.AUDIT, after="written", period=period, **ROW)


def test_every_record_has_events_that_can_end_it() -> None:
    assert set(ALLOWED) == set(Record)
