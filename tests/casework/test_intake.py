"""The one door in: turns, receipts, conflicts, outcomes, counters."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import StatementError

from casework.counting import figures
from casework.expiry import interrupt
from casework.handover import HandoverDesk
from casework.intake import AlreadyEnded, Conflict, Intake, OutMessage, UnknownConversation
from casework.records import Conversation, Records
from safety.content import ContentClass, Sender
from screening.events import (
    Answer,
    Ended,
    HandoverKind,
    HandoverRequested,
    InvitationAnswered,
    InvitationMade,
    Outcome,
    RunEnded,
    SignalRaised,
    Stage,
    StageReached,
)


def test_only_the_right_token_is_admitted(intake: Intake, opened, begin) -> None:
    other = begin()
    assert intake.admit(opened.id, opened.token)
    assert not intake.admit(opened.id, other.token)
    assert not intake.admit(opened.id, "")
    assert not intake.admit("nobody", opened.token)


@pytest.mark.parametrize("strange", ["\0", "\ud800", "å", "", "x" * 5000])
def test_an_id_that_is_none_is_unknown_on_every_database(intake: Intake, opened, strange: str) -> None:
    assert not intake.admit(strange, opened.token)
    assert not intake.admit(opened.id, strange)
    with pytest.raises(UnknownConversation):
        intake.begin(strange)


def test_the_token_is_not_kept(records: Records, opened) -> None:
    with records.reading() as session:
        conversation = session.get_one(Conversation, opened.id)
        assert opened.token not in str(vars(conversation))
    assert opened.token not in repr(opened)


def test_a_turn_comes_back_as_it_was_left(intake: Intake, opened) -> None:
    turn = intake.begin(opened.id)
    assert (turn.state, turn.snapshot, turn.last_seq, turn.handover, turn.ended) == (b"{}", None, 0, None, False)
    turn.state, turn.snapshot = b"later", b"tracker"
    turn.events.append(StageReached(Stage.PRIVACY))
    turn.messages.append(OutMessage(Sender.PERSON, ContentClass.SENSITIVE, {"text": "hej åäö"}))
    body = {"text": "Är du ensam?", "choices": [{"id": "private", "label": "Ja", "everywhere": False}]}
    turn.messages.append(OutMessage(Sender.ASSISTANT, ContentClass.NEUTRAL, body))
    stored = intake.commit(turn)
    again = intake.begin(opened.id)
    assert (again.state, again.snapshot, again.last_seq) == (b"later", b"tracker", 2)
    assert intake.messages(opened.id) == stored
    assert intake.messages(opened.id, after_seq=1) == stored[1:]
    assert [(m.seq, m.sender, m.cls, m.body["text"]) for m in stored] == [
        (1, Sender.PERSON, ContentClass.SENSITIVE, "hej åäö"),
        (2, Sender.ASSISTANT, ContentClass.NEUTRAL, "Är du ensam?"),
    ]


def test_an_unknown_conversation_is_said_to_be_unknown(intake: Intake) -> None:
    with pytest.raises(UnknownConversation):
        intake.begin("nobody")
    with pytest.raises(UnknownConversation):
        intake.messages("nobody")
    intake.end("nobody", Outcome.LEFT)  # an exit never fails


def test_a_message_that_comes_twice_gets_the_same_answer(intake: Intake, opened, take_turn) -> None:
    assert intake.begin(opened.id).receipt("k1") is None
    take_turn(opened, says=["ett", "två"], key="k1")
    take_turn(opened, says=["tre"], key="k2")
    take_turn(opened, key="k3")
    turn = intake.begin(opened.id)
    assert [m.body["text"] for m in turn.receipt("k1") or ()] == ["ett", "två"]
    assert [m.body["text"] for m in turn.receipt("k2") or ()] == ["tre"]
    assert turn.receipt("k3") == []


def test_the_same_key_cannot_be_answered_twice(intake: Intake, opened, take_turn, figures) -> None:
    take_turn(opened, says=["ett"], key="k1")
    with pytest.raises(Conflict):
        take_turn(opened, StageReached(Stage.PRIVACY), says=["två"], key="k1")
    assert [m.body["text"] for m in intake.messages(opened.id)] == ["ett"]
    assert "stage:privacy" not in figures()


def test_of_two_turns_at_once_one_wins_and_the_other_leaves_nothing(intake: Intake, opened, figures) -> None:
    first, second = intake.begin(opened.id), intake.begin(opened.id)
    for turn, stage in ((first, Stage.PRIVACY), (second, Stage.INFORMATION)):
        turn.state = stage.encode()
        turn.events.append(StageReached(stage))
        turn.messages.append(OutMessage(Sender.ASSISTANT, ContentClass.NEUTRAL, {"text": stage.value}))
    intake.commit(first)
    with pytest.raises(Conflict):
        intake.commit(second)
    assert intake.begin(opened.id).state == b"privacy"
    assert [m.body["text"] for m in intake.messages(opened.id)] == ["privacy"]
    assert "stage:information" not in figures()


def test_the_same_turn_can_be_continued_after_its_commit(intake: Intake, opened) -> None:
    turn = intake.begin(opened.id)
    intake.commit(turn)
    turn.state = b"more"
    intake.commit(turn)
    assert intake.begin(opened.id).state == b"more"


def test_a_claim_wins_over_a_turn_in_flight(intake: Intake, desk: HandoverDesk, opened, take_turn, kim) -> None:
    waiting = take_turn(opened, HandoverRequested(HandoverKind.CHAT, urgent=False)).handover
    assert waiting is not None
    in_flight = intake.begin(opened.id)
    in_flight.messages.append(OutMessage(Sender.ASSISTANT, ContentClass.NEUTRAL, {"text": "boten pratar"}))
    desk.claim(waiting.id, kim)
    with pytest.raises(Conflict):
        intake.commit(in_flight)
    again = intake.begin(opened.id)
    assert again.handover is not None
    assert (again.handover.status, again.handover.claimed_by_name) == ("claimed", "Kim Ek")
    assert [m.body.get("say") for m in intake.messages(opened.id)] == ["handover.claimed"]


def test_answers_are_counted_as_they_are_and_missing_items_not_at_all(opened, take_turn, figures) -> None:
    answers = ((1, Answer.YES), (2, Answer.NO), (3, Answer.DECLINED))
    take_turn(
        opened,
        InvitationMade(),
        InvitationAnswered("yes"),
        RunEnded("fov-vuxna", "2019", answers, completed=False),
        SignalRaised("overseen"),
    )
    take_turn(opened, Ended(Outcome.STOPPED))
    assert figures() == {
        "started": 1,
        "invitation:made": 1,
        "invitation:yes": 1,
        "fov-vuxna/2019:1:yes": 1,
        "fov-vuxna/2019:2:no": 1,
        "fov-vuxna/2019:3:declined": 1,
        "fov-vuxna/2019:stopped": 1,
        "signal:overseen": 1,
        "outcome:stopped": 1,
    }


def test_counters_add_up_over_conversations_and_know_the_swedish_month(records: Records, clock, begin) -> None:
    clock.at = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)  # 00:30 on 1 December in Sweden
    begin()
    begin()
    ((figure, n),) = figures(records).items()
    of = figure.as_
    assert (n, figure.month, of.region, of.sex, of.age_band) == (2, "2026-12", "12", "woman", "25-34")


@pytest.mark.parametrize("outcome", list(Outcome))
def test_an_outcome_is_counted_once(intake: Intake, opened, figures, outcome: Outcome) -> None:
    intake.end(opened.id, outcome)
    intake.end(opened.id, outcome)
    intake.end(opened.id, Outcome.INTERRUPTED)
    assert {k: n for k, n in figures().items() if k.startswith("outcome")} == {f"outcome:{outcome}": 1}
    turn = intake.begin(opened.id)
    assert (turn.ended, turn.outcome, turn.state) == (True, outcome, None)


def test_nothing_is_added_to_a_conversation_that_ended(intake: Intake, opened) -> None:
    intake.end(opened.id, Outcome.COMPLETED)
    with pytest.raises(AlreadyEnded):
        intake.commit(intake.begin(opened.id))


def test_the_last_words_are_sent_but_not_kept(intake: Intake, opened) -> None:
    turn = intake.begin(opened.id)
    turn.messages.append(OutMessage(Sender.ASSISTANT, ContentClass.NEUTRAL, {"text": "Hej då"}))
    turn.events.append(Ended(Outcome.COMPLETED))
    assert [m.body["text"] for m in intake.commit(turn)] == ["Hej då"]
    assert turn.ended
    assert intake.messages(opened.id) == []


def test_times_of_an_ended_conversation_are_kept_by_the_hour(records: Records, intake: Intake, opened, clock) -> None:
    clock.pass_(minutes=47)
    intake.commit(intake.begin(opened.id))
    intake.end(opened.id, Outcome.COMPLETED)
    with records.reading() as session:
        kept = session.get_one(Conversation, opened.id)
        times = (kept.started_hour, kept.last_at, kept.ended_hour)
    assert times == tuple(datetime(2026, 11, 24, hour, tzinfo=UTC) for hour in (9, 10, 10))


def test_silence_ends_a_conversation_and_spares_the_others(intake: Intake, opened, begin, clock, figures) -> None:
    clock.pass_(minutes=20)
    active = begin()
    clock.pass_(minutes=20)
    assert intake.expire(timedelta(minutes=30), clock()) == 1
    assert intake.expire(timedelta(minutes=30), clock()) == 0
    assert intake.begin(opened.id).outcome is Outcome.INTERRUPTED
    assert not intake.begin(active.id).ended
    assert figures()["outcome:interrupted"] == 1


def test_who_speaks_while_the_sweep_is_under_way_is_spared(intake: Intake, records: Records, opened, clock) -> None:
    before = clock() + timedelta(minutes=10)
    clock.pass_(minutes=11)
    intake.commit(intake.begin(opened.id))
    assert interrupt(records, opened.id, before, clock()) is False
    assert not intake.begin(opened.id).ended


def test_silence_gives_up_a_waiting_chat(intake: Intake, desk: HandoverDesk, opened, take_turn, clock, kim) -> None:
    take_turn(opened, HandoverRequested(HandoverKind.CHAT, urgent=True))
    clock.pass_(hours=1)
    intake.expire(timedelta(minutes=30), clock())
    assert intake.begin(opened.id).handover is None
    assert desk.queue(kim).waiting == []


def test_a_naive_time_is_refused(intake: Intake, opened) -> None:
    with pytest.raises(StatementError, match="a time without a zone"):
        intake.expire(timedelta(minutes=1), datetime(2026, 11, 24, 9))
