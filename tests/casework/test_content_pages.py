"""The pages on which a coordinator changes files as YAML."""

from __future__ import annotations

import re
from pathlib import Path

from starlette.testclient import TestClient

from casework.coordinator import Coordinator
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
)
from tests.casework.desk_browser import ADMIN, form_token, send, words

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
    }
    unused = [
        f"{g}.{k}" for g, inside in ADMIN.items() if g not in looked_up for k in inside if f"a.{g}.{k}" not in source
    ]
    assert unused == []
    for group, key in re.findall(r"\ba\.(\w+)\.(\w+)", source):
        assert key in ADMIN[group], f"{group}.{key}"
    assert set(ADMIN["roles"]) == set(Role)
