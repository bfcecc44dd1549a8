"""Crypto-erase, told from the database files themselves (promises P6 and P9)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from casework.handover import ContactNote, HandoverDesk
from casework.intake import Intake, OutMessage, Unreadable
from casework.keys import MasterKey
from casework.records import Conversation, DataKey, Handover, Message, Receipt, Records
from safety.content import ContentClass, Sender
from screening.events import Answer, Ended, HandoverCancelled, HandoverKind, HandoverRequested, Outcome, RunEnded

MARKER = "blåklint-7731"


def bytes_on_disk(database: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(database.parent.glob(database.name + "*")))


def say_marker(intake: Intake, conversation_id: str, *events) -> None:
    turn = intake.begin(conversation_id)
    turn.state = turn.snapshot = MARKER.encode()
    turn.messages.append(OutMessage(Sender.PERSON, ContentClass.SENSITIVE, {"text": MARKER}))
    turn.receipt_key = MARKER
    turn.events += events
    intake.commit(turn)


def wrapped_key(records: Records, owner: str) -> bytes:
    with records.reading() as session:
        return session.get_one(DataKey, owner).wrapped


def test_nothing_said_is_readable_on_disk(intake: Intake, database: Path, opened) -> None:
    say_marker(intake, opened.id)
    assert b"arbetsformedlingen" in bytes_on_disk(database)  # the files do hold the records
    assert MARKER.encode() not in bytes_on_disk(database)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_the_end_takes_content_and_key_from_the_files(
    intake: Intake, records: Records, database: Path, opened, outcome: Outcome
) -> None:
    say_marker(intake, opened.id)
    key = wrapped_key(records, f"conversation:{opened.id}")
    with records.reading() as session:
        sealed = session.scalars(select(Message.body)).one()
        state = session.get_one(Conversation, opened.id).state
    on_disk = bytes_on_disk(database)
    assert key in on_disk and sealed in on_disk and state is not None and state in on_disk
    intake.end(opened.id, outcome)
    on_disk = bytes_on_disk(database)
    assert key not in on_disk
    assert sealed not in on_disk
    assert state not in on_disk
    with records.reading() as session:
        assert session.scalars(select(DataKey)).all() == []
        assert session.scalars(select(Receipt)).all() == []
        assert session.get_one(Conversation, opened.id).group is None


def test_another_master_key_opens_nothing(intake: Intake, database: Path, tmp_path: Path, clock, opened) -> None:
    say_marker(intake, opened.id)
    strangers = Records(f"sqlite:///{database}", MasterKey.from_file(tmp_path / "other.key", create=True))
    with pytest.raises(Unreadable):
        Intake(strangers, clock).begin(opened.id)
    strangers.close()


def test_a_contact_plan_outlives_the_conversation_and_dies_with_its_own_key(
    intake: Intake, records: Records, desk: HandoverDesk, database: Path, opened, plan, kim
) -> None:
    say_marker(intake, opened.id, HandoverRequested(HandoverKind.CONTACT, urgent=False, plan=plan))
    intake.end(opened.id, Outcome.COMPLETED)
    assert intake.messages(opened.id) == []
    (item,) = desk.queue(kim).contacts
    assert item.contact is not None and item.contact.window == plan.window
    key = wrapped_key(records, f"handover:{item.id}")
    assert plan.number.encode() not in bytes_on_disk(database)
    desk.claim(item.id, kim)
    assert desk.case(item.id, kim).number == plan.number
    desk.done(item.id, kim, ContactNote.REACHED)
    assert key not in bytes_on_disk(database)
    assert desk.case(item.id, kim).number == ""


def test_exit_erases_everything_and_tells_the_desk_not_to_contact(
    intake: Intake, records: Records, desk: HandoverDesk, database: Path, opened, plan, kim
) -> None:
    say_marker(intake, opened.id, HandoverRequested(HandoverKind.CONTACT, urgent=False, plan=plan))
    say_marker_again = intake.begin(opened.id)
    say_marker_again.events.append(HandoverRequested(HandoverKind.CHAT, urgent=True, answers=((1, Answer.YES),)))
    intake.commit(say_marker_again)
    chat = desk.queue(kim).waiting[0]
    desk.claim(chat.id, kim)
    intake.end(opened.id, Outcome.LEFT)
    queue = desk.queue(kim)
    assert (queue.waiting, queue.contacts, queue.mine) == ([], [], [])
    assert {item.kind for item in queue.left} == {HandoverKind.CHAT, HandoverKind.CONTACT}
    assert not intake.admit(opened.id, opened.token)
    assert desk.transcript(chat.id, kim) == []
    with records.reading() as session:
        assert session.scalars(select(DataKey)).all() == []
        assert session.get_one(Conversation, opened.id).do_not_contact
        assert all(row.plan is None and row.answers is None for row in session.scalars(select(Handover)))


def test_an_exit_in_a_turn_does_the_same(intake: Intake, records: Records, opened, take_turn) -> None:
    take_turn(opened, HandoverRequested(HandoverKind.CHAT, urgent=False))
    take_turn(opened, Ended(Outcome.LEFT))
    assert not intake.admit(opened.id, opened.token)
    with records.reading() as session:
        assert session.scalars(select(Handover.status)).all() == ["left"]
        assert session.scalars(select(DataKey)).all() == []


def test_an_open_chat_keeps_the_conversation_until_it_is_over(
    intake: Intake, desk: HandoverDesk, opened, take_turn, kim, clock, figures
) -> None:
    take_turn(opened, HandoverRequested(HandoverKind.CHAT, urgent=False), Ended(Outcome.COMPLETED), says=["vänta"])
    turn = intake.begin(opened.id)
    assert (turn.ended, turn.outcome) == (False, Outcome.COMPLETED)
    assert turn.handover is not None
    desk.claim(turn.handover.id, kim)
    desk.write(turn.handover.id, kim, "Hej, jag är här.")
    desk.end(turn.handover.id, kim)
    assert intake.begin(opened.id).ended
    assert len(intake.messages(opened.id)) == 4  # the last words can be read for a while
    clock.pass_(hours=1)
    assert intake.expire(timedelta(minutes=30), clock()) == 1
    assert intake.messages(opened.id) == []
    assert {k: n for k, n in figures().items() if k.startswith("outcome")} == {"outcome:completed": 1}


def test_exit_after_the_journey_still_erases_an_open_chat(intake: Intake, desk, opened, take_turn, kim) -> None:
    chat = take_turn(opened, HandoverRequested(HandoverKind.CHAT, urgent=False), Ended(Outcome.COMPLETED)).handover
    assert chat is not None
    desk.claim(chat.id, kim)
    desk.end(chat.id, kim)
    assert intake.messages(opened.id) != []
    intake.end(opened.id, Outcome.LEFT)
    assert intake.messages(opened.id) == []
    assert not intake.admit(opened.id, opened.token)


def test_no_longer_waiting_erases_a_conversation_whose_journey_is_over(intake: Intake, opened, take_turn) -> None:
    take_turn(opened, HandoverRequested(HandoverKind.CHAT, urgent=False), Ended(Outcome.INFORMED))
    turn = take_turn(opened, HandoverCancelled())
    assert turn.ended and turn.handover is None
    assert intake.begin(opened.id).state is None


def test_a_contact_request_ends_with_its_plan(
    intake: Intake, desk, records, opened, take_turn, plan, clock, kim
) -> None:
    take_turn(opened, HandoverRequested(HandoverKind.CONTACT, urgent=False, plan=plan), Ended(Outcome.COMPLETED))
    clock.pass_(days=14)
    intake.expire(timedelta(minutes=30), clock())
    assert desk.queue(kim).contacts == []
    with records.reading() as session:
        assert session.scalars(select(DataKey)).all() == []


def test_shared_answers_know_their_instrument(desk, intake: Intake, opened, take_turn, kim) -> None:
    answers = ((1, Answer.YES), (2, Answer.DECLINED))
    take_turn(opened, RunEnded("fov-vuxna", "2019", answers, completed=False))
    chat = take_turn(opened, HandoverRequested(HandoverKind.CHAT, urgent=False, answers=answers)).handover
    assert chat is not None
    assert desk.case(chat.id, kim).answers is None  # not before it is claimed
    desk.claim(chat.id, kim)
    shared = desk.case(chat.id, kim).answers
    assert (shared.instrument, shared.version, shared.answers) == ("fov-vuxna", "2019", answers)


@pytest.mark.parametrize("event", [HandoverCancelled(), HandoverRequested(HandoverKind.CONTACT, urgent=False)])
def test_a_plan_that_is_taken_back_or_replaced_leaves_the_files(
    records: Records, database: Path, opened, take_turn, plan, event
) -> None:
    handover = take_turn(opened, HandoverRequested(HandoverKind.CONTACT, urgent=False, plan=plan)).handover
    key = wrapped_key(records, f"handover:{handover.id}")
    assert key in bytes_on_disk(database)
    take_turn(opened, event)
    assert key not in bytes_on_disk(database)


def test_exit_after_the_end_still_revokes_the_way_back(intake: Intake, opened, take_turn, plan, desk, kim) -> None:
    take_turn(opened, HandoverRequested(HandoverKind.CONTACT, urgent=False, plan=plan), Ended(Outcome.COMPLETED))
    assert intake.admit(opened.id, opened.token)
    intake.end(opened.id, Outcome.LEFT)
    assert not intake.admit(opened.id, opened.token)
    assert len(desk.queue(kim).contacts) == 1  # asked for before the end: it stays agreed
