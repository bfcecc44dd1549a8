"""What `enrum check` says of the desk's data: checklists, quick replies, words, days that are closed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from bot import data_files
from screening.catalogue.agency import Agency
from screening.catalogue.document import Severity
from screening.catalogue.duty import day_off
from screening.catalogue.load import load

TODAY = date(2026, 11, 24)
FILES = data_files.read()
CHILD = "checklists/child.yml"
REPLIES = "content/sv/quick_replies.yml"


def errors(**changed: tuple[str, str]) -> list[str]:
    """The errors that changing one thing in a file makes. The keyword stands for nothing: it names the change."""
    files = dict(FILES)
    for path, (old, new) in ((key.split("|")[0], change) for key, change in changed.items()):
        assert old in files[path], (path, old)
        files[path] = files[path].replace(old, new, 1)
    return [str(fault) for fault in load(files, TODAY)[1] if fault.severity is Severity.ERROR]


@pytest.mark.parametrize(
    ("path", "old", "new", "said"),
    [
        (CHILD, "starts_with: learnt", "starts_with: nothing", "starts_with and ends_with must be steps"),
        (CHILD, "lines: [sos]", "lines: [nobody]", "nobody is not a contact that is here"),
        (CHILD, "id: tell", "id: learnt", "two steps have the same id"),
        (CHILD, "remind_hours: 24", "remind_hours: 48", "less than or equal to 24"),
        (CHILD, "counts: reported", "counts: searched", "Input should be"),
        (CHILD, "id: child\n", "id: children\n", "must be named by the id"),
        (CHILD, "status: draft", "status: reviewed", "not by whom"),
        (REPLIES, "Går det bra att skriva", "Går det bra att skriva om våld", "is neutral but says"),
        (REPLIES, "id: good_time", "id: hello", "two replies have the same id"),
        ("content/en/desk.yml", "  send: Send\n", "", "chat.send: is missing"),
        ("content/en/desk.yml", "Signed in as {name}", "Signed in", "must have the places ['name']"),
        ("content/en/desk.yml", "  send: Send\n", "  send: Send\n  shout: x\n", "is not a word that the desk knows"),
    ],
)
def test_what_is_wrong_is_named(path: str, old: str, new: str, said: str) -> None:
    found = errors(**{path: (old, new)})
    assert any(path in one and said in one for one in found), found


def test_what_is_here_is_whole_and_says_that_it_is_a_draft() -> None:
    catalogue, faults = load(FILES, TODAY)
    assert [fault for fault in faults if fault.severity is Severity.ERROR] == []
    drafts = {fault.file for fault in faults if fault.file.startswith("checklists/")}
    assert drafts == {f"checklists/{name}.yml" for name in catalogue.checklists}
    assert all(step.source for one in catalogue.checklists.values() for step in one.steps)
    assert {"exposed", "uses_violence", "honour", "child", "adapt_planning", "refer", "protected_identity"} == set(
        catalogue.checklists
    )


def test_only_statutes_are_shown_as_a_source() -> None:
    steps = {step.id: step for step in load(FILES, TODAY)[0].checklists["uses_violence"].steps}
    assert steps["honest"].law == "OSL (2009:400) 10 kap. 24 §"
    assert steps["declined"].law == ""


def agency(**more: object) -> Agency:
    plain = load(FILES, TODAY)[0].agencies["arbetsformedlingen"].model_dump()
    return Agency.model_validate(plain | more)


def test_days_that_are_closed_besides_and_who_is_on_duty() -> None:
    tuesday = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
    assert agency().open_at(tuesday) and agency().on_duty(tuesday) is None
    closed = agency(closed_days=[{"day": "2026-11-24", "why": "Planeringsdag."}])
    assert not closed.open_at(tuesday) and closed.hours_on(tuesday) is None
    assert closed.closed_because(tuesday) == "Planeringsdag."
    opens = closed.opens_next(tuesday)
    assert opens is not None and opens.date() == date(2026, 11, 25)
    duty = agency(desk={"roster": {"tuesday": 2}, "on_days": {"2026-12-01": 1}})
    assert duty.on_duty(tuesday) == 2
    assert duty.on_duty(datetime(2026, 12, 1, 9, 30, tzinfo=UTC)) == 1
    assert duty.on_duty(datetime(2026, 11, 25, 9, 30, tzinfo=UTC)) is None


def test_days_off_are_whole_days_and_the_days_before_them_are_not() -> None:
    off = [
        day for day in (date(2027, 1, 1) + timedelta(days=n) for n in range(365)) if day_off(day) and day.weekday() < 5
    ]
    assert [f"{day.month}-{day.day}" for day in off] == [
        *("1-1", "1-6", "3-26", "3-29", "5-6", "6-25", "12-24", "12-31"),
    ]  # fmt: skip
