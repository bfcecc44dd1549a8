"""The pages on which a coordinator changes files as YAML."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from httpx import Response
from starlette.testclient import TestClient

from casework.coordinator import Coordinator
from casework.desk.file_names import kind_of, named
from casework.edits import Edits, mark
from casework.roles import Role
from tests.casework.coordinator_desk import (
    AGENCY,
    LOCKED,
    MIO,
    NATIONAL,
    SHIPPED,
    WELCOME,
    app,
    confirmation,
    coordinator,
    edits,
    in_form,
    mio,
    saved,
    shipped_catalogue,
)
from tests.casework.desk_browser import ADMIN, WORDS, form_token, send, words

__all__ = ["app", "coordinator", "edits", "mio", "saved"]


def test_editing_in_the_browser(mio: TestClient, coordinator: Coordinator, saved) -> None:
    listed = mio.get("/desk")
    assert listed.url.path == "/desk/contents"
    for path in (WELCOME, NATIONAL, AGENCY):
        assert f"/desk/contents/file?path={path}" in listed.text
    address = f"/desk/contents/file?path={WELCOME}"
    form = in_form(mio.get(address).text)
    assert form["text"] == SHIPPED[WELCOME]
    # A browser sends line feeds as two signs.
    sent = form | {"text": form["text"].replace("Hej!", "Hej <b>där</b>!").replace("\n", "\r\n")}
    asked = send(mio, address, **sent)
    # The greeting is read once more, as people read it, before it counts.
    assert asked.status_code == 409 and "hos Arbetsförmedlingen" in words(asked.text)
    assert (saved, coordinator.text(WELCOME, MIO)) == ([], SHIPPED[WELCOME])
    done = send(mio, address, **sent | {"confirmed": confirmation(asked.text)})
    assert ADMIN["content"]["saved"] in done.text
    assert coordinator.text(WELCOME, MIO) == SHIPPED[WELCOME].replace("Hej!", "Hej <b>där</b>!")
    assert "<b>där" not in done.text
    assert len(saved) == 1
    reverted = reverted_after_reading(mio, WELCOME, "0", saved)
    assert ADMIN["content"]["saved"] in reverted.text
    assert coordinator.text(WELCOME, MIO) == SHIPPED[WELCOME]
    assert "Mio Lo" in words(reverted.text)


def reverted_after_reading(mio: TestClient, path: str, n: str, saved: list[object]) -> Response:
    """Going back to change `n` is read once more, as any change is, and counts when it is said to be right."""
    address, before = f"/desk/contents/file?path={path}", len(saved)
    here = mio.get(address).text
    fields = {"n": n, "before": in_form(here)["before"]}
    asked = send(mio, f"/desk/contents/revert?path={path}", page=address, **fields)
    assert (asked.status_code, len(saved)) == (409, before)
    assert ADMIN["confirm"]["how"] in asked.text
    assert in_form(asked.text)["text"] == in_form(here)["text"], "the file is as it was"
    (yes,) = [form for form in re.findall(r"<form.*?</form>", asked.text, re.S) if 'name="confirmed"' in form]
    assert f'action="/desk/contents/revert?path={path}"' in yes
    sent = dict(re.findall(r'name="(n|before|confirmed)" value="(\w+)"', yes))
    assert sent == fields | {"confirmed": confirmation(asked.text)}
    return send(mio, f"/desk/contents/revert?path={path}", page=address, **sent)


def test_going_back_to_another_number_is_read_once_more_too(mio: TestClient, coordinator: Coordinator, saved) -> None:
    for number in ("020-50 50 51", "020-50 50 52"):
        text = coordinator.text(NATIONAL, MIO)
        coordinator.save(NATIONAL, re.sub(r"020-50 50 5\d", number, text, count=1), mark(text), MIO)
    asked = mio.get(f"/desk/contents/file?path={NATIONAL}").text
    assert "020-50 50 52" in in_form(asked)["text"]
    first = coordinator.versions(NATIONAL)[-1].edit.n
    done = reverted_after_reading(mio, NATIONAL, str(first), saved)
    assert ADMIN["content"]["saved"] in done.text and "020-50 50 51" in coordinator.text(NATIONAL, MIO)
    # What nobody rings and nobody meets first goes back at once, as it is changed at once.
    close = "content/sv/close.yml"
    text = coordinator.text(close, MIO)
    coordinator.save(close, text.replace("Tack, nu", "Tack. Nu", 1), mark(text), MIO)
    address = f"/desk/contents/file?path={close}"
    fields = {"n": "0", "before": in_form(mio.get(address).text)["before"]}
    assert send(mio, f"/desk/contents/revert?path={close}", page=address, **fields).status_code == 200
    assert coordinator.text(close, MIO) == SHIPPED[close]


def test_the_greeting_is_read_once_more_as_the_page_shows_it(mio: TestClient) -> None:
    """Its paragraphs apart, in a bubble that keeps them, with what each part is called."""
    address = f"/desk/contents/file?path={WELCOME}"
    form = in_form(mio.get(address).text)
    asked = send(mio, address, **form | {"text": form["text"].replace("Hej!", "Hej där!")}).text
    bubbles = re.findall(r'<p class="by">(.*?)</p>\s*<div class="bubble"><p class="text">(.*?)</p>', asked, re.S)
    assert [part for part, _ in bubbles] == [
        ADMIN["field"][part] for part in ("text", "simpler", "voice") for _ in "ab"
    ]
    before, after = bubbles[0][1], bubbles[1][1]
    assert before.startswith("Hej! Jag är en automatisk assistent hos Arbetsförmedlingen. Jag är ingen människa.\n")
    assert after == before.replace("Hej!", "Hej där!")


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_file_has_a_name_that_people_use(coordinator: Coordinator, language: str) -> None:
    words_of = shipped_catalogue().desk[language]
    admin = shipped_catalogue().desk_admin[language]
    files = coordinator.files(MIO)
    names = [named(file.path, file.name, admin, words_of) for file in files]
    assert len(files) > 20 and len(set(names)) == len(names)
    assert not [name for name in names if "/" in name or ".yml" in name or "{" in name or "_" in name]
    assert set(admin["file_names"]) == {kind_of(file.path) for file in files}, "no name is for nothing"
    assert any("Arbetsförmedlingen" in name for name in names)


def test_files_of_other_languages_and_places_are_told_apart() -> None:
    told = [
        named(path, name, ADMIN, WORDS)
        for path, name in (
            ("content/fi/welcome.yml", ""),
            ("support/regions/botkyrka.yml", "Botkyrka"),
            ("support/regions/botkyrka.yml", ""),
            ("content/sv/new.yml", ""),
        )
    ]
    assert told == [
        "Första skärmen (finska)",
        "Hjälp på orten: Botkyrka",
        "Hjälp på orten: botkyrka",
        "content/sv/new.yml",
    ]


def test_the_list_of_contents_has_names_in_the_order_of_a_conversation(mio: TestClient) -> None:
    page = mio.get("/desk/contents").text
    listed = re.findall(r'<a href="/desk/contents/file\?path=[^"]+">([^<]+)</a>', page)
    assert listed[:2] == ["Första skärmen", "Frågor om enskildhet"] and "content/sv" not in words(page)
    assert listed[-1] == "Regler för Arbetsförmedlingen"
    one = mio.get(f"/desk/contents/file?path={WELCOME}").text
    assert "<h1>Första skärmen</h1>" in one and f"Fil: {WELCOME}" in words(one)


def test_contacts_that_were_checked_long_ago_are_counted(mio: TestClient, coordinator: Coordinator) -> None:
    page = words(mio.get("/desk/contents").text)
    n = len(coordinator.contacts())
    assert n > 0 and f"{ADMIN['contents']['soon']} {n}" in page
    assert "Kvinnofridslinjen : Kontrollerades senast 2024-04-16." in page
    assert "med högst 365 dagar emellan" in page and "SOS Alarm" not in page
    # The list above says it once: the file does not say it again.
    assert "lines.1.verified_on" not in page


def test_a_mistake_stays_in_the_form_with_what_is_wrong(mio: TestClient, coordinator, saved) -> None:
    address = f"/desk/contents/file?path={WELCOME}"
    form = in_form(mio.get(address).text)
    wrong = form["text"] + "extra: [\n"
    answer = send(mio, address, **form | {"text": wrong})
    assert answer.status_code == 422
    assert re.search(r"Första skärmen: Rad \d+, file: Filen går inte att läsa", words(answer.text))
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
        "counts_from",
        "days",
        "fault",
        "file_names",
    }
    unused = [
        f"{g}.{k}" for g, inside in ADMIN.items() if g not in looked_up for k in inside if f"a.{g}.{k}" not in source
    ]
    assert unused == []
    for group, key in re.findall(r"\ba\.(\w+)\.(\w+)", source):
        assert key in ADMIN[group], f"{group}.{key}"
    assert set(ADMIN["roles"]) == set(Role)
