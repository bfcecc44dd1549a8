"""Stories that Hypothesis makes up."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.promises.machine import Conversation
from tests.promises.oracle import Breach
from tests.promises.story import printed

EXAMPLES = settings(
    max_examples=120, stateful_step_count=45, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True
)


def test_every_story_keeps_every_promise() -> None:
    try:
        run_state_machine_as_test(Conversation, settings=EXAMPLES)
    except Breach as breach:
        pytest.fail(printed(Conversation.last, str(breach)), pytrace=False)
