"""A chat whose caseworker is not there: who sees it, who can take it over, and what is left of it in the audit trail."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select

from casework.audit import first_break
from casework.records import AuditEntry
from casework.refusals import AlreadyClaimed, NotOpen, UnknownHandover
from casework.roles import Role
from tests.casework.desk_browser import CHAT, PASSWORD, send, words


@pytest.fixture
def kims(desk, chat, accounts, kim) -> str:
    """A chat that Kim has, who is at the desk."""
    accounts.sign_in("Kim Ek", PASSWORD)
    desk.claim(chat, kim)
    return chat


def test_not_from_somebody_who_is_there(desk, kims, clock, accounts, robin) -> None:
    clock.pass_(seconds=119)
    assert desk.queue(robin).alone == []
    assert [item.id for item in desk.queue(robin).taken] == [kims]
    with pytest.raises(AlreadyClaimed):
        desk.taking_over.take_over(kims, robin)
    clock.pass_(seconds=1)
    queue = desk.queue(robin)
    assert (queue.taken, queue.call_count) == ([], 1)
    assert [(item.id, item.away_minutes) for item in queue.alone] == [(kims, 2)]


def test_signing_out_is_going_away_at_once(desk, chat, accounts, kim, robin) -> None:
    token = accounts.sign_in("Kim Ek", PASSWORD)
    desk.claim(chat, kim)
    accounts.sign_out(token)
    assert [item.away_minutes for item in desk.queue(robin).alone] == [None]


def test_an_open_queue_hears_of_it_though_nothing_is_written(desk, kims, clock) -> None:
    before = desk.queue_mark()
    clock.pass_(minutes=1)
    assert desk.queue_mark() == before
    clock.pass_(minutes=1)
    assert desk.queue_mark() != before


def test_of_two_one_gets_it_and_the_trail_says_from_whom(desk, records, kims, clock, accounts, kim, robin) -> None:
    alva = accounts.redeem(accounts.link(), "Alva Ek", PASSWORD)
    accounts.sign_in("Robin Al", PASSWORD)
    accounts.sign_in("Alva Ek", PASSWORD)
    clock.pass_(minutes=3)
    for name in ("Robin Al", "Alva Ek"):
        accounts.sign_in(name, PASSWORD)
    together = Barrier(2)

    def take(user) -> str:
        together.wait(20)
        try:
            desk.taking_over.take_over(kims, user)
        except AlreadyClaimed as refused:
            return refused.name
        return ""

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(take, (robin, alva)))
    assert told.count("") == 1
    winner = (robin, alva)[told.index("")]
    assert max(told) == winner.name
    with records.reading() as session:
        trail = session.execute(
            select(AuditEntry.who, AuditEntry.what, AuditEntry.about).where(AuditEntry.what.like("handover.taken%"))
        ).all()
    assert [tuple(row) for row in trail] == [
        (winner.id, "handover.taken_over", kims),
        (winner.id, "handover.taken_from", kim.id),
    ]
    assert first_break(records) is None
    assert desk.taking_over.take_over(kims, winner)  # pressed twice: nothing more happens
    assert [one.body["say"] for one in desk.transcript(kims, winner)] == ["handover.taken_over"]


def test_only_of_ones_own_offices_and_only_chats(desk, begin, take_turn, contact, clock, accounts, kim, robin) -> None:
    south = begin(office="south")
    chat = take_turn(south, CHAT).handover.id
    desk.claim(chat, kim)
    desk.claim(contact, kim)
    north = accounts.redeem(accounts.link(Role.CASEWORKER, ["north"]), "Nora", PASSWORD)
    assert desk.queue(north).alone == []
    for handover, user in ((chat, north), (contact, robin), ("unknown", robin)):
        with pytest.raises(UnknownHandover):
            desk.taking_over.take_over(handover, user)
    assert [item.id for item in desk.queue(robin).alone] == [chat]
    assert [item.id for item in desk.queue(robin).taken] == [contact]


def test_not_what_is_over_or_waits_for_everybody(desk, chat, kim, robin) -> None:
    with pytest.raises(NotOpen):
        desk.taking_over.take_over(chat, robin)
    desk.claim(chat, kim)
    desk.end(chat, kim)
    with pytest.raises(NotOpen):
        desk.taking_over.take_over(chat, robin)


def test_on_the_pages(at_desk, browser, desk, chat, kim, robin, changed) -> None:
    desk.claim(chat, robin)  # who has no page open
    page = at_desk.get("/desk").text
    assert "Robin Al är inte här" in words(page)
    assert "<title>(1) " in page
    taken = send(at_desk, f"/desk/handover/{chat}/take-over", page="/desk")
    assert taken.status_code == 200 and "Du har tagit över samtalet." in words(taken.text)
    assert changed[-1] == desk.conversation_id(chat)
    desk.write(chat, kim, "Hej")
    # Robin's page, which asks for news, is told who has it now.
    browser.cookies.clear()
    send(browser, "/desk/sign-in", name="Robin Al", password=PASSWORD)
    news = browser.get(f"/desk/handover/{chat}/messages?after=0&mark=x").text
    assert 'data-status="taken"' in news and "Kim Ek har tagit över samtalet" in news and "Hej" not in news
    refused = send(browser, f"/desk/handover/{chat}/write", page="/desk", text="hej", key="k")
    assert refused.status_code == 409
