"""`kill -9` at any moment: of the program, and of the database server."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from casework.data_keys import destroy_pending
from tests.casework.crash.child import STEPS, Script, live
from tests.casework.crash.tally import FOUND, TRIED, Doubled, Lost
from tests.casework.crash.world import World
from tests.postgresql import Cluster
from tests.processes import processes

ROUNDS = 24


class Child:
    """The process, and what it said."""

    def __init__(self, url: str, room: Path, round_: int) -> None:
        self._pipe, end = processes.Pipe(duplex=False)
        self._process = processes.Process(target=live, args=(url, room, round_, end))
        self._process.start()
        end.close()

    def wait_until_it_works(self) -> None:
        assert self._pipe.poll(60), "the child did not begin"

    def kill(self) -> list[tuple[str, int, bool]]:
        self._process.kill()
        return self.read_to_the_end()

    def read_to_the_end(self) -> list[tuple[str, int, bool]]:
        told = []
        with self._pipe, suppress(EOFError):
            while True:
                told.append(self._pipe.recv())
        self._process.join(60)
        return told


def check(world: World, told: list[tuple[str, int, bool]]) -> None:
    """Every acknowledged step is there, none that was not begun, and what was cut off can be done again."""
    acknowledged: dict[str, int] = {}
    begun: dict[str, int] = {}
    for tag, step, done in told:
        (acknowledged if done else begun)[tag] = step + 1
    for tag, tried in begun.items():
        script = Script(world, tag)
        level = script.level()
        if level < acknowledged.get(tag, 0):
            raise Lost(f"{tag}: {acknowledged[tag]} acknowledged, {level} there")
        if level > tried:
            raise Doubled(f"{tag}: {tried} begun, {level} there")
    tag, step, done = told[-1]
    if not done and not (step == 0 and Script(world, tag).level() == 1):
        script.run(step)
        if script.level() != step + 1:
            raise Lost(f"{tag}: step {step} done again, and not there")
    for tag in begun:
        script = Script(world, tag)
        for step in range(max(script.level(), 1), STEPS) if script.level() else ():
            script.run(step)
    destroy_pending(world.records)
    world.check_whole()


@pytest.fixture
def room(tmp_path: Path) -> Path:
    return tmp_path


@pytest.mark.parametrize("half", [0, 1])
def test_whenever_the_program_is_killed_nothing_is_lost_or_doubled(
    url: str, engine: str, room: Path, half: int
) -> None:
    chance = random.Random(f"{engine} {half}")
    for round_ in range(half * ROUNDS // 2, (half + 1) * ROUNDS // 2):
        child = Child(url, room, round_)
        child.wait_until_it_works()
        time.sleep(chance.uniform(0, 0.4))
        told = child.kill()
        world = World(url, room, name=f"Robin {round_}")
        world.kim = world.caseworker(f"Kim {round_}")
        try:
            check(world, told)
        except (Lost, Doubled) as found:
            FOUND[type(found)] += 1
            raise
        finally:
            world.close()
        TRIED["kill -9 of the program", engine] += 1


@pytest.fixture
def server() -> Iterator[Cluster]:
    """One of its own, that forces to the disk."""
    server = Cluster.start(durable=True)
    yield server
    server.stop()


def test_whenever_the_database_server_is_killed_nothing_is_lost_or_doubled(server: Cluster, room: Path) -> None:
    url, chance = server.database(), random.Random("server")
    for round_ in range(3):
        child = Child(url, room, round_)
        child.wait_until_it_works()
        time.sleep(chance.uniform(0.1, 0.5))
        server.kill()
        told = child.read_to_the_end()
        server.restart()
        world = World(url, room, name=f"Robin {round_}")
        world.kim = world.caseworker(f"Kim {round_}")
        try:
            check(world, told)
        except (Lost, Doubled) as found:
            FOUND[type(found)] += 1
            raise
        finally:
            world.close()
        TRIED["immediate stop of the server", "postgresql"] += 1
