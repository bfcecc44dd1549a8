"""The walk of the pure journey in every world there is. `--walk-states 0` walks to the end, as CI does if it has the time."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

import pytest

from safety.content import Channel
from screening.journey.state import NEEDS_GATE, Step
from tests.promises.story import printed
from tests.promises.walk import Report, walk
from tests.promises.wording import core_word
from tests.promises.world import World, catalogue, worlds
from tests.told import tell

ASKS = {Step.INVITE, Step.ITEM}


@pytest.mark.timeout(0)
def test_every_act_at_every_state(request: pytest.FixtureRequest) -> None:
    limit = request.config.getoption("--walk-states") or None
    minutes = request.config.getoption("--walk-minutes")
    until = time.monotonic() + 60 * minutes if minutes else None
    # The largest last, so that they are what is cut if the time is up.
    there_are = sorted(worlds(), key=lambda world: (world.instrument is not None, world.channel is Channel.WEB))
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as two:
        reports = list(two.map(partial(walk, limit=limit, until=until), there_are))
    for world, report in zip(there_are, reports, strict=True):
        _check(world, report, to_the_end=limit is None and (until is None or not report.left))
    states, turns = sum(r.states for r in reports), sum(r.turns for r in reports)
    left = sum(r.left for r in reports)
    tell(f"walk: {states} states, {turns} turns, {left} states left, 0 violations")


def _check(world: World, report: Report, *, to_the_end: bool) -> None:
    name = f"{world.channel}, {world.mode}, {'with' if world.instrument else 'without'} an official text"
    print(f"walk ({name}): {report.states} states, {report.turns} turns, {report.left} left", file=sys.stderr)
    if report.breach is not None:
        pytest.fail(f"{name}\n{printed(report.story, str(report.breach))}", pytrace=False)
    assert report.states > 100
    if to_the_end:
        assert report.left == 0
        may_ask = world.mode != "information_only" and world.instrument is not None
        never = set() if may_ask else {*ASKS, Step.SHARE}
        if world.channel is Channel.VOICE:
            never = {Step.WAITING}  # a chat cannot be had with keys
        if world.channel is Channel.SMS:
            never = NEEDS_GATE | {Step.WAITING, Step.DONE}
        assert set(Step) - report.steps <= never | {Step.DONE}, name
        assert not report.steps & (never - {Step.DONE}), name


def test_every_neutral_wording_in_every_shape() -> None:
    """What the walk does not tell apart: plain language, the voice, and every label. None holds a core word."""
    from safety.content import ContentClass
    from screening.journey.says import WORDINGS

    content = catalogue().languages["sv"]
    neutral = [key for key, wording in WORDINGS.items() if wording.content_class is ContentClass.NEUTRAL]
    shapes = [(key, shape) for key in neutral for shape in vars(content.texts[key]).values()]
    shapes += [("label", label) for label in content.choices.values()]
    assert not [(key, core_word(shape)) for key, shape in shapes if core_word(shape)]
