"""The house as it is served, on a database of its own. The model is trained once and kept in var/ by its inputs' hash."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.composition import House, build
from bot.settings import PROJECT, Settings
from tests import told
from tests.postgresql import Cluster

MONDAY_MORNING = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--walk-turns", type=int, default=1500, help="turns of the random walk on the loaded agent")
    parser.addoption(
        "--walk-minutes", type=float, default=0, help="minutes after which the pure walk stops; 0: as long as it takes"
    )
    parser.addoption(
        "--walk-states", type=int, default=150, help="states of the pure walk in each world; 0: to the end"
    )
    parser.addoption("--sms-messages", type=int, default=60, help="SMS of the random run that only neutral ones answer")
    parser.addoption(
        "--walk-seed", type=int, default=None, help="seed of the random walk; default: the same every time"
    )


@dataclass
class Clock:
    """The time of the test. Moves only when told to."""

    at: datetime = MONDAY_MORNING

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, **time: float) -> None:
        self.at += timedelta(**time)


@pytest.fixture(scope="session")
def engine_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A built house: loading Rasa takes seconds, so it is shared; each test joins its own records to its agent."""
    room = tmp_path_factory.mktemp("house")
    settings = Settings(home=PROJECT / "var", database_url=f"sqlite:///{room / 'e.db'}", key_folder=str(room / "keys"))
    house = build(settings)
    yield house
    house.records.close()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL server. Skips where it is not installed."""
    cluster = Cluster.start(durable=False)
    yield cluster
    cluster.stop()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def engine() -> str:
    """The database of a test. Whole folders run on both: their conftest says so."""
    return "sqlite"


@pytest.fixture
def house(
    engine_house: House, engine: str, clock: Clock, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[House]:
    """A house with empty records and the test's clock."""
    cluster = request.getfixturevalue("cluster") if engine == "postgresql" else None
    url = cluster.database() if cluster else ""
    own = rejoined(engine_house, tmp_path, clock, url=url)
    yield own
    own.records.close()
    if cluster:
        cluster.drop(url)


def rejoined(shared: House, room: Path, now: Any, agency: str | None = None, url: str = "") -> House:
    """The shared agent with records of its own in `room`."""
    from bot.talk.place import Place
    from bot.talk.turns import Turns
    from bot.web.bell import Bell
    from casework.accounts import Accounts
    from casework.handover import HandoverDesk
    from casework.intake import Intake
    from casework.key_files import FileKeys
    from casework.opening import open_records

    keys = FileKeys.open(room / "key", room / "keys", create=True)
    records = open_records(url or f"sqlite:///{room / 'enrum.db'}", keys)
    intake, handovers = Intake(records, now), HandoverDesk(records, now)
    place = Place(shared.catalogue, now, handovers.someone_present, handovers.taking_over.is_away)
    bell = Bell()
    turns = Turns(shared.turns._engine, intake, place, shared.turns._find_signals, bell.changed)
    chosen = shared.catalogue.agencies[agency] if agency else shared.agency
    return House(
        shared.settings,
        shared.catalogue,
        chosen,
        records,
        intake,
        handovers,
        Accounts(records, now),
        turns,
        bell,
        now,
    )


@dataclass
class Person:
    """Somebody at the conversation API. `answer("yes")` picks a choice, `write("hej")` types."""

    client: httpx.AsyncClient
    id: str = ""
    token: str = field(default="", repr=False)
    last: dict[str, Any] = field(default_factory=dict)

    async def begin(self) -> dict[str, Any]:
        response = await self.client.post("/api/conversations")
        assert response.status_code == 201
        self.last = response.json()
        self.id, self.token = self.last["id"], self.last["token"]
        return self.last

    async def send(self, body: Any, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        return await self.client.post(f"/api/conversations/{self.id}/messages", json=body, headers=headers, **more)

    async def answer(self, *choices: str) -> dict[str, Any]:
        for choice in choices:
            response = await self.send({"choice": choice})
            assert response.status_code == 200, (choice, response.status_code, response.text)
            self.last = response.json()
        return self.last

    async def write(self, text: str) -> dict[str, Any]:
        response = await self.send({"text": text})
        assert response.status_code == 200, (text, response.text)
        self.last = response.json()
        return self.last

    async def leave(self) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        return await self.client.delete(f"/api/conversations/{self.id}", headers=headers)

    @property
    def texts(self) -> list[str]:
        return [message["text"] for message in self.last["messages"]]

    @property
    def choices(self) -> list[str]:
        return [c["id"] for c in self.last["messages"][-1]["choices"]]

    @property
    def here(self) -> list[str]:
        return [c["id"] for c in self.last["messages"][-1]["choices"] if not c["everywhere"]]

    @property
    def stage(self) -> str:
        return str(self.last["state"]["stage"])

    async def to_first_item(self) -> None:
        await self.begin()
        await self.answer("continue", "private", "no", "continue", "skip", "yes")
        assert self.stage == "questions"


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    from bot.web.application import application

    transport = httpx.ASGITransport(app=application(house), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://enrum.test") as client:
        yield client


@pytest.fixture
def person(client: httpx.AsyncClient) -> Person:
    return Person(client)


__all__ = ["Clock", "Person", "rejoined"]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker hands over what it has to tell."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["told"] = told.lines()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    for line in getattr(node, "workeroutput", {}).get("told", []):
        told.tell(line)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in told.lines():
        terminalreporter.write_line(line)
