"""What `enrum check --privacy` says of the records: it holds, and each way in which it might not is found."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text

from bot import data_files
from casework.inspection import inspect
from casework.records import Records
from screening.events import Answer, Ended, HandoverKind, HandoverRequested, Outcome

KEEP = data_files.catalogue(date(2026, 11, 24)).agencies["arbetsformedlingen"].keep


@pytest.fixture
def broken(records: Records, clock):
    """Names of what does not hold."""
    return lambda: {finding.what for finding in inspect(records, KEEP, clock()) if not finding.holds}


@pytest.fixture
def lived_in(begin, take_turn, intake, plan, records: Records):
    """One conversation that is open, with everything; one that is over."""
    one, over = begin(), begin()
    request = HandoverRequested(HandoverKind.CONTACT, urgent=False, plan=plan, answers=((1, Answer.YES),))
    take_turn(one, request, says=["hej"], key="k1")
    take_turn(over, Ended(Outcome.COMPLETED), says=["hej"])
    return one, over


def test_it_holds(lived_in, broken, records: Records, clock) -> None:
    assert broken() == set()
    (sealed,) = [finding for finding in inspect(records, KEEP, clock()) if finding.what == "sealed"]
    # A message, the state, the group, the plan, the answers, and what four turns counted.
    assert sealed.said.startswith("9 values")


def test_what_is_past_its_time(lived_in, broken, clock) -> None:
    clock.pass_(hours=1)
    assert broken() == {"retention"}


@pytest.mark.parametrize(
    ("edit", "found"),
    [
        ("UPDATE conversation SET state_sealed = group_sealed WHERE NOT erased", "sealed"),
        ("UPDATE message SET body_sealed = (SELECT group_sealed FROM conversation WHERE NOT erased)", "sealed"),
        ("UPDATE conversation SET erased = true WHERE NOT erased", "erased"),
        ("UPDATE conversation SET erased = true WHERE NOT erased", "keys"),
        ("UPDATE handover SET status = 'closed'", "keys"),
        ("UPDATE handover SET status = 'closed'", "erased"),
        ("INSERT INTO key_to_destroy (owner) SELECT 'conversation:' || id FROM conversation WHERE NOT erased", "keys"),
        ("UPDATE audit_tip SET seq = 7", "audit"),
    ],
)
def test_what_was_done_past_the_program_is_found(lived_in, broken, records: Records, edit: str, found: str) -> None:
    with records.session() as session:
        session.execute(text(edit))
    assert found in broken()


def test_a_key_that_is_gone_is_found(lived_in, broken, records: Records) -> None:
    records.keys.destroy(f"conversation:{lived_in[0].id}")
    assert broken() == {"sealed"}
