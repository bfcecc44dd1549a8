"""Asking again: by the agency's rule, the same for everybody, never by itself."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from casework.claims import Claims
from casework.contact.usage import Unit, Usage
from casework.data_keys import destroy_key
from casework.follow_ups import FollowUps, follow_up_owner, forget_undone, months_later
from casework.invitations import Invitations
from casework.outbox import summary
from casework.records import FollowUp, Outgoing, Records
from casework.retention import SWEEPS
from safety.content import Channel
from screening.catalogue.prices import Prices
from screening.keep import Record
from tests.casework.conftest import Clock
from tests.casework.test_retention import KEEP

ANNA = Claims(case="AF-1", programme="finsam", region="12", locale="fi", asks=True)


@pytest.fixture
def follow_ups(records: Records, clock: Clock) -> FollowUps:
    return FollowUps(records, clock, 3, 3)


@pytest.fixture
def invitations(records: Records, clock: Clock, follow_ups: FollowUps) -> Invitations:
    return Invitations(records, clock, follow_ups)


def test_three_occasions_three_months_apart(invitations: Invitations, follow_ups: FollowUps, clock: Clock) -> None:
    first = clock().date()
    invitations.issue(ANNA)
    assert follow_ups.due() == []
    assert follow_ups.due(months_later(first, 3) - timedelta(days=1)) == []
    (due,) = follow_ups.due(months_later(first, 3))
    assert (due.claims, due.on) == (ANNA.model_copy(update={"occasion": 2, "asks": False}), months_later(first, 3))
    clock.pass_(days=100)
    invitations.issue(due.claims)
    (due,) = follow_ups.due(clock().date() + timedelta(days=100))
    assert due.occasion == 3
    invitations.issue(due.claims)
    assert follow_ups.due(date(2100, 1, 1)) == [], "after the last nobody is asked again"


def test_what_happened_in_the_conversation_changes_nothing(
    invitations: Invitations, follow_ups: FollowUps, records: Records, clock: Clock
) -> None:
    """Opened, or not: the list is the same, and nothing in it leads to a conversation."""
    opened = invitations.issue(ANNA)
    invitations.issue(Claims(case="AF-2", programme="finsam"))
    invitations.done(invitations.open_token(opened.token, Channel.WEB))
    both = follow_ups.due(date(2100, 1, 1))
    assert {due.claims.case for due in both} == {"AF-1", "AF-2"}
    assert len({(due.occasion, due.on) for due in both}) == 1
    columns = {column.name for column in FollowUp.__table__.columns}
    assert columns == {"id", "case_hash", "claims_sealed", "occasion", "due_at"}
    with records.reading() as session:
        assert session.scalars(select(Outgoing)).all() == [], "nobody is written to by itself"
        row = session.scalars(select(FollowUp)).first()
        assert row is not None and b"AF-" not in row.claims


def test_an_invitation_that_is_taken_back_was_none(
    invitations: Invitations, follow_ups: FollowUps, clock: Clock
) -> None:
    first = invitations.issue(ANNA)
    assert invitations.revoke(first.id)
    assert follow_ups.due(date(2100, 1, 1)) == []
    invitations.issue(ANNA)
    second = invitations.issue(ANNA.model_copy(update={"occasion": 2}))
    assert invitations.revoke(second.id)
    (due,) = follow_ups.due()
    assert due.occasion == 2


def test_the_caseworker_decides(invitations: Invitations, follow_ups: FollowUps, clock: Clock) -> None:
    invitations.issue(ANNA)
    clock.pass_(days=100)
    (due,) = follow_ups.due()
    assert follow_ups.put_off(due.id)
    assert follow_ups.due() == []
    clock.pass_(days=100)
    assert [one.occasion for one in follow_ups.due()] == [2]
    assert follow_ups.end(due.id) and not follow_ups.end(due.id) and not follow_ups.put_off(due.id)
    invitations.issue(ANNA)
    assert follow_ups.end_case("AF-1", "finsam") and not follow_ups.end_case("AF-1", "finsam")


@pytest.mark.parametrize(("occasions", "months"), [(1, None), (1, 3), (3, None)])
def test_without_a_rule_nothing_is_planned(records: Records, clock: Clock, occasions: int, months: int | None) -> None:
    follow_ups = FollowUps(records, clock, occasions, months)
    Invitations(records, clock, follow_ups).issue(ANNA)
    assert follow_ups.due(date(2100, 1, 1)) == []


def test_what_nobody_decides_goes_with_its_key(
    invitations: Invitations, follow_ups: FollowUps, records: Records, clock: Clock
) -> None:
    invitations.issue(ANNA)
    (due,) = follow_ups.due(date(2100, 1, 1))
    sweep = SWEEPS[Record.FOLLOW_UP]
    clock.pass_(days=92 + 89)
    assert (sweep.due(records, KEEP, clock()), sweep.remove(records, KEEP, clock())) == (0, 0)
    clock.pass_(days=3)
    assert (sweep.due(records, KEEP, clock()), sweep.remove(records, KEEP, clock())) == (1, 1)
    assert follow_ups.get(due.id) is None and records.keys.find(follow_up_owner(due.id)) is None


def test_a_restored_copy_does_not_bring_back_what_was_decided(
    invitations: Invitations, follow_ups: FollowUps, records: Records
) -> None:
    for case in ("AF-1", "AF-2"):
        invitations.issue(Claims(case=case, programme="finsam"))
    first, second = follow_ups.due(date(2100, 1, 1))
    with records.session() as session:
        destroy_key(session, follow_up_owner(first.id))
    assert follow_ups.due(date(2100, 1, 1)) == [second] and follow_ups.get(first.id) is None
    with records.session() as session:
        forget_undone(session, records.keys)
    with records.reading() as session:
        assert session.scalars(select(FollowUp.id)).all() == [second.id]


def test_the_same_day_of_a_later_month() -> None:
    assert months_later(date(2026, 11, 30), 3) == date(2027, 2, 28)
    assert months_later(date(2026, 11, 23), 12) == date(2027, 11, 23)
    assert months_later(date(2027, 1, 31), 1) == date(2027, 2, 28)


def test_what_is_used_is_counted_and_priced_only_by_prices_that_were_given(records: Records, clock: Clock) -> None:
    usage = Usage(records, "arbetsformedlingen", clock)
    usage.used(Unit.SMS_OUT, 3)
    for seconds in ("61", "0", "", "-5", "1", "99999999"):
        usage.minutes(Unit.MINUTE_IN, seconds)
    used = {unit.value: n for unit, n in usage.of("2026-11").items()}
    assert used == {"sms_out": 3, "sms_in": 0, "minute_in": 3, "minute_out": 0}
    assert set(usage.of("2026-10").values()) == {0}
    missing = {"price": "missing", "source": "", "verified_on": None}
    given = {"price": "0.5", "source": "the agreement, page 2", "verified_on": "2026-11-01"}
    some = dict.fromkeys(used, missing) | {"sms_out": given}
    prices = Prices.model_validate({"currency": "SEK", "prices": some})
    assert prices.total(used) is None and prices.missing == ["sms_in", "minute_in", "minute_out"]
    prices = Prices.model_validate({"currency": "SEK", "prices": some | {"minute_in": given}})
    assert str(prices.total(used)) == "3.0"
    with pytest.raises(ValueError, match="source"):
        Prices.model_validate({"currency": "SEK", "prices": some | {"sms_in": given | {"source": " "}}})


def test_an_empty_outbox(records: Records) -> None:
    assert summary(records) == []
