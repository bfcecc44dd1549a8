"""Telling other systems: in order, at least once, again when it failed, never what was said."""

from __future__ import annotations

from datetime import timedelta

import pytest

from casework.errands import LOST_AFTER
from casework.handover import ContactNote, HandoverDesk
from casework.intake import Intake
from casework.out.delivery import BACK_OFF, Messenger, Status
from casework.out.way import Never, NotNow, What
from casework.outbox import again, summary
from casework.records import Records
from screening.events import HandoverCancelled, HandoverKind, HandoverRequested, Outcome
from tests.casework.told import CHAT, Told, out, statuses

__all__ = ["out"]


def test_what_happens_to_a_request_is_told_in_order(out, opened, take_turn, desk: HandoverDesk, kim, clock) -> None:
    told = Told()
    messenger = out(told)
    handover = take_turn(opened, CHAT).handover.id
    desk.claim(handover, kim)
    clock.pass_(minutes=1)
    desk.end(handover, kim)
    while messenger.run():
        pass
    assert told.whats[0] == "waiting" and sorted(told.whats) == ["claimed", "closed", "waiting"]
    assert {one.handover_id for one in told.news} == {handover}
    assert len({one.id for one in told.news}) == 3
    assert [one.reference for one in told.news] == ["", "their name", "their name"]


def test_every_way_that_a_request_can_end(out, begin, take_turn, intake: Intake, desk, kim, plan) -> None:
    told = Told()
    messenger = out(told)
    left, cancelled, contact = begin(), begin(), begin()
    take_turn(left, CHAT)
    take_turn(cancelled, CHAT)
    take_turn(cancelled, HandoverCancelled())
    called = take_turn(contact, HandoverRequested(HandoverKind.CONTACT, urgent=False, plan=plan)).handover.id
    desk.claim(called, kim)
    desk.done(called, kim, ContactNote.REACHED)
    intake.end(left.id, Outcome.LEFT)
    while messenger.run():
        pass
    assert sorted(told.whats) == sorted(["waiting", "left", "waiting", "cancelled", "waiting", "claimed", "closed"])
    assert {one.kind for one in told.news if one.handover_id == called} == {"contact"}


def test_all_news_say_whose_office_it_is_after_the_person_has_left_too(out, begin, take_turn, intake: Intake) -> None:
    told = Told()
    messenger = out(told)
    for office in ("lulea", ""):
        opened = begin(office)
        take_turn(opened, CHAT)
        intake.end(opened.id, Outcome.LEFT)
    while messenger.run():
        pass
    assert sorted((one.what.value, one.office) for one in told.news) == [
        ("handover.left", ""), ("handover.left", "lulea"), ("handover.waiting", ""), ("handover.waiting", "lulea"),
    ]  # fmt: skip


def test_each_way_gets_only_what_it_wants_under_the_same_id(out, opened, take_turn, intake, records) -> None:
    some, all_ = Told("some", frozenset({What.WAITING})), Told("all")
    messenger = out(some, all_)
    take_turn(opened, CHAT)
    intake.end(opened.id, Outcome.LEFT)
    while messenger.run():
        pass
    assert (some.whats, all_.whats) == (["waiting"], ["waiting", "left"])
    assert some.news[0].id == all_.news[0].id


def test_without_a_way_out_nothing_is_written(out, opened, take_turn, records: Records) -> None:
    messenger = out()
    take_turn(opened, CHAT)
    assert statuses(records) == []
    assert messenger.run() == 0


def test_a_turn_that_fails_tells_nothing(out, records: Records, opened, intake, monkeypatch) -> None:
    out(Told())
    turn = intake.begin(opened.id)
    turn.events.append(CHAT)
    monkeypatch.setattr("casework.intake.keep", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        intake.commit(turn)
    assert statuses(records) == []


def test_what_is_not_taken_is_tried_again_ever_later_and_then_put_aside(out, opened, take_turn, clock, records) -> None:
    told = Told()
    messenger = out(told)
    told.fails = [NotNow("x") for _ in range(20)]
    take_turn(opened, CHAT)
    for wait in BACK_OFF:
        assert messenger.run() == 1
        assert messenger.run() == 0
        clock.at += wait - timedelta(seconds=1)
        assert messenger.run() == 0
        clock.pass_(seconds=1)
    assert messenger.run() == 1
    assert statuses(records) == [Status.DEAD]
    assert len(told.news) == len(BACK_OFF) + 1
    assert len({one.id for one in told.news}) == 1
    clock.pass_(days=30)
    assert messenger.run() == 0
    told.fails.clear()
    (line,) = summary(records)
    assert (line.what, line.status, line.n, line.tries) == ("news/told", "dead", 1, len(BACK_OFF) + 1)
    assert again(records, clock()) == 1
    assert messenger.run() == 1
    assert statuses(records) == [Status.TOLD]


def test_later_news_waits_for_the_first(out, opened, take_turn, intake, clock) -> None:
    told = Told()
    messenger = out(told)
    told.fails = [NotNow("x", "half way")]
    take_turn(opened, CHAT)
    messenger.run()
    intake.end(opened.id, Outcome.LEFT)
    assert messenger.run() == 0
    clock.at += BACK_OFF[0]
    while messenger.run():
        pass
    assert told.whats == ["waiting", "waiting", "left"]
    assert told.news[1].reference == "half way"


@pytest.mark.parametrize("fault", [Never("x"), NotNow("x"), ValueError("of ours")], ids=lambda f: type(f).__name__)
def test_one_way_that_fails_holds_up_no_other(out, opened, take_turn, fault, records) -> None:
    bad, good = Told("bad"), Told("good")
    bad.fails = [fault]
    messenger = out(bad, good)
    take_turn(opened, CHAT)
    messenger.run()
    assert good.whats == ["waiting"]
    assert statuses(records) == sorted(["dead" if isinstance(fault, Never) else "waiting", "told"])


def test_what_a_dead_process_was_telling_is_told_again(out, opened, take_turn, clock) -> None:
    class Died(BaseException):
        """The process is killed while it tells."""

    told = Told()
    messenger = out(told)
    told.fails = [Died()]  # type: ignore[list-item]
    take_turn(opened, CHAT)
    with pytest.raises(Died):
        messenger.run()
    assert messenger.run() == 0
    clock.at += LOST_AFTER
    assert messenger.run() == 1
    assert told.whats == ["waiting", "waiting"]


def test_two_processes_tell_a_piece_of_news_once(out, opened, take_turn, records, clock) -> None:
    told = Told()
    one = out(told)
    two = Messenger(records, [told], clock)
    take_turn(opened, CHAT)
    with records.reading() as session:
        (name,) = [tuple(row) for row in session.execute(one._due(clock()))]
    assert two.run() == 1
    assert one._one(name) is False
    assert told.whats == ["waiting"]
