"""Chatwoot, as its published interface is: who waits becomes a conversation with a link."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from casework.out.chatwoot import Chatwoot
from casework.out.delivery import BACK_OFF, Messenger
from screening.events import Outcome
from tests.casework.chatwoot_double import ChatwootDouble
from tests.casework.local_server import Received, local_server
from tests.casework.told import CHAT, out, statuses

__all__ = ["out"]


# Chatwoot, over a real socket, held to its documented schema.


@pytest.fixture
def chatwoot(out) -> Iterator[tuple[ChatwootDouble, Callable[..., Messenger]]]:
    double = ChatwootDouble()

    def checked(request: Received):
        return double.answer(request)

    with local_server(checked) as server:

        def messenger(inbox: str = "inbox-1", token: str = "") -> Messenger:
            way = Chatwoot(server.url, inbox, "https://enrum.test/desk", "Någon väntar", "Väntar: {link}", token)
            return out(way)

        yield double, messenger


def test_who_waits_becomes_a_conversation_with_a_link_and_is_resolved(
    chatwoot, opened, take_turn, desk, kim, records, database
) -> None:
    double, made = chatwoot
    messenger = made()
    handover = take_turn(opened, CHAT, says=["hemligt"]).handover.id
    messenger.run()
    assert double.contacts == {"source-1": {"identifier": handover, "name": "Någon väntar"}}
    assert double.conversations[1]["messages"] == [f"Väntar: https://enrum.test/desk/handover/{handover}"]
    desk.claim(handover, kim)
    desk.end(handover, kim)
    messenger.run()
    assert double.conversations[1]["status"] == "resolved"
    assert statuses(records) == ["told", "told"]


def test_the_conversation_there_knows_the_office(chatwoot, begin, take_turn, database) -> None:
    double, made = chatwoot
    messenger = made()
    for office in ("lulea", ""):
        take_turn(begin(office), CHAT)
    while messenger.run():
        pass
    assert [one.get("custom_attributes") for one in double.conversations.values()] == [{"office": "lulea"}, None]


@pytest.mark.parametrize("fails", ["contact", "conversation", "message", "toggle_status"])
def test_a_fault_half_way_goes_on_where_it_was(
    chatwoot, opened, take_turn, intake, clock, records, database, fails
) -> None:
    double, made = chatwoot
    messenger = made()
    double.fails = [fails]
    take_turn(opened, CHAT)
    intake.end(opened.id, Outcome.LEFT)
    for _ in range(3):
        messenger.run()
        clock.at += BACK_OFF[0]
    assert statuses(records) == ["told", "told"]
    assert (len(double.contacts), len(double.conversations)) == (1, 1)
    assert len(double.conversations[1]["messages"]) == 1
    assert double.conversations[1]["status"] == "resolved"


def test_verified_contacts(chatwoot, opened, take_turn, records, database) -> None:
    double, made = chatwoot
    double.hmac_token = "t"
    take_turn_with = made(token="t")
    take_turn(opened, CHAT)
    take_turn_with.run()
    assert statuses(records) == ["told"]


def test_an_inbox_that_is_not_there_is_given_up(chatwoot, opened, take_turn, records, database) -> None:
    _, made = chatwoot
    messenger = made(inbox="nowhere")
    take_turn(opened, CHAT)
    messenger.run()
    assert statuses(records) == ["dead"]
