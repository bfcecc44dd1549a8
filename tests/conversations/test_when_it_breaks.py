"""A full disk, a locked or read-only database, a server that is gone: the person gets a calm sentence and goes on."""

from __future__ import annotations

import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path

import httpx
import pytest
from sqlalchemy import event

from bot.composition import House
from casework.records import engine
from tests.casework.crash.points import How, Points
from tests.casework.crash.tally import FOUND, TRIED, Doubled, Lost
from tests.conftest import Clock, Person, rejoined
from tests.figures import figures_of
from tests.postgresql import Cluster

SENTENCE = "Något gick fel hos oss."


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits ten seconds for a lock here."""
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_MS", 150)


def files(house: House) -> Path:
    return Path(house.records._engine.url.database or "")


@contextmanager
def locked(house: House) -> Iterator[None]:
    """Somebody else holds the write lock and does not let go."""
    other = sqlite3.connect(files(house), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


@contextmanager
def full(house: House) -> Iterator[None]:
    """No file may grow: what a full disk is to a program."""
    house.records.forget_log()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def read_only(house: House) -> Iterator[None]:
    def refuse(connection, *_: object) -> None:
        connection.execute("PRAGMA query_only = ON")

    def allow(connection, *_: object) -> None:
        connection.execute("PRAGMA query_only = OFF")

    event.listen(house.records._engine, "checkout", refuse)
    try:
        yield
    finally:
        event.remove(house.records._engine, "checkout", refuse)
        event.listen(house.records._engine, "checkout", allow)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "broken" in metafunc.fixturenames:
        metafunc.parametrize("broken", [locked, full, read_only])


def is_calm(response: httpx.Response) -> bool:
    """A neutral sentence, a stable code, nothing about what went wrong."""
    (message,) = response.json()["messages"]
    return (response.status_code, response.json()["error"], message["class"], message["text"][: len(SENTENCE)]) == (
        503,
        "failed",
        "neutral",
        SENTENCE,
    )


def counted(house: House) -> dict[str, int]:
    return figures_of(house.records)


async def finish(person: Person) -> None:
    while person.stage in ("questions", "privacy"):
        await person.answer("private" if "private" in person.here else "yes")


async def test_a_broken_disk_costs_no_answer(
    person: Person, house: House, broken: Callable[[House], AbstractContextManager[None]]
) -> None:
    await person.to_first_item()
    await person.answer("yes")
    with broken(house):
        assert is_calm(await person.send({"choice": "yes", "key": "k"}))
        assert is_calm(await person.client.post("/api/conversations"))
        assert is_calm(await person.leave())
    await person.answer("again")
    assert person.texts[-2] == "Fråga 2 av 7"
    await finish(person)
    assert [counted(house)[f"fov-vuxna/2019:{n}:yes"] for n in range(1, 8)] == [1] * 7
    assert (await person.leave()).status_code == 204
    assert (await person.send({"choice": "again"})).status_code in (401, 410)


async def test_the_page_says_it_calmly_too(
    client: httpx.AsyncClient, house: House, broken: Callable[[House], AbstractContextManager[None]]
) -> None:
    with broken(house):
        response = await client.post("/say", data={"choice": "continue", "key": "k"})
    assert response.status_code == 503
    assert SENTENCE in response.text
    response = await client.post("/say", data={"choice": "continue", "key": "k"})
    assert response.status_code < 400


async def test_a_turn_may_break_anywhere_and_is_taken_once(person: Person, house: House) -> None:
    """Each statement and each commit of a whole turn through the agent fails once; then the page sends it again."""
    await person.to_first_item()
    name = "sqlite" if house.records.is_sqlite else "postgresql"
    for at in count(1):
        points = Points(house.records, at, How.ERROR)
        with points.armed():
            first = await person.send({"choice": "yes", "key": f"k{at}"})
        if not points.fired:
            break
        TRIED["whole turns", name] += 1
        assert first.status_code == 200 or is_calm(first)
        again = await person.send({"choice": "yes", "key": f"k{at}"})
        assert again.status_code == 200
        shown = [message["text"] for message in again.json()["messages"]]
        if "Fråga 2 av 7" not in shown:
            found = Lost if "Fråga 1 av 7" in shown else Doubled
            FOUND[found] += 1
            raise found(f"point {at}")
        await person.answer("back")
        assert person.texts[-2] == "Fråga 1 av 7"
    assert at > 5
    person.last = first.json()
    await finish(person)
    assert [counted(house)[f"fov-vuxna/2019:{n}:yes"] for n in range(1, 8)] == [1] * 7


async def test_a_database_server_that_is_gone_comes_back(
    engine_house: House, clock: Clock, tmp_path: Path, cluster: Cluster
) -> None:
    from bot.web.application import application

    house = rejoined(engine_house, tmp_path, clock, url=cluster.database())
    transport = httpx.ASGITransport(app=application(house), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://enrum.test") as client:
        person = Person(client)
        await person.to_first_item()
        await person.answer("yes")
        cluster.kill()
        try:
            assert is_calm(await person.send({"choice": "yes", "key": "k"}))
            assert is_calm(await client.post("/api/conversations"))
        finally:
            cluster.restart()
        await person.answer("again")
        assert person.texts[-2] == "Fråga 2 av 7"
    house.records.close()
