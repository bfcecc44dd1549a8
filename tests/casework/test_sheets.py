"""Simple forms: they write what they were sent and nothing else, and are refused in words that the reader knows."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from html import unescape

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from bot import data_files
from bot.reloading import take_over
from casework.coordinator import Coordinator
from casework.sheets.ahead import days_ahead
from casework.sheets.field import tidied
from casework.sheets.rewriting import GONE, NotRewritten, rewritten, value_at
from casework.sheets.sheet import sheet, titles
from screening.catalogue.agency import Agency
from tests.casework.coordinator_desk import (
    AGENCY,
    LOCKED,
    MIO,
    NATIONAL,
    SHIPPED,
    app,
    confirmation,
    coordinator,
    edits,
    fresh_catalogue,
    mio,
    saved,
)
from tests.casework.desk_browser import form_token, send, words

__all__ = ["app", "coordinator", "edits", "mio", "saved"]

HANDOVER = "content/sv/handover.yml"
SHEETS = [(path, title.item) for path in SHIPPED for title in titles(path, SHIPPED[path])]
LINE = next(n for n, line in enumerate(yaml.safe_load(SHIPPED[NATIONAL])["lines"]) if line["id"] == "kvinnofridslinjen")
CONTACT = f"/desk/contents/form?path={NATIONAL}&item=lines.{LINE}"
ROSTER = "/desk/contents/roster"


def sent_of(path: str, item: str, text: str = "") -> dict[str, str]:
    """What a browser sends of a form that nobody touched."""
    found = sheet(path, text or SHIPPED[path], item)
    assert found is not None
    return {field.name: field.value.replace("\n", "\r\n") for group in found.groups for field in group.fields}


def test_there_are_forms_for_what_is_changed_often() -> None:
    assert {path for path, _ in SHEETS} >= {AGENCY, NATIONAL, HANDOVER, "content/sv/information.yml"}
    assert {item for path, item in SHEETS if path == AGENCY} == {"roster", "limits"}
    assert not any(path.startswith(("instruments/", "nlu/", "rules/", "safety/")) for path, _ in SHEETS)


@pytest.mark.parametrize(("path", "item"), SHEETS)
def test_a_form_that_nobody_touched_changes_nothing(path: str, item: str) -> None:
    found = sheet(path, SHIPPED[path], item)
    assert found is not None and found.groups
    assert found.changes(sent_of(path, item)) == {}
    assert found.changes({}) == {}


def test_only_the_lines_of_what_was_changed_change() -> None:
    found = sheet(NATIONAL, SHIPPED[NATIONAL], f"lines.{LINE}")
    assert found is not None
    changes = found.changes(sent_of(NATIONAL, f"lines.{LINE}") | {f"lines.{LINE}.number": "020-50 50 51"})
    before, after = SHIPPED[NATIONAL].splitlines(), rewritten(SHIPPED[NATIONAL], changes).splitlines()
    assert [line for line in after if line not in before] == ['    number: "020-50 50 51"']
    assert len(after) == len(before)


AWKWARD = [
    "yes",
    "null",
    "08:00",
    "# x",
    "a: b",
    "- a",
    "12",
    "2026-11-24",
    "'",
    '"',
    "{a}",
    "%x",
    "&a",
    "*a",
    "!x",
    "@",
    "`",
]


@given(st.one_of(st.sampled_from(AWKWARD), st.text(max_size=300)))
def test_what_is_written_is_what_is_read(written: str) -> None:
    words_ = tidied(written)
    path, text = ("handover.waiting", "text"), SHIPPED[HANDOVER]
    try:
        after = rewritten(text, {path: words_})
    except NotRewritten:
        return
    assert value_at(yaml.safe_load(after), path) == words_
    others = {key: value for key, value in yaml.safe_load(after).items() if key != "handover.waiting"}
    assert others == {key: value for key, value in yaml.safe_load(text).items() if key != "handover.waiting"}


@pytest.mark.parametrize("awkward", AWKWARD)
def test_nothing_that_looks_like_yaml_is_lost(awkward: str) -> None:
    after = rewritten(SHIPPED[HANDOVER], {("handover.received",): awkward})
    assert yaml.safe_load(after)["handover.received"] == awkward


def test_what_cannot_be_written_is_refused() -> None:
    for text, path in (("a: [", ("a",)), ("a: 1\n", ("a", "b")), ("- 1\n", (7,))):
        with pytest.raises(NotRewritten):
            rewritten(text, {path: "x"})
    assert rewritten("a: 1\nb: 2\n", {("a",): GONE, ("c",): GONE}) == "b: 2\n"


def test_a_text_of_one_string_can_get_plain_words() -> None:
    found = sheet(HANDOVER, SHIPPED[HANDOVER], "handover.received")
    assert found is not None
    sent = sent_of(HANDOVER, "handover.received") | {"handover.received.simpler": "Handläggaren ser din text."}
    after = yaml.safe_load(rewritten(SHIPPED[HANDOVER], found.changes(sent)))["handover.received"]
    assert after == {"text": "Handläggaren ser det du skriver.", "simpler": "Handläggaren ser din text."}


# In the browser.


def filled(client: TestClient, address: str) -> dict[str, str]:
    """The fields of the form on a page, as a browser would send them."""
    page = client.get(address).text
    form = page[page.index('class="sheet"') : page.index("</main>")]
    fields = dict(re.findall(r'<input[^>]*? name="([^"]+)" value="([^"]*)"', form))
    fields |= dict(re.findall(r'<textarea[^>]*? name="([^"]+)"[^>]*>\n?(.*?)</textarea>', form, re.S))
    return {name: unescape(value) for name, value in fields.items() if name != "form_token"}


def fill_in(client: TestClient, address: str, **changed: str):
    return send(client, address, **(filled(client, address) | {k.replace("__", "."): v for k, v in changed.items()}))


def line(name: str) -> str:
    return f"lines__{LINE}__{name}"


def test_a_contact_is_changed_with_the_day_of_its_check(
    mio: TestClient, coordinator: Coordinator, saved, clock
) -> None:
    today = str(clock().date())
    sent = {line("number"): "020-50 50 51", line("verified_on"): today}
    asked = fill_in(mio, CONTACT, **sent)
    # A number that could be one is shown beside the old, and counts when somebody has said that it is right.
    assert asked.status_code == 409 and all(one in words(asked.text) for one in ("020-50 50 50", "020-50 50 51"))
    assert (saved, coordinator.text(NATIONAL, MIO)) == ([], SHIPPED[NATIONAL])
    yes = confirmation(asked.text)
    other = fill_in(mio, CONTACT, **sent | {line("number"): "020-50 50 52", "confirmed": yes})
    assert other.status_code == 409 and saved == []  # a yes to one number is none to another
    done = fill_in(mio, CONTACT, **sent, confirmed=yes)
    assert done.status_code == 200 and "Sparat." in words(done.text)
    after = saved[0].national[LINE]
    assert (after.number, after.verified_on) == ("020-50 50 51", clock().date())
    (version,) = coordinator.versions(NATIONAL)
    assert version.edit.name == "Mio Lo"
    assert version.diff.count("\n+") == 3  # the new header line of the difference, and the two lines


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"number": "020-1"}, "Skriv dagen då du kontrollerade dem"),
        ({"number": "020-5o 50 50", "verified_on": "2026-11-24"}, "inget nummer som går att ringa"),
        ({"number": "020-50 50 50 50 50", "verified_on": "2026-11-24"}, "inget nummer som går att ringa"),
        ({"hours": "Vardagar"}, "Skriv dagen då du kontrollerade dem"),
        ({"verified_on": "2030-01-01"}, "Dagen har inte varit än"),
        ({"valid_until": "i vår", "verified_on": "2026-11-24"}, "Skriv dagen som 2026-11-24"),
        ({"valid_until": "2031-01-01", "verified_on": "2026-11-24"}, "Senast 2028-11-"),
        ({"valid_until": "2020-01-01", "verified_on": "2026-11-24"}, "Kontakten gick ut 2020-01-01"),
        ({"name": "", "verified_on": "2026-11-24"}, "Fyll i det här"),
        ({"source": " "}, "Fyll i det här"),
        ({"valid_until": "", "verified_on": "2026-11-24"}, "Fyll i en dag"),
    ],
    ids=str,
)
def test_a_contact_that_is_not_right_says_why_at_the_field(mio, coordinator, saved, changed, said, clock) -> None:
    clock.at = datetime(2026, 11, 24, 9, 30, tzinfo=clock.at.tzinfo)
    answer = fill_in(mio, CONTACT, **{line(name): value for name, value in changed.items()})
    assert answer.status_code == 422
    name = next(iter(changed))
    found = re.findall(r'class="fault"[^>]*>(.*?)</p>', answer.text)
    assert any(said in unescape(one) for one in found), (found, words(answer.text)[:600])
    assert f'name="lines.{LINE}.{name}"' in answer.text and 'aria-invalid="true"' in answer.text
    assert (saved, coordinator.text(NATIONAL, MIO)) == ([], SHIPPED[NATIONAL])


@pytest.mark.parametrize(
    ("greeting", "said"),
    [
        ("Hej! Ingen får veta vad du säger. Är det han som bestämmer hemma?", "Det här kan ingen lova: ingen får veta"),
        ("Hej! Jag är en automatisk assistent hos {agency}. Jag är ingen människa.", "det är frivilligt"),
        ("Hej! Jag är en automatisk assistent. Jag är ingen människa. Det är frivilligt.", "{agency}"),
        ("Hej! Jag finns hos {agency}. Jag är ingen människa. Det är frivilligt.", "automatisk assistent"),
    ],
)
def test_the_greeting_says_what_it_must_and_promises_nothing(mio, coordinator, saved, greeting, said) -> None:
    path = "content/sv/welcome.yml"
    answer = fill_in(mio, f"/desk/contents/form?path={path}&item=welcome.hello", **{"welcome.hello.text": greeting})
    assert answer.status_code == 422 and said in words(unescape(answer.text))
    assert (saved, coordinator.text(path, MIO)) == ([], SHIPPED[path])


def test_no_text_promises_secrecy(mio, saved) -> None:
    address = f"/desk/contents/form?path={HANDOVER}&item=handover.waiting"
    answer = fill_in(mio, address, handover__waiting__simpler="Det stannar  mellan oss.")
    assert answer.status_code == 422 and "Det här kan ingen lova: stannar mellan oss" in words(answer.text)
    assert saved == []


def test_the_faults_are_in_the_language_of_the_desk(mio: TestClient, saved) -> None:
    address = f"/desk/contents/form?path={HANDOVER}&item=handover.waiting"
    for language, said in (("sv", "får därför inte innehålla: utsatt, våld"), ("en", "must not say: utsatt, våld")):
        send(mio, f"/desk/language/{language}", page=ROSTER, back="/desk")
        answer = fill_in(mio, address, handover__waiting__simpler="Du är utsatt för våld.")
        assert (answer.status_code, said in words(answer.text)) == (422, True), words(answer.text)[:800]
    assert saved == []


def test_what_somebody_else_changed_meanwhile_is_not_undone(mio: TestClient, coordinator: Coordinator, saved) -> None:
    address = f"/desk/contents/form?path={HANDOVER}&item=handover.received"
    mine = filled(mio, address)
    fill_in(mio, address, handover__received__text="Handläggaren läser det du skriver.")
    answer = send(mio, address, **mine | {"handover.received.simpler": "Hen ser din text."})
    assert answer.status_code == 409 and "Hen ser din text." in answer.text
    assert "simpler" not in str(yaml.safe_load(coordinator.text(HANDOVER, MIO))["handover.received"])
    assert len(saved) == 1


def test_hours_and_roster_on_a_page_of_their_own_count_at_once(mio: TestClient, coordinator, saved, clock) -> None:
    page = words(mio.get(ROSTER).text)
    assert "De närmaste två veckorna" in page and "Måndag" in page and "08:00–17:00" in page
    done = fill_in(
        mio,
        ROSTER,
        hours__friday__0="",
        hours__friday__1="",
        hours__monday__0="09:00",
        desk__roster__monday="2",
        closed_days__0__day="2026-12-01",
        closed_days__0__why="Planeringsdag",
        desk__on_days__0__day="2026-12-07",
        desk__on_days__0__count="1",
    )
    assert "Sparat." in words(done.text) and "Planeringsdag" in words(done.text)
    agency: Agency = saved[0].agencies["arbetsformedlingen"]
    assert "friday" not in agency.hours and str(agency.hours["monday"][0]) == "09:00:00"
    assert (agency.desk.roster, agency.desk.on_days) == ({"monday": 2}, {date(2026, 12, 7): 1})
    assert [one.why for one in agency.closed_days] == ["Planeringsdag"]
    held = fresh_catalogue()
    gate = held.agencies["arbetsformedlingen"].gate
    take_over(held, saved[0])
    assert held.agencies["arbetsformedlingen"].hours == agency.hours
    assert held.agencies["arbetsformedlingen"].gate == gate
    # And away again.
    fill_in(mio, ROSTER, closed_days__0__day="", closed_days__0__why="", desk__roster__monday="")
    agency = saved[1].agencies["arbetsformedlingen"]
    assert (agency.closed_days, agency.desk.roster) == ((), {})


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"hours__monday__0": "18:00"}, "Det måste öppna innan det stänger"),
        ({"hours__monday__0": "tidigt"}, "Skriv klockslaget som 08:00"),
        ({"desk__roster__monday": "två"}, "Skriv ett helt tal"),
        ({"desk__roster__monday": "-1"}, "Talet måste vara minst 0"),
        ({"desk__on_days__0__day": "jul", "desk__on_days__0__count": "1"}, "Skriv dagen som"),
        ({"closed_days__0__day": "2026-12-01"}, "Fyll i det här"),
    ],
    ids=str,
)
def test_a_roster_that_is_not_right_says_why(mio, edits, changed, said) -> None:
    answer = fill_in(mio, ROSTER, **changed)
    assert (answer.status_code, said in words(answer.text)) == (422, True), words(answer.text)[-900:]
    assert edits.all() == []


def test_the_limits_may_be_stricter_never_laxer(mio: TestClient, edits, saved) -> None:
    address = f"/desk/contents/form?path={AGENCY}&item=limits"
    assert "En kortare tid gäller genast" in words(mio.get(address).text)
    assert "Öppettider, stängda dagar" in words(mio.get(f"/desk/contents/file?path={AGENCY}").text)
    assert "gäller genast" not in words(mio.get(f"/desk/contents/form?path={NATIONAL}&item=lines.0").text)
    assert "Talet får vara högst 10" in words(fill_in(mio, address, gate__idle_minutes="60").text)
    assert "Tiden av tystnad" in words(fill_in(mio, address, gate__idle_minutes="9", gate__longest_minutes="8").text)
    assert edits.all() == []
    done = fill_in(mio, address, gate__idle_minutes="3")
    assert "nästa gång systemet startas" in words(done.text)
    assert saved[0].agencies["arbetsformedlingen"].gate.idle_minutes == 3


def test_what_is_locked_has_no_form(mio: TestClient, edits) -> None:
    token = form_token(mio, ROSTER)
    for path in LOCKED:
        for item in ("roster", "limits", "lines.0", "items.0", "text", ""):
            where = {"path": path, "item": item}
            assert mio.get("/desk/contents/form", params=where).status_code == 404
            fields = {"form_token": token, "items.0.text": "x", "text": "x", "before": ""}
            assert mio.post("/desk/contents/form", params=where, data=fields).status_code == 404
    assert edits.all() == []


def test_only_fields_of_the_form_are_written(mio: TestClient, coordinator: Coordinator, saved) -> None:
    address = f"/desk/contents/form?path={AGENCY}&item=limits"
    assert "En kortare tid gäller genast" in words(mio.get(address).text)
    assert "Öppettider, stängda dagar" in words(mio.get(f"/desk/contents/file?path={AGENCY}").text)
    assert "gäller genast" not in words(mio.get(f"/desk/contents/form?path={NATIONAL}&item=lines.0").text)
    fill_in(
        mio, address, gate__idle_minutes="4", gate__session_minutes="120", instrument="other/1", default_programme="x"
    )
    before, after = (yaml.safe_load(text) for text in (SHIPPED[AGENCY], coordinator.text(AGENCY, MIO)))
    assert after["gate"].pop("idle_minutes") == 4 and before["gate"].pop("idle_minutes") == 5
    assert after == before


def test_each_office_has_its_week_and_the_days_ahead_say_so() -> None:
    text = SHIPPED[AGENCY] + "offices:\n  - {id: north, name: Norr}\n  - {id: south, name: Söder}\n"
    found = sheet(AGENCY, text, "roster")
    assert found is not None
    assert [group.title for group in found.groups if group.word == "in_office"] == ["Norr", "Söder"]
    sent = sent_of(AGENCY, "roster", text) | {"desk.by_office.north.monday": "2", "desk.by_office.south.monday": "1"}
    catalogue, faults = _loaded(rewritten(text, found.changes(sent)))
    assert faults == []
    monday = datetime(2026, 12, 21, 9, tzinfo=data_files.UTC)
    days = days_ahead(catalogue.agencies["arbetsformedlingen"], monday, "sv")
    assert (days[0].on_duty, days[0].offices) == (3, (("Norr", 2), ("Söder", 1)))
    assert [(day.day.day, day.why) for day in days if day.why] == [
        (24, "Julafton"),
        (25, "Juldagen"),
        (26, "Annandag jul"),
        (31, "Nyårsafton"),
        (1, "Nyårsdagen"),
    ]
    assert (
        days_ahead(catalogue.agencies["arbetsformedlingen"], monday + timedelta(days=4), "en")[0].why == "Christmas Day"
    )
    _, faults = _loaded(text.replace("  on_days: {}", "  on_days: {}\n  by_office: {west: {monday: 1}}"))
    assert [fault.code for fault in faults] == ["office_unknown"]


def _loaded(agency_text: str):
    from screening.catalogue.load import load

    catalogue, faults = load({**SHIPPED, AGENCY: agency_text}, date(2026, 11, 24))
    return catalogue, [fault for fault in faults if fault.file == AGENCY]
