"""The queue: sorted by need, by what can be done now, and by nothing that a person has answered (P10)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import inspect

from casework.handover import ContactNote, HandoverDesk
from casework.records import Handover
from safety.safe_contact import ContactWindow, Refusal
from screening.events import Answer, HandoverKind, HandoverRequested, RunEnded

CHAT = HandoverRequested(HandoverKind.CHAT, urgent=False)
YES = tuple((number, Answer.YES) for number in range(1, 8))
NO = tuple((number, Answer.NO) for number in range(1, 8))


def test_contacts_are_parted_by_whether_it_is_safe_now(desk: HandoverDesk, begin, take_turn, plan, kim) -> None:
    morning = HandoverRequested(HandoverKind.CONTACT, urgent=False, plan=plan)
    afternoon = replace(morning, plan=replace(plan, window=ContactWindow.AFTERNOON), urgent=True)
    now, later = (take_turn(begin(), event).handover.id for event in (morning, afternoon))
    queue = desk.queue(kim)
    assert [item.id for item in queue.due] == [now]
    assert [(item.id, item.contact.refusal) for item in queue.later] == [(later, Refusal.OUTSIDE_WINDOW)]


def test_answers_do_not_move_anybody(desk: HandoverDesk, begin, take_turn, clock, kim) -> None:
    """Yes to everything or no to everything: the same list, the same place, the same words."""
    ids = []
    for answers in (NO, YES, NO):
        run = RunEnded("fov-vuxna", "2019", answers, completed=True)
        ids.append(
            take_turn(begin(), run, HandoverRequested(HandoverKind.CHAT, urgent=False, answers=answers)).handover.id
        )
        clock.pass_(minutes=1)
    waiting = desk.queue(kim).waiting
    assert [item.id for item in waiting] == ids
    first, second = (replace(item, id="", requested_at=clock.at, waited_minutes=0) for item in waiting[:2])
    assert first == second


def test_there_is_no_column_to_search_by() -> None:
    """What was answered is only in sealed columns: no search term can reveal it (law 2002:546 14 §)."""
    plain = {column.name for column in inspect(Handover).columns if not column.name.endswith("_sealed")}
    assert plain == {
        "id",
        "conversation_id",
        "kind",
        "status",
        "urgent",
        "requested_at",
        "expires_at",
        "claimed_by",
        "claimed_at",
        "claim_seq",
        "close_seq",
        "closed_at",
        "note",
        "note_key",
        "meant_for",
        "meant_role",
    }


@pytest.mark.parametrize("note", [ContactNote.REACHED, ContactNote.NOT_REACHED])
def test_who_was_not_reached_is_to_be_followed_up(desk, begin, take_turn, plan, kim, note) -> None:
    event = HandoverRequested(HandoverKind.CONTACT, urgent=False, plan=plan)
    contact = take_turn(begin(), event).handover.id
    desk.claim(contact, kim)
    assert [item.id for item in desk.queue(kim).mine] == [contact]
    desk.done(contact, kim, note)
    queue = desk.queue(kim)
    assert [item.id for item in queue.follow_ups] == ([contact] if note is ContactNote.NOT_REACHED else [])
    assert [item.id for item in queue.closed_today] == ([] if note is ContactNote.NOT_REACHED else [contact])
    assert queue.mine == []


def test_closed_today_is_mine_and_todays(desk, begin, take_turn, clock, kim, robin) -> None:
    for user in (kim, robin):
        chat = take_turn(begin(), CHAT).handover.id
        desk.claim(chat, user)
        desk.end(chat, user)
    assert [item.claimed_by for item in desk.queue(kim).closed_today] == [kim.id]
    clock.pass_(hours=24)
    assert desk.queue(kim).closed_today == []


def test_the_mark_changes_with_the_queue_and_not_with_time(desk, begin, take_turn, clock, kim) -> None:
    marks = [desk.queue_mark()]
    chat = take_turn(begin(), CHAT).handover.id
    marks.append(desk.queue_mark())
    clock.pass_(minutes=1)
    assert desk.queue_mark() == marks[-1]
    desk.claim(chat, kim)
    marks.append(desk.queue_mark())
    desk.hand_back(chat, kim)
    marks.append(desk.queue_mark())
    assert len(set(marks)) == 4


def test_of_a_long_queue_the_first_are_shown_and_all_are_counted(desk, begin, take_turn, kim, monkeypatch) -> None:
    monkeypatch.setattr("casework.queue.MOST", 3)
    chats = [take_turn(begin(), CHAT).handover.id for _ in range(4)]
    urgent = take_turn(begin(), replace(CHAT, urgent=True)).handover.id
    queue = desk.queue(kim)
    assert (len(queue.waiting), queue.waiting_count, queue.waiting[0].id) == (3, 5, urgent)
    for chat in (urgent, *chats):  # whoever is answered makes room: everybody comes up
        assert chat in {item.id for item in desk.queue(kim).waiting}
        desk.claim(chat, kim)
    assert desk.queue(kim).waiting_count == 0
