"""Thousands of random turns on the loaded agent, with real records. `--walk-turns N --walk-seed S` repeats one."""

from __future__ import annotations

import sys

import pytest

from tests.promises.conftest import Stage
from tests.promises.conversations import Failed, walk
from tests.promises.story import printed
from tests.told import tell

SEED = 20261123
"""The same conversations every time, so that a change that breaks one is seen as such. `--walk-seed` tries others."""


@pytest.mark.timeout(0)
async def test_random_conversations_keep_every_promise(stage: Stage, request: pytest.FixtureRequest) -> None:
    turns = request.config.getoption("--walk-turns")
    given = request.config.getoption("--walk-seed")
    seed = given if given is not None else SEED
    print(f"random walk: seed {seed}, {turns} turns", file=sys.stderr)
    try:
        taken, held = await walk(stage.house, stage.clock, stage.user, seed, turns)
    except Failed as failed:
        pytest.fail(f"seed {seed}, {failed.start}\n{printed(failed.story, str(failed))}", pytrace=False)
    tell(f"random walk: {taken} turns in {held} conversations, seed {seed}, 0 violations")
