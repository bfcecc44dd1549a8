"""The desk as a browser meets it: its application, who sits at it, forms that are sent."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from starlette.applications import Starlette
from starlette.testclient import TestClient

from casework.contact.stops import Stops
from casework.desk import DESK_ROUTES, desk_routes
from casework.desk.contacting import Ways
from casework.desk.inviting import Inviting
from casework.follow_ups import FollowUps
from casework.invitations import Invitations
from screening.catalogue.agency import Programme
from screening.events import Ended, HandoverKind, HandoverRequested, Outcome

WORDS = yaml.safe_load((Path(__file__).parents[2] / "data/content/sv/desk.yml").read_text())
ADMIN = yaml.safe_load((Path(__file__).parents[2] / "data/content/sv/desk_admin.yml").read_text("utf-8"))
PASSWORD = "en lång lösenfras"
ITEM = "Frågans text, ordagrant & <oförändrad>"
CHAT = HandoverRequested(HandoverKind.CHAT, urgent=True)
HANDOVER_POSTS = [
    route for route in DESK_ROUTES if route.methods == ("POST",) and route.path.startswith("/desk/handover/")
]


@pytest.fixture
def changed() -> list[str]:
    return []


@pytest.fixture
def inviting(records, clock) -> Inviting:
    follow_ups = FollowUps(records, clock, 3, 3)
    programme = Programme(id="finsam", name="Finsam", mode="routine", verified=True, source="a test")
    return Inviting(
        records, Invitations(records, clock, follow_ups), follow_ups, [programme], ["sv", "fi"], lambda link: "<svg/>"
    )


@pytest.fixture
def app(desk, accounts, changed, inviting, records, clock) -> Starlette:
    def item_text(instrument: str, version: str, item: int) -> str:
        return {("fov-vuxna", "2019"): f"{ITEM} {item}"}[instrument, version]

    routes = desk_routes(
        desk,
        accounts,
        WORDS,
        "Arbetsförmedlingen",
        changed.append,
        item_text,
        ways=Ways(lift=Stops(records, clock).lift_of_plan),
        inviting=inviting,
        admin_words={"sv": ADMIN},
    )
    return Starlette(routes=routes)


@pytest.fixture
def browser(app) -> TestClient:
    return TestClient(app, base_url="https://desk.test", follow_redirects=True)


@pytest.fixture
def at_desk(browser, kim) -> TestClient:
    """Kim's browser, signed in."""
    send(browser, "/desk/sign-in", name="Kim Ek", password=PASSWORD)
    return browser


@pytest.fixture
def chat(opened, take_turn) -> str:
    return take_turn(opened, CHAT, says=["det tidigare samtalet"]).handover.id


@pytest.fixture
def contact(opened, take_turn, plan) -> str:
    event = HandoverRequested(HandoverKind.CONTACT, urgent=False, plan=plan)
    return take_turn(opened, event, Ended(Outcome.COMPLETED)).handover.id


def form_token(client: TestClient, path: str) -> str:
    found = re.search(r'name="form_token" value="([^"]+)"', client.get(path).text)
    assert found is not None
    return found[1]


def send(client: TestClient, path: str, *, page: str | None = None, **fields: str):
    """Fill in the form on a page (the page itself unless another is named) and send it."""
    return client.post(path, data={"form_token": form_token(client, page or path), **fields})


def words(html: str) -> str:
    """What can be read on a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def path_of(route, handover_id: str = "x") -> str:
    return route.path.format(id=handover_id, token="x", name="desk.css", checklist="child", language="sv")
