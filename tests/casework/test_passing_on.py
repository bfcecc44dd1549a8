"""A chat passed on: the next one must claim it, reads from then on, and the assistant stays silent all the while (P7)."""

from __future__ import annotations

import pytest

from casework.handover import HandoverDesk, NotOpen
from casework.intake import Intake, OutMessage
from casework.passing_on import NobodyThere, To
from casework.requests import HandoverStatus
from casework.roles import Role
from safety.content import ContentClass, Sender
from screening.events import HandoverKind, HandoverRequested
from tests.casework.conftest import PASSWORD

CHAT = HandoverRequested(HandoverKind.CHAT, urgent=False)


@pytest.fixture
def robin(robin, accounts):
    """Robin is at the desk."""
    accounts.sign_in("Robin Al", PASSWORD)
    return robin


@pytest.fixture
def chat(opened, take_turn, desk, kim) -> str:
    """A chat that Kim has."""
    chat = take_turn(opened, CHAT, says=["det tidigare samtalet"]).handover.id
    desk.claim(chat, kim)
    return chat


def person_writes(intake: Intake, conversation_id: str, text: str) -> None:
    turn = intake.begin(conversation_id)
    turn.messages.append(OutMessage(Sender.PERSON, ContentClass.SENSITIVE, {"text": text}))
    intake.commit(turn)


def texts(messages) -> list[str]:
    return [message.body.get("text") or message.body["say"] for message in messages]


def test_the_next_one_reads_from_the_passing_on_and_the_former_no_further(desk, intake, opened, chat, kim, robin):
    person_writes(intake, opened.id, "bara till Kim")
    assert desk.passing_on.pass_on(chat, kim, To.COLLEAGUE, robin.id) == opened.id
    person_writes(intake, opened.id, "till den som kommer")
    with pytest.raises(NotOpen):
        desk.transcript(chat, kim)
    desk.claim(chat, robin)
    assert texts(desk.transcript(chat, robin)) == ["handover.passed", "till den som kommer", "handover.claimed"]


def test_the_assistant_stays_silent_until_it_is_handed_back(desk, intake, opened, chat, kim, robin, sam) -> None:
    desk.passing_on.pass_on(chat, kim, To.SOCIAL_CONSULTANT)
    assert intake.begin(opened.id).handover.status is HandoverStatus.CLAIMED
    desk.claim(chat, robin)
    desk.hand_back(chat, robin)
    assert intake.begin(opened.id).handover is None


def test_it_waits_for_the_one_it_is_meant_for_and_for_anybody_who_is_there(desk: HandoverDesk, chat, kim, robin):
    desk.passing_on.pass_on(chat, kim, To.COLLEAGUE, robin.id)
    (item,) = desk.queue(robin).waiting
    assert (item.meant_for, item.meant_for_name, item.passed_on) == (robin.id, "Robin Al", "colleague")
    desk.claim(chat, kim)  # the colleague did not come: it is not lost
    (mine,) = desk.queue(kim).mine
    assert (mine.meant_for, mine.passed_on) == (None, "")


def test_not_to_nobody_and_not_to_oneself(desk: HandoverDesk, chat, kim, accounts, robin) -> None:
    accounts.close("Robin Al")
    for colleague in ("", "unknown", kim.id, robin.id):
        with pytest.raises(NobodyThere):
            desk.passing_on.pass_on(chat, kim, To.COLLEAGUE, colleague)
    assert [item.id for item in desk.queue(kim).mine] == [chat]


def test_what_was_written_while_waiting_is_for_the_human_who_comes(desk, intake, begin, take_turn, kim) -> None:
    opened = begin()
    waiting = take_turn(opened, CHAT, says=["det tidigare samtalet"]).handover.id
    person_writes(intake, opened.id, "jag väntar")
    take_turn(opened, says=["boten säger något"])
    desk.claim(waiting, kim)
    assert texts(desk.transcript(waiting, kim)) == ["jag väntar", "handover.claimed"]
    desk.hand_back(waiting, kim)
    again = take_turn(opened, CHAT).handover.id
    desk.claim(again, kim)
    assert texts(desk.transcript(again, kim))[-1:] == ["handover.claimed"]


def test_colleagues_who_are_there_come_first(desk: HandoverDesk, accounts, clock, kim, robin) -> None:
    accounts.redeem(accounts.link(), "Alva Ek", PASSWORD)
    assert [(one.name, one.present) for one in desk.passing_on.colleagues()] == [
        ("Robin Al", True),
        ("Alva Ek", False),
        ("Kim Ek", False),
    ]
    clock.pass_(minutes=2)
    assert not any(one.present for one in desk.passing_on.colleagues())


def test_not_to_a_role_that_nobody_there_has(desk, chat, clock, kim, robin, sam) -> None:
    there = desk.passing_on.there(chat, kim)
    assert ([one.name for one in there.colleagues], there.caseworkers, there.consultants) == (
        ["Robin Al", "Sam Vik"],
        1,
        1,
    )
    clock.pass_(minutes=2)
    assert desk.passing_on.there(chat, kim).colleagues == ()
    for to, colleague in ((To.SOCIAL_CONSULTANT, ""), (To.COLLEAGUE, robin.id)):
        with pytest.raises(NobodyThere):
            desk.passing_on.pass_on(chat, kim, to, colleague)
    assert [item.id for item in desk.queue(kim).mine] == [chat]


def test_nobody_of_another_office_is_named_or_offered(desk, begin, take_turn, accounts, kim) -> None:
    chat = take_turn(begin(office="south"), CHAT).handover.id
    desk.claim(chat, kim)
    for name, office in (("Nora", "north"), ("Sofia", "south")):
        accounts.redeem(accounts.link(Role.CONSULTANT, [office]), name, PASSWORD)
        accounts.sign_in(name, PASSWORD)
    there = desk.passing_on.there(chat, kim)
    assert ([one.name for one in there.colleagues], there.consultants) == (["Sofia"], 1)


def test_when_the_one_it_was_meant_for_goes_it_waits_for_everybody(desk, intake, opened, chat, clock, kim, sam) -> None:
    person_writes(intake, opened.id, "bara till Kim")
    desk.passing_on.pass_on(chat, kim, To.SOCIAL_CONSULTANT)
    person_writes(intake, opened.id, "till den som kommer")
    assert desk.passing_on.back_to_all() == []
    clock.pass_(minutes=2)
    assert desk.passing_on.back_to_all() == [opened.id]
    assert desk.passing_on.back_to_all() == []
    (item,) = desk.queue(kim).waiting
    assert (item.id, item.passed_on) == (chat, "")
    assert intake.begin(opened.id).handover.status is HandoverStatus.WAITING  # the assistant can speak again
    desk.claim(chat, kim)
    assert texts(desk.transcript(chat, kim)) == [
        "handover.passed_social",
        "till den som kommer",
        "handover.to_all",
        "handover.claimed",
    ]
