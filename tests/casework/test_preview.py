"""The preview goes the way that a conversation goes, and leaves no trace."""

from __future__ import annotations

import re
from html import unescape

import pytest
from starlette.testclient import TestClient

from bot.talk.preview import JourneyPreview
from casework.desk.preview_screen import Asked
from casework.records import Base, Records
from tests.casework.coordinator_desk import (
    app,
    coordinator,
    edits,
    fresh_catalogue,
    mio,
    saved,
)
from tests.casework.desk_browser import ADMIN

__all__ = ["app", "coordinator", "edits", "mio", "saved"]


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
