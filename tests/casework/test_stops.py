"""A number that said stop, and the caseworker who lifts it on the person's own word."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from casework.contact.stops import Lifted, NotLifted, Stops, stop, stopped
from casework.keyed_hash import keyed
from casework.records import AuditEntry, Conversation, DoNotContact, SmsThread
from casework.refusals import AlreadyClaimed, NotOpen, UnknownHandover
from screening.events import HandoverKind, HandoverRequested, Outcome
from tests.casework.desk_browser import WORDS, send, words

NUMBER, OTHER = "+46700000000", "+46701740605"


@pytest.fixture
def said_stop(records, keys, clock) -> None:
    with records.session() as session:
        stop(session, keys, NUMBER, clock())


@pytest.fixture
def stops(records, clock) -> Stops:
    return Stops(records, clock)


def holds(records, number: str = NUMBER) -> bool:
    with records.reading() as session:
        return stopped(session, records.keys, number)


def test_a_stop_is_lifted_and_said_again_as_often_as_the_person_likes(records, keys, clock, stops, kim) -> None:
    for _ in range(3):
        for _ in range(2):  # A stop that is said twice is lifted once.
            with records.session() as session:
                stop(session, keys, NUMBER, clock())
        assert holds(records) and not holds(records, OTHER)
        stops.lift_of_invitation(NUMBER, "invitation", kim, Lifted.CHANGED_MIND)
        assert not holds(records)
        with pytest.raises(NotLifted, match="not_stopped"):
            stops.lift_of_invitation(NUMBER, "invitation", kim, Lifted.CHANGED_MIND)


def test_it_is_noted_who_lifted_it_and_why_and_no_number(records, keys, stops, said_stop, kim) -> None:
    with records.session() as session:
        stop(session, keys, OTHER, stops._now())
    stops.lift_of_invitation(NUMBER, "invitation", kim, Lifted.SOMEBODY_ELSE)
    with records.reading() as session:
        noted = session.scalars(select(AuditEntry).where(AuditEntry.what.startswith("stop."))).all()
        kept = session.scalars(select(DoNotContact.number_hash)).all()
    assert [(one.who, one.what, one.about, one.why) for one in noted] == [
        (kim.id, "stop.lifted.somebody_else", "invitation", "asked")
    ]
    assert kept == [keyed(keys, "number", OTHER)] and holds(records, OTHER)


def test_where_the_row_is_lost_or_comes_back_the_stop_holds(records, keys, clock, stops, said_stop, kim) -> None:
    with records.session() as session:
        session.delete(session.scalars(select(DoNotContact)).one())
    assert holds(records)
    stops.lift_of_invitation(NUMBER, "invitation", kim, Lifted.MISTAKE)
    assert not holds(records)
    with records.session() as session:
        session.add(DoNotContact(number_hash=keyed(keys, "number", NUMBER), since=clock()))
    assert holds(records)
    stops.lift_of_invitation(NUMBER, "invitation", kim, Lifted.MISTAKE)
    assert not holds(records)
    with records.session() as session:
        stop(session, keys, NUMBER, clock())
    assert holds(records)


def test_if_the_lifting_is_not_kept_the_stop_holds(records, stops, said_stop, kim, monkeypatch) -> None:
    def breaks(*told: object) -> None:
        raise OSError

    monkeypatch.setattr("casework.contact.stops.note", breaks)
    with pytest.raises(OSError):
        stops.lift_of_invitation(NUMBER, "invitation", kim, Lifted.MISTAKE)
    assert holds(records)


def test_only_whoever_has_taken_up_the_plan_lifts_its_stop(
    records, desk, stops, said_stop, opened, take_turn, plan, kim, robin
) -> None:
    handover = take_turn(opened, HandoverRequested(HandoverKind.CONTACT, urgent=False, plan=plan)).handover.id
    (waiting,) = desk.queue(kim).contacts
    assert waiting.contact.stopped
    for wrong, user in ((NotOpen, kim), (UnknownHandover, kim)):
        with pytest.raises(wrong):
            stops.lift_of_plan(handover if wrong is NotOpen else "nothing", user, Lifted.CHANGED_MIND)
    desk.claim(handover, robin)
    with pytest.raises(AlreadyClaimed):
        stops.lift_of_plan(handover, kim, Lifted.CHANGED_MIND)
    assert desk.case(handover, robin).number == "" and holds(records)
    assert stops.lift_of_plan(handover, robin, Lifted.CHANGED_MIND) == opened.id
    case = desk.case(handover, robin)
    assert (case.number, case.item.contact.stopped) == (plan.number, False)


def test_for_a_person_who_is_not_to_be_contacted_it_is_not_lifted(
    records, desk, intake, stops, said_stop, opened, take_turn, plan, kim, keys, clock
) -> None:
    handover = take_turn(opened, HandoverRequested(HandoverKind.CONTACT, urgent=False, plan=plan)).handover.id
    desk.claim(handover, kim)
    with records.session() as session:
        session.get_one(Conversation, opened.id).do_not_contact = True
    assert not desk.case(handover, kim).item.contact.stopped
    with pytest.raises(NotLifted, match="left"):
        stops.lift_of_plan(handover, kim, Lifted.CHANGED_MIND)
    with records.session() as session:
        session.get_one(Conversation, opened.id).do_not_contact = False
        session.add(SmsThread(number_hash=keyed(keys, "number", NUMBER), conversation_id=opened.id, at=clock()))
    assert stops.may_lift(NUMBER) and not stops.may_lift(OTHER)
    intake.end(opened.id, Outcome.LEFT)
    assert not stops.may_lift(NUMBER)
    with pytest.raises(NotLifted, match="left"):
        stops.lift_of_invitation(NUMBER, "invitation", kim, Lifted.CHANGED_MIND)
    with pytest.raises(NotOpen):
        stops.lift_of_plan(handover, kim, Lifted.CHANGED_MIND)
    assert holds(records)


def test_the_desk_says_that_the_number_stopped_and_lifts_it_with_a_reason(
    at_desk, records, said_stop, contact, plan, changed, opened
) -> None:
    path = f"/desk/handover/{contact}"
    said = f"{WORDS['contact']['not_allowed']} {WORDS['stop']['title']}"
    assert said in words(at_desk.get("/desk").text)
    assert WORDS["stop"]["submit"] not in at_desk.get(path).text, "only whoever has taken it up is asked"
    page = send(at_desk, f"{path}/claim", page="/desk").text
    assert said in words(page) and plan.number not in page
    assert WORDS["stop"]["carrier"] in page and WORDS["stop"]["submit"] in page
    for fields in ({}, {"why": "mistake"}, {"met": "yes"}, {"met": "yes", "why": "because"}):
        wrong = send(at_desk, f"{path}/lift", page=path, **fields)
        assert wrong.status_code == 422 and WORDS["problem"]["lift"] in wrong.text
    assert holds(records)
    changed.clear()
    done = send(at_desk, f"{path}/lift", page=path, why="mistake", met="yes")
    assert WORDS["contact"]["ordered"]["lifted"] in done.text and plan.number in done.text
    assert not holds(records) and changed == [opened.id]
    again = send(at_desk, f"{path}/lift", page=path, why="mistake", met="yes")
    assert again.status_code == 409 and WORDS["problem"]["lift_not_stopped"] in again.text


def test_of_a_person_who_is_not_to_be_contacted_the_desk_offers_nothing(
    at_desk, records, said_stop, contact, opened
) -> None:
    path = f"/desk/handover/{contact}"
    send(at_desk, f"{path}/claim", page="/desk")
    with records.session() as session:
        session.get_one(Conversation, opened.id).do_not_contact = True
    page = at_desk.get(path).text
    assert WORDS["refusals"]["do_not_contact"] in page and WORDS["stop"]["submit"] not in page
    forged = send(at_desk, f"{path}/lift", page=path, why="mistake", met="yes")
    assert forged.status_code == 409 and WORDS["problem"]["lift_left"] in forged.text and holds(records)
