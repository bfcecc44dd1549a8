"""A coordinator's pages: edits are checked as `enrum check` does, kept with their history, never an instrument; a true preview."""

from __future__ import annotations

import re
import threading
from copy import deepcopy
from datetime import date
from functools import cache
from html import unescape
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from bot import data_files
from bot.reloading import Reloading, take_over
from bot.talk.preview import JourneyPreview
from casework.accounts import Accounts
from casework.audit import entries
from casework.caseworker import Caseworker
from casework.coordinator import Coordinator, Locked, Refused
from casework.desk import desk_routes
from casework.desk.content_pages import ContentsDesk
from casework.desk.preview_screen import Asked
from casework.desk.shelf import Shelf
from casework.edits import Edits, Meanwhile, mark
from casework.records import Base, Records
from casework.roles import Role
from screening.catalogue.load import Catalogue
from tests.casework.conftest import PASSWORD
from tests.casework.test_desk import ADMIN, WORDS, form_token, send, words

WELCOME, AGENCY, NATIONAL = "content/sv/welcome.yml", "agencies/arbetsformedlingen.yml", "support/national.yml"
SHIPPED = data_files.read()
MIO = Caseworker("mio", "Mio Lo", Role.COORDINATOR)
LOCKED = (
    *(
        path
        for path in SHIPPED
        if path.startswith(("instruments/", "nlu/", "rules/", "safety/signal_acts", "safety/lexicon/sv"))
    ),
    "content/sv/desk.yml",
    "content/sv/desk_admin.yml",
    "agencies/migrationsverket.yml",
    "content/sv/nothing.yml",
    "content/sv/../../instruments/fov-vuxna/2019.yml",
    "../README.md",
    "/etc/passwd",
    "",
)


@pytest.fixture
def edits(tmp_path: Path) -> Edits:
    return Edits(tmp_path / "edits")


@pytest.fixture
def coordinator(records: Records, edits: Edits, clock, database) -> Coordinator:
    return Coordinator(records, edits, SHIPPED, "arbetsformedlingen", clock)


def change(coordinator: Coordinator, path: str, old: str, new: str) -> Catalogue:
    text = coordinator.text(path, MIO)
    assert old in text
    return coordinator.save(path, text.replace(old, new, 1), mark(text), MIO)


def a_word(path: str = WELCOME) -> tuple[str, str]:
    """A line of the file that can be said in another way."""
    line = next(line for line in SHIPPED[path].splitlines() if "Hej!" in line)
    return line, line.replace("Hej!", "Hej där!")


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
    assert len(coordinator.contacts()) == len(gone) - 1


def test_contacts_are_listed_sixty_days_before(coordinator: Coordinator, clock) -> None:
    first = min(line.valid_until for line in data_files.catalogue(date(2026, 11, 24)).national)
    clock.pass_(days=(first - clock().date()).days - 61)
    assert coordinator.contacts() == []
    clock.pass_(days=1)
    assert [(one.line.valid_until, one.gone) for one in coordinator.contacts()][:1] == [(first, False)]


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


# Counting at once, in this process and in others.


def fresh_catalogue() -> Catalogue:
    return deepcopy(shipped_catalogue())


@cache
def shipped_catalogue() -> Catalogue:
    return data_files.catalogue(date(2026, 11, 24))


def test_what_everybody_holds_says_the_new_words_and_the_old_instrument(coordinator: Coordinator) -> None:
    held = fresh_catalogue()
    page_holds, instruments, agencies = held.languages["sv"], dict(held.instruments), dict(held.agencies)
    take_over(held, change(coordinator, WELCOME, *a_word()))
    assert any("Hej där!" in text.text for text in page_holds.texts.values())
    take_over(held, change(coordinator, NATIONAL, "SOS Alarm", "SOS"))
    assert held.lines(date(2026, 11, 24))[0].name == "SOS"
    change(coordinator, AGENCY, "idle_minutes: 5", "idle_minutes: 4")
    assert (held.instruments, held.agencies) == (instruments, agencies)


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


# In the browser.


@pytest.fixture
def saved() -> list[Catalogue]:
    return []


@pytest.fixture
def app(desk, accounts: Accounts, coordinator: Coordinator, clock, saved) -> Starlette:
    catalogue = fresh_catalogue()
    preview = JourneyPreview(catalogue, catalogue.agencies["arbetsformedlingen"], clock)
    contents = ContentsDesk(coordinator, preview, saved.append)
    shelf = Shelf(languages=catalogue.desk)
    admin = catalogue.desk_admin
    routes = desk_routes(desk, accounts, WORDS, "AF", lambda _: None, shelf=shelf, admin_words=admin, contents=contents)
    return Starlette(routes=routes)


@pytest.fixture
def mio(app: Starlette, accounts: Accounts) -> TestClient:
    accounts.redeem(accounts.link(Role.COORDINATOR), "Mio Lo", PASSWORD)
    client = TestClient(app, base_url="https://desk.test", follow_redirects=True)
    send(client, "/desk/sign-in", name="Mio Lo", password=PASSWORD)
    return client


def in_form(html: str) -> dict[str, str]:
    (text,) = re.findall(r"<textarea[^>]*>\n(.*?)</textarea>", html, re.S)
    before = re.findall(r'name="before" value="(\w+)"', html)[0]
    return {"text": unescape(text), "before": before}


def test_editing_in_the_browser(mio: TestClient, coordinator: Coordinator, saved) -> None:
    listed = mio.get("/desk")
    assert listed.url.path == "/desk/contents"
    for path in (WELCOME, NATIONAL, AGENCY):
        assert f"/desk/contents/file?path={path}" in listed.text
    address = f"/desk/contents/file?path={WELCOME}"
    form = in_form(mio.get(address).text)
    assert form["text"] == SHIPPED[WELCOME]
    # A browser sends line feeds as two signs.
    done = send(mio, address, **form | {"text": form["text"].replace("Hej!", "Hej <b>där</b>!").replace("\n", "\r\n")})
    assert ADMIN["content"]["saved"] in done.text
    assert coordinator.text(WELCOME, MIO) == SHIPPED[WELCOME].replace("Hej!", "Hej <b>där</b>!")
    assert "<b>där" not in done.text
    assert len(saved) == 1
    reverted = send(
        mio, f"/desk/contents/revert?path={WELCOME}", page=address, n="0", before=in_form(done.text)["before"]
    )
    assert reverted.status_code == 200
    assert coordinator.text(WELCOME, MIO) == SHIPPED[WELCOME]
    assert "Mio Lo" in words(reverted.text)


def test_a_mistake_stays_in_the_form_with_what_is_wrong(mio: TestClient, coordinator, saved) -> None:
    address = f"/desk/contents/file?path={WELCOME}"
    form = in_form(mio.get(address).text)
    wrong = form["text"] + "extra: [\n"
    answer = send(mio, address, **form | {"text": wrong})
    assert answer.status_code == 422
    assert re.search(rf"{WELCOME}: Rad \d+, file: Filen går inte att läsa", words(answer.text))
    assert in_form(answer.text)["text"] == wrong
    assert (saved, coordinator.text(WELCOME, MIO)) == ([], SHIPPED[WELCOME])


def test_what_is_locked_is_not_there_in_the_browser(mio: TestClient, edits: Edits) -> None:
    token = form_token(mio, f"/desk/contents/file?path={WELCOME}")
    for path in LOCKED:
        assert mio.get("/desk/contents/file", params={"path": path}).status_code == 404
        fields = {"form_token": token, "text": "a: b", "before": mark(SHIPPED.get(path, "")), "n": "0"}
        for way in ("file", "revert"):
            assert mio.post(f"/desk/contents/{way}", params={"path": path}, data=fields).status_code == 404
    assert edits.all() == []


def test_a_form_from_elsewhere_changes_nothing(mio: TestClient, edits: Edits) -> None:
    form = in_form(mio.get(f"/desk/contents/file?path={WELCOME}").text)
    for way in ("file", "revert"):
        answer = mio.post(f"/desk/contents/{way}?path={WELCOME}", data=form | {"n": "0", "form_token": "x"})
        assert answer.status_code == 403
    assert edits.all() == []


# The preview.


@pytest.fixture
def preview(clock) -> JourneyPreview:
    catalogue = fresh_catalogue()
    return JourneyPreview(catalogue, catalogue.agencies["arbetsformedlingen"], clock)


def test_the_preview_goes_the_real_way_with_the_real_words(preview: JourneyPreview) -> None:
    first = preview.show(Asked())
    assert (first.step, first.gate, first.path) == ("welcome.hello", "closed", ())
    assert {line.content_class for line in first.lines} == {"neutral"}
    way = ("continue", "private", "no", "continue")
    informed = preview.show(Asked(path=way))
    assert (informed.gate, informed.path) == ("open", way)
    assert any(line.content_class == "sensitive" for line in informed.lines)
    stopped = preview.show(Asked(path=("continue", "yes", "private", "nonsense", "private")))
    assert stopped.path == ("continue",)


def test_every_screen_within_three_choices_can_be_shown_on_every_channel(preview: JourneyPreview) -> None:
    """Behind a closed gate there is never anything but neutral words: the outlet stands in the preview too."""
    seen = 0
    for channel in preview.possible().channels:
        paths: list[tuple[str, ...]] = [()]
        for _ in range(3):
            further = {}
            for path in paths:
                screen = preview.show(Asked(channel=channel, path=path))
                assert screen.path == path
                if screen.gate == "closed":
                    assert {line.content_class for line in screen.lines} <= {"neutral"}
                for id_, _label in screen.choices:
                    further.setdefault((screen.step, id_), (*path, id_))
                seen += 1
            paths = list(further.values())
    assert seen > 40


def test_a_contact_plan_can_be_previewed_with_a_number_that_nobody_has(preview: JourneyPreview) -> None:
    path: tuple[str, ...] = ("continue", "private", "no", "continue", "human", "contact_me")
    for _ in range(12):
        screen = preview.show(Asked(path=path))
        assert screen.path == path
        ids = [id_ for id_, _ in screen.choices]
        if screen.step == "plan.summary":
            assert "+46701740605" in "".join(line.text for line in screen.lines)
            return
        path = (*path, next(id_ for id_ in ("told", "call", "morning", "yes", "no") if id_ in ids))
    raise AssertionError("no plan was made")


def test_the_preview_leaves_no_trace(mio: TestClient, records: Records, preview) -> None:
    def rows() -> dict[str, int]:
        with records.reading() as session:
            return {
                table.name: len(session.execute(table.select()).all())
                for table in Base.metadata.sorted_tables
                if table.name not in ("audit", "audit_tip", "desk_session")
            }

    before = rows()
    page = mio.get("/desk/contents/preview")
    assert ADMIN["preview"]["intro"] in page.text
    for _ in range(5):
        (link, *_) = re.findall(r'class="button" href="([^"]+)"', page.text)
        page = mio.get(unescape(link))
        assert page.status_code == 200
    assert rows() == before
    odd = {"locale": "xx", "channel": "fax", "programme": "none", "path": "a,b," + "c," * 500}
    assert mio.get("/desk/contents/preview", params=odd).status_code == 200


def test_every_word_of_these_pages_is_used_and_every_use_has_a_word() -> None:
    templates = Path(__file__).parents[2] / "casework/desk/templates"
    source = "\n".join(path.read_text("utf-8") for path in templates.glob("*.html"))
    looked_up = {
        "problem",
        "roles",
        "classes",
        "outside",
        "out",
        "sheet",
        "sheet_hint",
        "field",
        "field_hint",
        "days",
        "fault",
    }
    unused = [
        f"{g}.{k}" for g, inside in ADMIN.items() if g not in looked_up for k in inside if f"a.{g}.{k}" not in source
    ]
    assert unused == []
    for group, key in re.findall(r"\ba\.(\w+)\.(\w+)", source):
        assert key in ADMIN[group], f"{group}.{key}"
    assert set(ADMIN["roles"]) == set(Role)
