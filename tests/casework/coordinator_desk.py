"""A coordinator at the desk: the shipped files, changes of this test alone, a browser."""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import date
from functools import cache
from html import unescape
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from bot import data_files
from bot.talk.preview import JourneyPreview
from casework.accounts import Accounts
from casework.caseworker import Caseworker
from casework.coordinator import Coordinator
from casework.desk import desk_routes
from casework.desk.content_pages import ContentsDesk
from casework.desk.shelf import Shelf
from casework.edits import Edits, mark
from casework.records import Records
from casework.roles import Role
from screening.catalogue.load import Catalogue
from tests.casework.conftest import PASSWORD
from tests.casework.desk_browser import WORDS, send

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


# Counting at once, in this process and in others.


def fresh_catalogue() -> Catalogue:
    return deepcopy(shipped_catalogue())


@cache
def shipped_catalogue() -> Catalogue:
    return data_files.catalogue(date(2026, 11, 24))


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


def confirmation(page: str) -> str:
    """What the yes carries, of a page that asks for it."""
    found = re.search(r'name="confirmed" value="([0-9a-f]{64})"', page)
    assert found is not None
    return found[1]
