"""The long list of contacts is opened when it has changed, and not each time that a page asks for news."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from casework.contact.new_plan import agree
from casework.contact.stops import stop
from casework.handover import ContactNote, HandoverDesk
from casework.keys import unseal
from casework.records import Conversation, Records
from casework.requests import add_attempt
from casework.taking import take_handover
from safety.safe_contact import ContactWindow
from screening.events import HandoverKind, HandoverRequested

CHAT = HandoverRequested(HandoverKind.CHAT, urgent=False)


@pytest.fixture
def contact(begin, take_turn, plan) -> str:
    return take_turn(begin(), HandoverRequested(HandoverKind.CONTACT, urgent=False, plan=plan)).handover.id


@pytest.fixture
def opened_plans(monkeypatch) -> list[str]:
    """Which plans were opened."""
    opened: list[str] = []
    monkeypatch.setattr(
        "casework.requests.unseal", lambda key, sealed, place: opened.append(place) or unseal(key, sealed, place)
    )
    return opened


def test_what_is_known_is_not_opened_again(desk: HandoverDesk, begin, take_turn, contact, kim, opened_plans) -> None:
    first = desk.queue(kim, by_itself=True)
    assert [item.id for item in first.contacts] == [contact]
    assert len(opened_plans) == 1  # plan and attempts in one
    take_turn(begin(), CHAT)
    opened_plans.clear()
    again = desk.queue(kim, by_itself=True, known=first.contacts_mark)
    assert (again.contacts_as_known, again.contacts, opened_plans) == (True, [], [])
    assert again.waiting_count == 1


def test_every_change_of_the_list_is_another_mark(
    desk: HandoverDesk, records: Records, begin, take_turn, plan, contact, kim, clock
) -> None:
    marks = [desk.queue(kim).contacts_mark]

    def another(what: str) -> None:
        mark = desk.queue(kim).contacts_mark
        assert mark not in marks, what
        marks.append(mark)
        assert desk.queue(kim, known=mark).contacts_as_known

    second = take_turn(begin(), HandoverRequested(HandoverKind.CONTACT, urgent=True, plan=plan)).handover.id
    another("somebody more")
    with records.session() as session:
        add_attempt(records.keys, take_handover(session, contact).handover)
    another("an attempt")
    with records.session() as session:
        stop(session, records.keys, "+46701112233", clock())
    another("a number that said stop")
    with records.session() as session:
        session.get_one(Conversation, take_handover(session, contact).conversation.id).do_not_contact = True
    another("do not contact")
    clock.pass_(minutes=5)
    another("the clock")
    desk.claim(second, kim)
    another("claimed")
    agree(records, clock, second, kim, replace(plan, window=ContactWindow.AFTERNOON))
    desk.done(second, kim, ContactNote.REACHED)
    assert desk.queue(kim).contacts_mark == marks[-1]  # it was not in this list any more


def test_a_window_that_begins_is_seen_although_nothing_has_happened(desk, begin, take_turn, plan, clock, kim) -> None:
    event = HandoverRequested(HandoverKind.CONTACT, False, plan=replace(plan, window=ContactWindow.AFTERNOON))
    contact = take_turn(begin(), event).handover.id
    before = desk.queue(kim)
    assert [item.id for item in before.later] == [contact]
    clock.at = clock.at.replace(hour=10, minute=59)  # 11:59 in Sweden
    clock.pass_(minutes=2)
    after = desk.queue(kim, known=before.contacts_mark)
    assert not after.contacts_as_known and [item.id for item in after.due] == [contact]


def test_the_page_asks_for_it_only_when_it_is_new(at_desk, contact, clock) -> None:
    page = at_desk.get("/desk").text
    (mark,) = re.findall(r'data-contacts="(\w+)"', page)
    assert contact in page
    same = at_desk.get(f"/desk/waiting?contacts={mark}").text
    assert "data-as-known" in same and contact not in same
    for asked in ("", "?contacts=", "?contacts=another"):
        assert contact in at_desk.get(f"/desk/waiting{asked}").text
    clock.at += timedelta(minutes=5)
    assert contact in at_desk.get(f"/desk/waiting?contacts={mark}").text
