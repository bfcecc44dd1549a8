"""Every planted fault is seen, by name of the promise that it breaks, with the shortest conversation that shows it."""

from __future__ import annotations

import sys
from inspect import signature

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.conftest import MONDAY_MORNING
from tests.promises import test_contact, test_over_the_shoulder, world
from tests.promises.conftest import Stage
from tests.promises.conversations import play
from tests.promises.faults import FAULTS, Fault
from tests.promises.machine import Conversation
from tests.promises.oracle import Breach
from tests.promises.story import Line, printed
from tests.promises.talk import Input, Start, Talk
from tests.promises.walk import walk
from tests.told import tell

CAUGHT: dict[str, str] = {}
STORIES = settings(
    max_examples=2500,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    database=None,
    report_multiple_bugs=False,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name.replace(" ", "-"))
async def test_a_planted_fault_is_seen(fault: Fault, stage: Stage, request: pytest.FixtureRequest) -> None:
    with pytest.MonkeyPatch.context() as patch:
        fault.plant(patch)
        world.forget_words()
        try:
            breach, story = await seen(fault, stage, patch)
        finally:
            world.forget_words()
    assert breach is not None, f"nobody sees that {fault.name}"
    print(f"\nplanted: {fault.name}\n{printed(story, str(breach))}", file=sys.stderr)
    assert breach.promise == fault.promise, str(breach)
    CAUGHT[fault.name] = breach.promise


async def seen(fault: Fault, stage: Stage, patch: pytest.MonkeyPatch) -> tuple[Breach | None, list[Line]]:
    match fault.seen_by:
        case "walk":
            report = walk(_busiest(), limit=1500, acts=fault.acts)
            return report.breach, report.story
        case "agent":
            talk = Talk(stage.house, stage.clock, stage.user, Start())
            inputs = [Input(*line.split(" ", 1)) for line in fault.inputs]
            return await play(talk, inputs), talk.story
        case "shoulder":
            return await _scene(fault, stage, patch), []
        case "machine":
            try:
                run_state_machine_as_test(Conversation, settings=STORIES)
            except Breach as breach:
                return breach, list(Conversation.last)
            return None, []
    try:
        test_contact.check_plans()
        test_contact.check_hours()
    except Breach as breach:
        return breach, []
    return None, []


async def _scene(fault: Fault, stage: Stage, patch: pytest.MonkeyPatch) -> Breach | None:
    """A scene says in its own words what it misses; which promise that is, the fault says."""
    test_over_the_shoulder.look_at_once(patch)
    stage.clock.at = MONDAY_MORNING
    there_is = {
        "house": stage.house,
        "clock": stage.clock,
        "user": stage.user,
        "somebody": test_over_the_shoulder.Somebody(stage.house, stage.clock),
        "shuts": "cover",
    }
    scene = getattr(test_over_the_shoulder, f"test_{fault.inputs[0]}")
    try:
        await scene(**{name: there_is[name] for name in signature(scene).parameters})
    except (AssertionError, TimeoutError) as missed:
        return Breach(fault.promise, f"{fault.inputs[0].replace('_', ' ')}: {str(missed).splitlines()[:1]}")
    return None


def _busiest() -> world.World:
    return next(one for one in world.worlds() if one.mode == "routine" and one.instrument is not None)


def test_without_a_fault_nobody_cries() -> None:
    report = walk(_busiest(), limit=40)
    assert report.breach is None


def test_every_promise_of_safety_is_tried_twice() -> None:
    for promise in ("P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P12"):
        assert len([fault for fault in FAULTS if fault.promise == promise]) >= 2, promise


def test_planted_and_caught(request: pytest.FixtureRequest) -> None:
    """Last: how many were planted in this run, and how many were seen."""
    planted = [
        item for item in request.session.items if getattr(item, "originalname", "") == "test_a_planted_fault_is_seen"
    ]
    tell(f"planted {len(planted)}, caught {len(CAUGHT)}")
    assert len(planted) == len(CAUGHT)
