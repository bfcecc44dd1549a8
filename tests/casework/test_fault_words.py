"""What is wrong with a file that a coordinator has changed is said in the language of the desk, whatever it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from datetime import date
from typing import Any

import pytest
import yaml
from pydantic import BaseModel, ValidationError

from casework.coordinator import Coordinator, Refused
from casework.edits import mark
from screening.catalogue.agency import Agency
from screening.catalogue.content import Language
from screening.catalogue.document import Document, Fault, Unreadable
from screening.catalogue.load import load
from screening.catalogue.phone_words import PhoneWords, SmsWords
from screening.catalogue.quick_replies import QuickReplies
from screening.catalogue.support import National, Region
from tests.casework.coordinator_desk import AGENCY, MIO, NATIONAL, SHIPPED, WELCOME, coordinator, edits, fresh_catalogue

__all__ = ["coordinator", "edits"]

ADMIN = fresh_catalogue().desk_admin
REGION = next(path for path in SHIPPED if path.startswith("support/regions/"))
PHONE, SMS, REPLIES = (f"content/sv/{name}.yml" for name in ("phone", "sms", "quick_replies"))
INFORMATION, LANGUAGE, PAGE = (f"content/sv/{name}.yml" for name in ("information", "language", "page"))
CHOICES = "content/sv/choices.yml"
MODELS: list[tuple[str, type[BaseModel]]] = [
    (AGENCY, Agency),
    (NATIONAL, National),
    (REGION, Region),
    (LANGUAGE, Language),
    (PHONE, PhoneWords),
    (SMS, SmsWords),
    (REPLIES, QuickReplies),
]
BAD = (
    None,
    [],
    {},
    "",
    "x",
    "2026-02-30",
    "ftp://x",
    -1,
    10**30,
    1.5,
    True,
    ["x"],
    {"x": 1},
    "x" * 5000,
    "GONE",
    "MORE",
)
PLACE = re.compile(r"\{(\w+)\}")


def places(data: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a file's data, its top last."""
    parts = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for part, value in parts:
        yield from places(value, (*before, part))
    yield before


def spoilt(data: Any, place: tuple[Any, ...], bad: Any) -> Any:
    if not place:
        return deepcopy(bad)
    changed = deepcopy(data)
    inside = changed
    for part in place[:-1]:
        inside = inside[part]
    if bad == "GONE":
        del inside[place[-1]]
    elif bad == "MORE":
        inside.update(more=1) if isinstance(inside, dict) else inside.append(deepcopy(inside[0]))
    else:
        inside[place[-1]] = deepcopy(bad)
    return changed


def in_words(fault: Fault) -> bool:
    """Whether both languages have words for it, with nothing left to fill in."""
    told = [words["fault"].get(fault.code, "") for words in ADMIN.values()]
    given = {name for name, _ in fault.params} | {"link"}
    return all(told) and all(set(PLACE.findall(words)) <= given for words in told)


@pytest.mark.parametrize(("path", "model"), MODELS, ids=lambda one: getattr(one, "__name__", one))
def test_whatever_stands_in_a_field_is_refused_in_words(path: str, model: type[BaseModel]) -> None:
    data, wordless, refused = Document(path, SHIPPED[path]).data, set[str](), 0
    for place in places(data):
        for bad in BAD:
            try:
                model.model_validate(spoilt(data, place, bad))
            except ValidationError as error:
                refused += 1
                for one in error.errors(include_input=False, include_url=False):
                    told = tuple((name, str(value)) for name, value in one.get("ctx", {}).items())
                    fault = Fault(path, 0, "x", one["msg"], code=one["type"], params=told)
                    wordless |= set() if in_words(fault) else {f"{fault.code}: {fault.message}"}
    assert refused > 20 and wordless == set()


@pytest.mark.parametrize(
    ("path", "old", "new", "code"),
    [
        (AGENCY, "id: arbetsformedlingen", "id: af", "file_name"),
        (AGENCY, "timezone: Europe/Stockholm", "timezone: Europe/Stokholm", "timezone_unknown"),
        (AGENCY, "sexual_violence, ", "", "all_of"),
        (AGENCY, "suspected, ", "", "all_of"),
        (AGENCY, "session_minutes: 30", "session_minutes: 31", "keep_same"),
        (AGENCY, "period: P90D", "period: 90 dagar", "period_form"),
        (AGENCY, 'monday: ["08:00"', "monday: [8:00", "time_type"),
        (AGENCY, 'monday: ["08:00"', 'monday: ["08:00Z"', "time_type"),
        (AGENCY, "period: P90D", "period: P80D", "keep_same"),
        (AGENCY, "default_programme: ", "default_programme: x", "programme_unknown"),
        (AGENCY, "instrument: ", "instrument: x", "instrument_unknown"),
        (AGENCY, "how_long: ", "how_long: x", "keep_words"),
        (NATIONAL, "valid_until: 20", "valid_until: 2027-02-30 #", "no_value"),
        (NATIONAL, "valid_until: 20", "valid_until: 2020-01-01 #", "out_of_date"),
        (NATIONAL, "lines:", "lines: [", "yaml"),
        (NATIONAL, "lines:", "lines: []\nlines:", "twice"),
        (WELCOME, "Hej!", "Hej!\N{REPLACEMENT CHARACTER}", "not_utf8"),
        (WELCOME, "Hej!", "Hej {du!", "place_broken"),
        (WELCOME, "Hej!", "Hej {du}!", "place_unknown"),
        (WELCOME, "Hej!", "Hej! Våld.", "sensitive"),
        (WELCOME, "Hej!", "Hej! Ingen får veta.", "never_promise"),
        (WELCOME, "Jag är ingen människa.", "", "must_say"),
        (NATIONAL, "020-50 50 50", "020-5o 50 50", "no_number"),
        (INFORMATION, "cards:", "cards: []\nx:", "no_cards"),
        (INFORMATION, "cards:", "cards: x\nx:", "list_type"),
        (INFORMATION, "  - id: ", "  - x: ", "no_card"),
        (LANGUAGE, "reviewed_by: null", "reviewed_by: ''", "no_reviewer"),
        (PHONE, "{key}", "", "places_must"),
        (SMS, "reminder: ", "reminder: x{name} ", "place_link"),
        (SMS, "reminder: ", f"reminder: {'x' * 200} ", "long_sms"),
        (SMS, "reminder: ", "reminder: Våld. ", "sensitive"),
        (SMS, "  stop:", "  stopp:", "all_of"),
        *((path, "", "- x\n", "no_table") for path in (WELCOME, INFORMATION, PAGE, CHOICES)),
        *((path, "", "x", "no_table") for path in (WELCOME, PAGE, CHOICES)),
    ],
)  # fmt: skip
def test_what_is_refused_is_told_in_both_languages(path: str, old: str, new: str, code: str) -> None:
    """As the whole is loaded: what one file refuses, and what files say of each other."""
    text = SHIPPED[path]
    assert old in text
    if code in ("no_reviewer",):
        text = text.replace("status: draft", "status: reviewed")
    after = (
        re.sub(
            re.escape(old) + (r".*" if code in ("place_link", "long_sms", "keep_words") else ""),
            lambda _: new,
            text,
            count=1,
        )
        if old
        else new
    )
    faults = [one for one in load({**SHIPPED, path: after}, date(2026, 11, 24))[1] if one.file == path]
    assert code in {one.code for one in faults}, faults
    assert [str(one) for one in faults if not in_words(one)] == []


def test_what_the_contents_list_shows_is_in_words_too() -> None:
    faults = [
        one for one in load(SHIPPED, date(2036, 1, 1))[1] if one.file.startswith(("content/", "support/", "agencies/"))
    ]
    assert {"draft", "out_of_date"} <= {one.code for one in faults}
    assert [str(one) for one in faults if not in_words(one)] == []


@pytest.mark.parametrize(
    ("path", "taken", "code"),
    [(AGENCY, "programmes", "lost_programme"), (AGENCY, "offices", "lost_office"), (INFORMATION, "cards", "lost_card")],
)
def test_what_somebody_may_stand_on_is_not_taken_away(
    coordinator: Coordinator, path: str, taken: str, code: str
) -> None:
    if taken == "offices":
        with_offices = coordinator.text(path, MIO) + "offices: [{id: lulea, name: Luleå}, {id: kiruna, name: Kiruna}]\n"
        coordinator.save(path, with_offices, mark(coordinator.text(path, MIO)), MIO)
    before = coordinator.text(path, MIO)
    data = yaml.safe_load(before)
    data[taken] = data[taken][:-1]
    with pytest.raises(Refused) as refused:
        coordinator.save(path, yaml.safe_dump(data, allow_unicode=True), mark(before), MIO)
    assert {one.code for one in refused.value.faults} == {code}
    assert all(in_words(one) for one in refused.value.faults)


@pytest.mark.parametrize("text", ["a: 2026-02-30", "a:\n - b: 2026-11-24 25:00:00", "a: !!int x"])
def test_a_day_that_there_is_not_has_a_line(text: str) -> None:
    with pytest.raises(Unreadable) as unreadable:
        Document("x.yml", text)
    assert (unreadable.value.args[0].code, unreadable.value.args[0].line) == ("no_value", text.count("\n") + 1)


def test_a_file_that_stands_in_itself_is_read_once() -> None:
    assert Document("x.yml", "a: &a [*a]").faults == []
