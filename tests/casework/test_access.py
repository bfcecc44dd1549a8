"""What is kept, told without content; and an erasure that the person asked for, with its receipt."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import date

import pytest
import yaml
from sqlalchemy import select

from bot import data_files
from bot.settings import DATA
from casework.access import erased_at, kept_now, of_case, of_conversation, of_handover, of_invitation
from casework.audit import AGENCY, first_break
from casework.calls import Calls
from casework.contact.orders import Order, What, place
from casework.erasure_receipt import LETTERS, new_code, receipt_mark
from casework.expiry import close_past_plans
from casework.intake import AlreadyEnded, Intake, UnknownConversation
from casework.invitations import Claims, Invitations
from casework.records import (
    AuditEntry,
    Conversation,
    Handover,
    Message,
    Outgoing,
    Receipt,
    Records,
    SmsThread,
    by_the_hour,
)
from casework.refusals import UnknownHandover, UnknownInvitation
from safety.content import Channel
from safety.safe_contact import ContactWay
from screening.events import Answer, Ended, Erased, HandoverKind, HandoverRequested, Outcome, RunEnded
from screening.kept_now import KeptNow, Opened
from tests.casework.conftest import NUMBER

MARKER = "blåklint-7731"


def test_a_new_conversation_has_messages_and_no_reader(opened, take_turn, records: Records) -> None:
    take_turn(opened, says=["hej", "är du ensam"])
    assert kept_now(records, opened.id) == KeptNow(messages=2, invited=True)


def test_everybody_who_opened_it_is_told_of_by_the_hour(
    opened, take_turn, records: Records, desk, kim, robin, plan, clock
) -> None:
    request = HandoverRequested(HandoverKind.CONTACT, urgent=False, answers=((1, Answer.YES),), plan=plan)
    handover = take_turn(opened, request).handover
    first = by_the_hour(clock.at)
    desk.queue(kim)  # the list shows no content and is nobody's reading
    assert kept_now(records, opened.id).opened == ()
    desk.case(handover.id, robin)
    clock.pass_(minutes=5)
    desk.case(handover.id, kim)
    desk.claim(handover.id, kim)
    clock.pass_(hours=1)
    desk.case(handover.id, kim)
    second = by_the_hour(clock.at)
    told = kept_now(records, opened.id)
    assert told.answers
    assert told.plan_until == plan.expires_at.date()
    assert told.opened == (
        (Opened.REQUEST, (first, second)),
        (Opened.ANSWERS, (second,)),
        (Opened.NUMBER, (second,)),
    )


def test_reasons_follow_from_what_was_done(opened, take_turn, records: Records, desk, kim, robin, plan, clock) -> None:
    contact = take_turn(opened, HandoverRequested(HandoverKind.CONTACT, urgent=False, plan=plan)).handover
    clock.pass_(seconds=1)
    chat = take_turn(opened, HandoverRequested(HandoverKind.CHAT, urgent=False)).handover
    desk.case(contact.id, robin)
    for handover in (contact, chat):
        desk.claim(handover.id, kim)
        desk.case(handover.id, kim)
    desk.write(chat.id, kim, "Hej")
    of_handover(records, contact.id, clock())
    with records.reading() as session:
        rows = session.execute(select(AuditEntry.about, AuditEntry.what, AuditEntry.why).order_by(AuditEntry.seq)).all()
    assert [why for about, what, why in rows if (about, what) == (contact.id, "handover.seen")] == ["duty", "call_back"]
    assert [why for about, what, why in rows if (about, what) == (contact.id, "number.seen")] == ["call_back"]
    assert {why for about, what, why in rows if about == chat.id and what != "handover.claimed"} == {"claimed"}
    assert [why for about, what, why in rows if what == "access.listed"] == ["access_request"]


def test_the_agencys_list_has_types_and_times_and_no_content(
    opened, take_turn, records: Records, desk, kim, plan, clock
) -> None:
    take_turn(opened, RunEnded("fov-vuxna", "2019", ((1, Answer.YES),), completed=False), says=[MARKER], key=MARKER)
    request = HandoverRequested(HandoverKind.CONTACT, urgent=True, plan=plan, answers=((1, Answer.YES),))
    handover = take_turn(opened, request).handover
    desk.case(handover.id, kim)
    listed = of_handover(records, handover.id, clock())
    assert listed["conversation"] == opened.id
    assert listed["messages"] == 1
    assert listed["handovers"][0]["kept"] == ["plan", "answers"]
    assert [look["what"] for look in listed["opened"]] == ["request", "access"]
    written = json.dumps(listed)
    for content in (MARKER, NUMBER, plan.code_word, kim.name, kim.id, "yes", "fov"):
        assert content not in written
    assert all(look["hour"].endswith("09:00:00+00:00") for look in listed["opened"])
    assert kept_now(records, opened.id).opened[-1][0] is Opened.ACCESS


def test_unknown_ids(records: Records, clock) -> None:
    with pytest.raises(UnknownConversation):
        of_conversation(records, "nobody", clock())
    with pytest.raises(UnknownHandover):
        of_handover(records, "nothing", clock())


def test_an_erasure_takes_everything_and_leaves_a_receipt(
    opened, take_turn, intake: Intake, records: Records, desk, kim, plan, clock, figures
) -> None:
    take_turn(opened, says=[MARKER], key="k1")
    request = HandoverRequested(HandoverKind.CONTACT, urgent=False, plan=plan, answers=((1, Answer.YES),))
    handover = take_turn(opened, request).handover
    desk.claim(handover.id, kim)
    code = new_code()
    take_turn(opened, Erased(code), Ended(Outcome.ERASED), says=["klart"])
    with records.reading() as session:
        row = session.get_one(Conversation, opened.id)
        assert (row.erased, row.outcome, row.do_not_contact) == (True, "erased", True)
        assert (row.state, row.snapshot, row.group, row.token_hash) == (None, None, None, "")
        assert session.scalars(select(Message)).all() == []
        assert session.scalars(select(Receipt)).all() == []
        left = session.scalars(select(Handover)).one()
        assert (left.status, left.note, left.plan, left.answers) == ("cancelled", "erased", None, None)
        about = session.scalars(select(AuditEntry.about).where(AuditEntry.what == "conversation.erased")).one()
    assert records.keys.find(f"conversation:{opened.id}") is None
    assert records.keys.find(f"handover:{handover.id}") is None
    assert opened.id not in about and code not in about
    assert not intake.admit(opened.id, opened.token)
    with pytest.raises(AlreadyEnded):
        take_turn(opened, says=["en till"])
    queue = desk.queue(kim)
    assert (queue.mine, queue.contacts, queue.left) == ([], [], [])
    assert {name: n for name, n in figures().items() if name.startswith(("outcome", "fov"))} == {"outcome:erased": 1}
    assert erased_at(records, code) == by_the_hour(clock.at)
    assert erased_at(records, code.lower().replace("-", "")) == by_the_hour(clock.at)
    assert erased_at(records, new_code()) is None
    assert first_break(records) is None


def test_a_receipt_says_nothing() -> None:
    codes = {new_code() for _ in range(200)}
    assert len(codes) == 200
    assert all(len(code) == 11 and set(code) - {"-"} <= set(LETTERS) for code in codes)
    assert len(receipt_mark(next(iter(codes)))) == 40


def test_chance_makes_no_sensitive_word_of_a_receipt() -> None:
    """The line that holds it is neutral: it would be held back, and the person would not learn that all is erased."""
    catalogue, draw = data_files.catalogue(date(2026, 11, 23)), random.Random(1)
    codes = ["".join(draw.choice(LETTERS) for _ in range(10)) for _ in range(20_000)]
    assert not [code for code in codes if catalogue.sensitive_words(f"{code[:5]}-{code[5:]}")]
    for lexicon in (DATA / "safety" / "lexicon").glob("*.yml"):
        entries = yaml.safe_load(lexicon.read_text("utf-8"))
        words = [str(word) for name in ("stems", "parts", "words") for word in entries.get(name) or ()]
        assert words and not [word for word in words if set(word.upper()) <= set(LETTERS)]


def test_a_plan_that_is_over_is_not_told_of(opened, take_turn, records: Records, desk, kim, plan, clock) -> None:
    soon = replace(plan, expires_at=clock.at)
    take_turn(opened, HandoverRequested(HandoverKind.CONTACT, urgent=False, plan=soon))
    assert close_past_plans(records, clock()) == 1
    assert kept_now(records, opened.id).plan_until is None


def test_sms_calls_and_the_invitation_are_told_of(opened, take_turn, records: Records, plan, clock) -> None:
    by_sms = replace(plan, way=ContactWay.SMS)
    handover = take_turn(opened, HandoverRequested(HandoverKind.CONTACT, urgent=False, plan=by_sms)).handover
    before = kept_now(records, opened.id)
    assert (before.sms, before.call, before.invited) == (False, False, True)
    with records.session() as session:
        order = Order(number=NUMBER, text=MARKER)
        place(session, records.keys, What.SMS, order, "k", clock(), template="call_me", handover_id=handover.id)
        session.add(SmsThread(number_hash="a" * 64, conversation_id=opened.id, at=clock()))
    calls = Calls(records, clock)
    calls.reserve("CA1")
    calls.bind("CA1", opened.id)
    now = kept_now(records, opened.id)
    assert (now.sms, now.call) == (True, True)
    listed = of_conversation(records, opened.id, clock())
    assert [(o["template"], o["status"], o["kept"]) for o in listed["orders"]] == [
        ("call_me", "waiting", ["number and text"])
    ]
    assert (listed["calls"], listed["sms_threads"], listed["from_invitation"]) == (1, 1, True)
    assert not [content for content in (MARKER, NUMBER, "CA1") if content in json.dumps(listed)]
    take_turn(opened, Erased(new_code()), Ended(Outcome.ERASED))
    after = of_conversation(records, opened.id, clock())
    assert (after["calls"], after["from_invitation"], after["orders"][0]["kept"]) == (0, False, [])
    call = calls.find("CA1")
    assert call is not None and call.over and call.conversation_id is None
    assert records.keys.find(f"outgoing:{_order_id(records)}") is None


def _order_id(records: Records) -> str:
    with records.reading() as session:
        return session.scalars(select(Outgoing.id)).one()


def test_an_invitation_is_told_of_by_its_id_and_by_its_case_until_it_is_opened(records: Records, clock) -> None:
    invitations = Invitations(records, clock)
    issued = invitations.issue(Claims(case="AF-1", programme="etablering"))
    invitations.issue(Claims(case="AF-2", programme="etablering"))
    assert [one["invitation"] for one in of_case(records, "AF-1", clock())] == [issued.id]
    assert of_invitation(records, issued.id, clock())["kept"] == ["case, programme and group"]
    invitations.done(invitations.open_token(issued.token, Channel.WEB))
    assert of_case(records, "AF-1", clock()) == []
    told = of_invitation(records, issued.id, clock())
    assert (told["kept"], told["opened_hour"]) == ([], by_the_hour(clock()).isoformat())
    with pytest.raises(UnknownInvitation):
        of_invitation(records, "nothing", clock())


def test_who_invited_and_who_took_it_back_is_in_the_trail(records: Records, clock) -> None:
    invitations = Invitations(records, clock)
    issued = invitations.issue(Claims(case="AF-1", programme="etablering"), who=AGENCY)
    for _ in range(2):
        assert invitations.revoke(issued.id)
    with records.reading() as session:
        rows = session.execute(select(AuditEntry.who, AuditEntry.what, AuditEntry.about, AuditEntry.why)).all()
    assert rows == [
        ("agency", "invitation.made", issued.id, "invitation"),
        ("operator", "invitation.revoked", issued.id, "invitation"),
    ]
