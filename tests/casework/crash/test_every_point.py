"""Each statement, each commit and each key of an act fails once, in every way. Afterwards the act is done again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from casework.data_keys import destroy_pending
from casework.unavailable import Unavailable
from tests.casework.crash.points import Crash, How, Points
from tests.casework.crash.scenes import SCENES, Scene
from tests.casework.crash.tally import FOUND, TRIED, Doubled, Lost
from tests.casework.crash.world import World


@pytest.fixture
def world(url: str, tmp_path: Path) -> Iterator[World]:
    world = World(url, tmp_path)
    yield world
    world.close()


def attempt(act: Callable[[], None]) -> bool:
    """Whether it was acknowledged. Anything but a calm refusal or a crash is a fault of ours."""
    try:
        act()
    except (Unavailable, Crash):
        return False
    return True


def break_at(world: World, scene: Scene, at: int, how: How) -> bool:
    """One try. Returns whether the act had so many points. Raises Lost, Doubled."""
    scene.prepare()
    points = Points(world.records, at, how)
    with points.armed():
        acknowledged = attempt(scene.act)
    if points.dead:
        world.close()
        world.open()
    there = scene.done()
    if acknowledged and not there:
        raise Lost(f"{type(scene).__name__}: acknowledged at point {at} ({how}), and gone")
    if not acknowledged:
        scene.act()
        if not scene.done():
            raise Lost(f"{type(scene).__name__}: done again after point {at} ({how}), and not there")
    destroy_pending(world.records)
    world.check_whole()
    scene.end()
    return points.fired


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "how" in metafunc.fixturenames:
        pairs = [(e, how) for e in ("sqlite", "postgresql") for how in How if (e, how) != ("sqlite", How.GONE)]
        metafunc.parametrize(("engine", "how"), pairs)


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_whatever_breaks_nothing_is_lost_or_doubled(world: World, engine: str, scene: type[Scene], how: How) -> None:
    for at in count(1):
        try:
            fired = break_at(world, scene(world, f"{scene.__name__}{at}"), at, how)
        except (Lost, Doubled) as found:
            FOUND[type(found)] += 1
            raise
        if not fired:
            break
        TRIED[how.value, engine] += 1
    assert at > 3, "the act has no points: nothing was tried"
