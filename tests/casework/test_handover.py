"""What caseworkers do with handovers: one has it, the bot is silent, contact only as agreed (P7, P8)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select

from casework.audit import first_break
from casework.handover import AlreadyClaimed, ContactNote, HandoverDesk, NotOpen, UnknownHandover
from casework.intake import Conflict, Intake, OutMessage
from casework.records import AuditEntry, Conversation, Records
from casework.requests import HandoverStatus
from safety.content import ContentClass, Sender
from safety.safe_contact import Refusal
from screening.events import Ended, HandoverCancelled, HandoverKind, HandoverRequested, Outcome

CHAT = HandoverRequested(HandoverKind.CHAT, urgent=False)


@pytest.fixture
def chat(opened, take_turn) -> str:
    """A waiting chat, after some talk with the bot."""
    return take_turn(opened, CHAT, says=["det tidigare samtalet"]).handover.id


@pytest.fixture
def contact(opened, take_turn, plan) -> str:
    """A contact request of a finished conversation."""
    event = HandoverRequested(HandoverKind.CONTACT, urgent=False, plan=plan)
    handover = take_turn(opened, event, Ended(Outcome.COMPLETED)).handover
    return handover.id


def audit(records: Records, about: str) -> list[tuple[str, str]]:
    with records.reading() as session:
        rows = session.scalars(select(AuditEntry).where(AuditEntry.about == about).order_by(AuditEntry.seq))
        return [(row.who, row.what) for row in rows]


def test_urgent_comes_first_then_the_longest_wait(desk: HandoverDesk, begin, take_turn, clock, kim) -> None:
    ids = {}
    for name, urgent in (("first", False), ("second", False), ("urgent", True)):
        ids[name] = take_turn(begin(), HandoverRequested(HandoverKind.CHAT, urgent=urgent)).handover.id
        clock.pass_(minutes=1)
    assert [item.id for item in desk.queue(kim).waiting] == [ids["urgent"], ids["first"], ids["second"]]


def test_asking_again_keeps_the_place_in_the_queue(desk: HandoverDesk, begin, take_turn, clock, kim) -> None:
    first, second = begin(), begin()
    take_turn(first, CHAT)
    clock.pass_(minutes=1)
    take_turn(second, CHAT)
    clock.pass_(minutes=1)
    again = take_turn(first, CHAT).handover.id
    waiting = desk.queue(kim).waiting
    assert len(waiting) == 2
    assert waiting[0].id == again


def test_of_two_claims_at_once_one_wins(desk: HandoverDesk, chat: str, kim, robin, intake, opened) -> None:
    together = Barrier(2)

    def claim(user) -> str:
        together.wait()
        try:
            desk.claim(chat, user)
        except AlreadyClaimed as refused:
            return f"{refused.name} has it"
        return f"{user.name} got it"

    with ThreadPoolExecutor(2) as pool:
        outcome = sorted(pool.map(claim, (kim, robin)))
    assert outcome in (["Kim Ek got it", "Kim Ek has it"], ["Robin Al got it", "Robin Al has it"])
    assert [m.body.get("say") for m in intake.messages(opened.id)][1:] == ["handover.claimed"]


def test_claiming_twice_changes_nothing(desk: HandoverDesk, chat: str, kim, intake, opened) -> None:
    assert desk.claim(chat, kim) == desk.claim(chat, kim) == opened.id
    assert len(intake.messages(opened.id)) == 2


def test_the_caseworker_reads_from_the_claim_on_and_nothing_earlier(desk, intake: Intake, opened, chat, kim) -> None:
    desk.claim(chat, kim)
    desk.write(chat, kim, "  Hej, jag heter Kim. ")
    turn = intake.begin(opened.id)
    turn.messages.append(OutMessage(Sender.PERSON, ContentClass.SENSITIVE, {"text": "Hej Kim"}))
    intake.commit(turn)
    transcript = desk.transcript(chat, kim)
    assert [(m.sender, m.body.get("text") or m.body["say"]) for m in transcript] == [
        (Sender.ASSISTANT, "handover.claimed"),
        (Sender.HUMAN, "Hej, jag heter Kim."),
        (Sender.PERSON, "Hej Kim"),
    ]
    assert transcript[0].body["params"] == {"name": "Kim Ek"}
    assert (transcript[0].cls, transcript[1].cls) == (ContentClass.NEUTRAL, ContentClass.SENSITIVE)
    assert desk.transcript(chat, kim, after_seq=transcript[1].seq) == transcript[2:]


def test_a_message_that_is_sent_twice_is_written_once(desk, intake: Intake, records, opened, chat, kim) -> None:
    desk.claim(chat, kim)
    first = desk.write(chat, kim, "Hej", key="k1")
    assert desk.write(chat, kim, "Hej", key="k1") == first
    desk.write(chat, kim, "Hej på dig", key="k1")  # another text is another message
    desk.write(chat, kim, "Hej", key="k2")
    assert [m.body.get("text") for m in desk.transcript(chat, kim)] == [None, "Hej", "Hej på dig", "Hej"]
    assert audit(records, chat).count((kim.id, "message.written")) == 3


def test_after_handing_back_the_caseworker_reads_no_further(desk, intake, opened, chat, kim, take_turn) -> None:
    desk.claim(chat, kim)
    desk.hand_back(chat, kim)
    assert intake.begin(opened.id).handover is None
    take_turn(opened, says=["boten igen"])
    assert [m.body.get("say") for m in desk.transcript(chat, kim)] == ["handover.claimed", "handover.returned"]
    with pytest.raises(NotOpen):
        desk.write(chat, kim, "en sak till")


@pytest.mark.parametrize("act", ["claim", "write", "hand_back", "end"])
def test_every_act_of_the_caseworker_stops_a_turn_in_flight(desk, intake, opened, chat, kim, act: str) -> None:
    if act != "claim":
        desk.claim(chat, kim)
    in_flight = intake.begin(opened.id)
    getattr(desk, act)(chat, kim, *(["Hej"] if act == "write" else []))
    with pytest.raises(Conflict):
        intake.commit(in_flight)


def test_only_the_one_who_has_it_reads_and_writes(desk: HandoverDesk, chat: str, kim, robin) -> None:
    with pytest.raises(NotOpen):
        desk.write(chat, kim, "före")
    desk.claim(chat, kim)
    for act in (
        lambda: desk.write(chat, robin, "hej"),
        lambda: desk.transcript(chat, robin),
        lambda: desk.case(chat, robin),
        lambda: desk.hand_back(chat, robin),
        lambda: desk.end(chat, robin),
    ):
        with pytest.raises(AlreadyClaimed) as refused:
            act()
        assert refused.value.name == "Kim Ek"


def test_an_unknown_handover_is_said_to_be_unknown(desk: HandoverDesk, kim, contact: str) -> None:
    for act in (desk.claim, desk.case, desk.transcript, desk.end, desk.hand_back):
        with pytest.raises(UnknownHandover):
            act("nothing", kim)
    desk.claim(contact, kim)
    with pytest.raises(UnknownHandover):
        desk.write(contact, kim, "a contact request is no chat")


@pytest.mark.parametrize("text", ["", "   \n", "x" * 4001])
def test_an_empty_or_endless_message_is_not_sent(desk, intake, opened, chat, kim, text: str) -> None:
    desk.claim(chat, kim)
    with pytest.raises(ValueError, match="empty or too long"):
        desk.write(chat, kim, text)
    assert len(intake.messages(opened.id)) == 2


def test_who_no_longer_waits_cannot_be_claimed(desk: HandoverDesk, opened, chat, take_turn, kim) -> None:
    take_turn(opened, HandoverCancelled())
    with pytest.raises(NotOpen) as refused:
        desk.claim(chat, kim)
    assert refused.value.status is HandoverStatus.CANCELLED


def test_who_left_cannot_be_claimed(desk: HandoverDesk, intake, opened, chat, kim, clock) -> None:
    intake.end(opened.id, Outcome.LEFT)
    with pytest.raises(NotOpen) as refused:
        desk.claim(chat, kim)
    assert refused.value.status is HandoverStatus.LEFT
    assert [item.id for item in desk.queue(kim).left] == [chat]
    clock.pass_(hours=25)
    assert desk.queue(kim).left == []


def test_the_number_is_shown_to_the_one_who_has_it_and_only_while_contact_is_allowed(
    desk: HandoverDesk, contact: str, kim, robin, clock, plan
) -> None:
    assert desk.case(contact, kim).number == ""
    desk.claim(contact, kim)
    case = desk.case(contact, kim)
    assert (case.number, case.code_word) == (plan.number, plan.code_word)
    assert plan.number not in repr(case) and plan.code_word not in repr(case)
    with pytest.raises(AlreadyClaimed):
        desk.case(contact, robin)
    clock.pass_(hours=6)  # 16:30, and the plan says mornings
    case = desk.case(contact, kim)
    assert case.item.contact is not None
    assert (case.number, case.code_word, case.item.contact.refusal) == ("", "", Refusal.OUTSIDE_WINDOW)
    clock.pass_(days=14)
    case = desk.case(contact, kim)
    assert case.item.contact is not None
    assert (case.number, case.item.contact.refusal) == ("", Refusal.EXPIRED)


def test_no_plan_means_no_contact(desk: HandoverDesk, opened, take_turn, kim) -> None:
    handover = take_turn(opened, HandoverRequested(HandoverKind.CONTACT, urgent=False)).handover
    (item,) = desk.queue(kim).contacts
    assert item.id == handover.id
    assert item.contact is not None and item.contact.refusal is Refusal.NO_PLAN


def test_a_new_plan_replaces_the_old_one(desk: HandoverDesk, opened, take_turn, kim, plan) -> None:
    for number in ("+46700000001", "+46700000002"):
        event = HandoverRequested(HandoverKind.CONTACT, urgent=False, plan=replace(plan, number=number))
        take_turn(opened, event)
    (item,) = desk.queue(kim).contacts
    desk.claim(item.id, kim)
    assert desk.case(item.id, kim).number == "+46700000002"


def test_not_reached_may_be_tried_again_within_the_plan(desk: HandoverDesk, contact: str, kim, plan, figures) -> None:
    desk.claim(contact, kim)
    desk.done(contact, kim, ContactNote.NOT_REACHED)
    assert desk.case(contact, kim).number == plan.number
    desk.done(contact, kim, ContactNote.REACHED)
    with pytest.raises(NotOpen):
        desk.done(contact, kim, ContactNote.REACHED)
    assert (figures()["contact:not_reached"], figures()["contact:reached"]) == (1, 1)


def test_not_safe_means_that_nobody_tries_again(desk, records: Records, opened, contact: str, kim) -> None:
    desk.claim(contact, kim)
    desk.done(contact, kim, ContactNote.NOT_SAFE)
    with records.reading() as session:
        assert session.get_one(Conversation, opened.id).do_not_contact
    assert desk.queue(kim).mine == []


def test_every_read_and_write_is_in_the_audit(desk: HandoverDesk, records: Records, chat: str, kim) -> None:
    desk.claim(chat, kim)
    desk.case(chat, kim)
    desk.write(chat, kim, "hej")
    seen = desk.transcript(chat, kim)
    desk.transcript(chat, kim, after_seq=seen[-1].seq)  # no news: nothing was read
    desk.end(chat, kim)
    assert audit(records, chat) == [
        (kim.id, what)
        for what in (
            "handover.claimed",
            "handover.seen",
            "message.written",
            "transcript.seen",
            "handover.ended",
        )
    ]
    assert first_break(records) is None


def test_reading_a_number_and_a_queue_is_in_the_audit(desk, records: Records, contact: str, kim) -> None:
    desk.queue(kim)
    desk.queue(kim, by_itself=True)
    desk.claim(contact, kim)
    desk.case(contact, kim)
    assert audit(records, contact) == [
        (kim.id, "handover.claimed"),
        (kim.id, "handover.seen"),
        (kim.id, "number.seen"),
    ]
    assert audit(records, "").count((kim.id, "queue.seen")) == 1


def test_somebody_is_present_while_a_page_gives_signs_of_life(desk, accounts, kim, clock) -> None:
    assert not desk.someone_present(clock())
    token = accounts.sign_in("Kim Ek", "en lång lösenfras")
    assert desk.someone_present(clock())
    clock.pass_(minutes=4)
    accounts.session(token, acting=False)
    clock.pass_(minutes=4)
    assert desk.someone_present(clock())
    clock.pass_(minutes=1, seconds=1)
    assert not desk.someone_present(clock())
    accounts.session(token)
    assert desk.someone_present(clock())
    accounts.sign_out(token)
    assert not desk.someone_present(clock())


def test_a_chat_in_use_is_not_swept_away(desk, intake: Intake, opened, chat, kim, clock) -> None:
    desk.claim(chat, kim)
    clock.pass_(minutes=29)
    desk.write(chat, kim, "Är du kvar?")
    clock.pass_(minutes=29)
    assert intake.expire(timedelta(minutes=30), clock()) == 0


def test_a_note_that_is_sent_again_is_noted_once(opened, take_turn, desk, kim, robin, plan, figures, records) -> None:
    handover = take_turn(opened, HandoverRequested(HandoverKind.CONTACT, urgent=False, plan=plan)).handover
    desk.claim(handover.id, kim)
    for key in ("a", "a", "b", "b"):
        assert desk.done(handover.id, kim, ContactNote.NOT_REACHED, key=key) == opened.id
    assert figures()["contact:not_reached"] == 2
    with records.reading() as session:
        assert len(session.scalars(select(AuditEntry).filter_by(what="contact.not_reached")).all()) == 2
    with pytest.raises(AlreadyClaimed):
        desk.done(handover.id, robin, ContactNote.NOT_REACHED, key="b")
    for _ in range(2):
        desk.done(handover.id, kim, ContactNote.REACHED, key="c")
    assert figures()["contact:reached"] == 1
    with pytest.raises(NotOpen):
        desk.done(handover.id, kim, ContactNote.REACHED, key="d")
