"""The table of what is kept, done: nothing goes before its time, all goes after it, nothing that is still needed goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from bot import data_files
from bot.settings import PROJECT
from casework import agency_requests
from casework.access import kept_now
from casework.accounts import LINK_LIFE, SESSION_LIFE, Accounts, SignInRefused
from casework.audit import Comparison, compare, first_break, note, tip
from casework.calls import Calls
from casework.contact import inbox
from casework.contact.orders import Order, Status, What, finish, place
from casework.counting import figures
from casework.expiry import close_silent
from casework.handover import ContactNote
from casework.intake import Intake
from casework.invitations import Claims, Invitations
from casework.out import way
from casework.records import (
    AuditEntry,
    Base,
    Conversation,
    DoNotContact,
    Handover,
    Message,
    Notice,
    Outgoing,
    Records,
    SeenRequest,
    SmsReceipt,
    SmsThread,
)
from casework.retention import SWEEPS, run
from screening.events import Answer, CodeChosen, Ended, HandoverKind, HandoverRequested, Outcome
from screening.keep import Record, rule_of
from tests.casework.conftest import PASSWORD

KEEP = data_files.catalogue(date(2026, 11, 24)).agencies["arbetsformedlingen"].keep


def rows(records: Records, table: type[Base]) -> int:
    with records.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.fixture
def sweep(records: Records, clock) -> Callable[[], dict[str, int]]:
    """A run: what was counted before must be what was removed. Only what was not nothing."""

    def sweep() -> dict[str, int]:
        due = run(records, KEEP, clock(), dry_run=True)
        removed = run(records, KEEP, clock())
        return {record.value: n for record, n in removed.items() if n} if due == removed else {"differs": 1}

    return sweep


def test_every_kind_of_record_has_a_sweep_and_a_rule() -> None:
    assert set(SWEEPS) == set(Record) == {kept.record for kept in KEEP}


def test_the_rules_are_what_the_program_does() -> None:
    assert rule_of(KEEP, Record.DESK_SESSION).length == SESSION_LIFE
    assert rule_of(KEEP, Record.ONE_TIME_LINK).length == LINK_LIFE
    assert rule_of(KEEP, Record.SMS_THREAD).length == inbox.THREAD_KEPT
    assert rule_of(KEEP, Record.AGENCY_REQUEST).length == 2 * agency_requests.SKEW


def test_a_dry_run_changes_nothing(records: Records, opened, take_turn, clock) -> None:
    take_turn(opened, says=["hej"])
    clock.pass_(days=2000)
    assert run(records, KEEP, clock(), dry_run=True)[Record.CONVERSATION] == 1
    assert rows(records, Message) == 1


def test_a_conversation(intake: Intake, opened, take_turn, clock, sweep, records) -> None:
    take_turn(opened, says=["hej"])
    clock.pass_(minutes=30)
    assert sweep() == {}
    clock.pass_(seconds=1)
    assert sweep() == {"conversation": 1}
    assert intake.begin(opened.id).outcome is Outcome.INTERRUPTED
    assert rows(records, Message) == 0
    clock.pass_(days=90)
    assert sweep() == {}
    clock.pass_(hours=1)
    assert sweep() == {"ended_conversation": 1}
    assert rows(records, Conversation) == 0


def test_a_plan_holds_for_as_long_as_was_agreed(records, opened, take_turn, plan, clock, sweep) -> None:
    take_turn(opened, HandoverRequested(HandoverKind.CONTACT, urgent=False, plan=plan), Ended(Outcome.COMPLETED))
    clock.pass_(days=13, hours=23)
    assert sweep() == {}
    clock.pass_(hours=1)
    assert sweep() == {"plan": 1}
    with records.reading() as session:
        assert session.scalars(select(Handover.plan)).all() == [None]
    clock.pass_(days=90)
    assert sweep() == {}
    clock.pass_(seconds=1)
    assert sweep() == {"handover": 1, "ended_conversation": 1}


def test_an_open_handover_keeps_its_conversation(opened, take_turn, plan, clock, sweep, desk, kim, records) -> None:
    """Longer than anything in the table: it is still needed."""
    far = replace(plan, expires_at=clock.at + timedelta(days=365 * 3))
    request = HandoverRequested(HandoverKind.CONTACT, urgent=False, plan=far, answers=((1, Answer.YES),))
    take_turn(opened, request, Ended(Outcome.COMPLETED))
    clock.pass_(days=365)
    assert "handover" not in sweep()
    (item,) = desk.queue(kim).contacts
    desk.claim(item.id, kim)
    assert desk.case(item.id, kim).answers is not None
    desk.done(item.id, kim, ContactNote.REACHED)
    clock.pass_(days=89)
    assert "handover" not in sweep()
    clock.pass_(days=2)
    assert sweep() == {"handover": 1, "ended_conversation": 1}


def test_answers_that_were_written_past_the_program(opened, take_turn, records, sweep) -> None:
    take_turn(opened, HandoverRequested(HandoverKind.CONTACT, urgent=False, answers=((1, Answer.YES),)))
    assert sweep() == {}
    with records.session() as session:
        session.execute(text("UPDATE handover SET status = 'closed', closed_at = requested_at"))
    assert sweep() == {"answers": 1}
    with records.reading() as session:
        assert session.scalars(select(Handover.answers)).all() == [None]


def test_a_code_to_come_back_with(opened, take_turn, clock, sweep, records) -> None:
    take_turn(opened, CodeChosen("vintergatan", "1234", 24))
    assert kept_now(records, opened.id).code
    clock.pass_(minutes=31)
    close_silent(records, timedelta(minutes=30), clock())  # put away: it waits for the code
    clock.pass_(hours=23)
    assert sweep() == {}
    clock.pass_(minutes=29)
    assert sweep() == {"return_code": 1, "conversation": 1}
    assert not kept_now(records, opened.id).code


def test_a_code_whose_time_is_out_goes_by_itself(opened, take_turn, clock, records) -> None:
    take_turn(opened, CodeChosen("vintergatan", "1234", 24))
    clock.pass_(hours=24)
    assert SWEEPS[Record.RETURN_CODE].remove(records, KEEP, clock()) == 1


def test_receipts_of_an_erased_conversation(opened, take_turn, records, sweep) -> None:
    take_turn(opened, says=["hej"], key="k1")
    assert sweep() == {}
    with records.session() as session:
        session.execute(text("UPDATE conversation SET erased = true, ended_hour = started_hour"))
    assert sweep() == {"receipt": 1}


def test_sessions_links_and_failures_at_the_desk(accounts: Accounts, clock, sweep) -> None:
    accounts.redeem(accounts.link(), "Kim Ek", PASSWORD)
    assert sweep() == {"one_time_link": 1}  # used
    accounts.link()
    with pytest.raises(SignInRefused):
        accounts.sign_in("någon", PASSWORD)
    accounts.sign_in("Kim Ek", PASSWORD)
    clock.pass_(hours=11, minutes=59)
    assert sweep() == {}
    clock.pass_(minutes=1)
    assert sweep() == {"desk_session": 1}
    clock.pass_(hours=12)
    assert sweep() == {"one_time_link": 1}
    clock.pass_(seconds=1)
    assert sweep() == {"failed_sign_in": 1}


def test_an_invitation_goes_a_while_after_it_ran_out(records, clock, sweep) -> None:
    invited = Invitations(records, clock)
    name = invited.issue(Claims(case="AF-1", programme="etablering"), days=14).id
    clock.pass_(days=43, hours=23)
    assert sweep() == {} and invited.status(name) == "expired"
    clock.pass_(hours=1)
    assert sweep() == {"invitation": 1}
    assert invited.status(name) is None


def test_a_call_and_a_signed_request(records, clock, sweep) -> None:
    Calls(records, clock).reserve("CA1")
    with records.session() as session:
        session.add(SeenRequest(signature_hash="a" * 64, at=clock()))
    clock.pass_(minutes=10)
    assert sweep() == {}
    clock.pass_(seconds=1)
    assert sweep() == {"agency_request": 1}
    clock.pass_(hours=6)
    assert sweep() == {"phone_call": 1}


def test_what_the_carrier_did_goes_and_what_waits_stays(records, clock, sweep) -> None:
    def order(key: str) -> Outgoing:
        with records.session() as session:
            assert place(session, records.keys, What.DELETE_CALL, Order(name="CA1"), key, clock())
        with records.reading() as session:
            return session.scalars(select(Outgoing).order_by(Outgoing.created.desc())).first()

    done = order("done").id
    clock.pass_(seconds=1)
    order("waits")
    with records.session() as session:
        finish(session, session.get_one(Outgoing, done), Status.DONE)
    clock.pass_(days=30)
    assert sweep() == {"outgoing": 1}
    with records.reading() as session:
        assert session.scalars(select(Outgoing.status)).all() == ["waiting"]


def test_what_a_number_wrote_is_forgotten_and_its_stop_is_not(records, opened, clock, sweep) -> None:
    with records.session() as session:
        session.add(SmsReceipt(message_hash="a" * 64, answer="", at=clock()))
        session.add(SmsThread(number_hash="b" * 64, conversation_id=opened.id, at=clock()))
        session.add(DoNotContact(number_hash="b" * 64, since=clock()))
    clock.pass_(days=2)
    assert "sms_receipt" not in sweep()
    clock.pass_(seconds=1)
    assert sweep() == {"sms_receipt": 1}
    clock.pass_(days=28)
    assert sweep() == {"sms_thread": 1}
    clock.pass_(days=4000)
    sweep()
    assert rows(records, DoNotContact) == 1


def test_a_shorter_rule_is_obeyed(accounts: Accounts, clock, records) -> None:
    accounts.redeem(accounts.link(), "Kim Ek", PASSWORD)
    accounts.sign_in("Kim Ek", PASSWORD)
    short = tuple(k.model_copy(update={"period": "PT2H"}) if k.record is Record.DESK_SESSION else k for k in KEEP)
    clock.pass_(hours=1, minutes=59)
    assert run(records, short, clock())[Record.DESK_SESSION] == 0
    clock.pass_(minutes=1)
    assert run(records, short, clock())[Record.DESK_SESSION] == 1


def test_the_trail_is_trimmed_from_its_beginning_and_stays_verifiable(records: Records, clock, sweep) -> None:
    for number in range(6):
        with records.session() as session:
            note(session, clock(), "kim", "handover.seen", f"h{number}")
        clock.pass_(days=100)
    early = tip(records)
    clock.pass_(days=130)  # the first entry is 730 days old
    assert sweep() == {}
    clock.pass_(days=100, seconds=1)
    assert sweep() == {"audit": 2}
    assert first_break(records) is None
    assert compare(records, early) is Comparison.SAME
    assert rows(records, AuditEntry) == 5  # four, and the one that says so
    assert sweep() == {}
    clock.pass_(days=5000)
    assert sweep() == {"audit": 5}
    assert first_break(records) is None
    assert compare(records, early) is Comparison.TOO_OLD
    clock.pass_(days=5000)
    assert sweep() == {}  # nothing but the note of the last trimming


def test_the_end_cannot_be_trimmed(records: Records, clock) -> None:
    for number in range(3):
        with records.session() as session:
            note(session, clock(), "kim", "handover.seen", f"h{number}")
    with pytest.raises(DBAPIError, match="append-only"), records.session() as session:
        session.execute(text("DELETE FROM audit WHERE seq = 3"))


def test_counters_stay(opened, take_turn, clock, sweep, records) -> None:
    take_turn(opened, Ended(Outcome.COMPLETED))
    before = figures(records)
    clock.pass_(days=4000)
    sweep()
    assert before and figures(records) >= before


def test_what_other_systems_were_told_is_forgotten(records: Records, opened, take_turn, clock, sweep) -> None:
    records.ways_out = {"webhook": frozenset({way.What.WAITING})}
    take_turn(opened, HandoverRequested(HandoverKind.CHAT, urgent=False))
    clock.pass_(days=29)
    run(records, KEEP, clock())
    assert rows(records, Notice) == 1
    clock.pass_(days=2)
    assert sweep()["notice"] == 1
    assert rows(records, Notice) == 0


def test_a_silent_one_with_a_code_is_not_counted_as_due(opened, begin, take_turn, clock, sweep) -> None:
    """It is put away, not erased: a dry run and a run say the same."""
    take_turn(opened, CodeChosen("vintergatan", "1234", 24))
    begin()
    clock.pass_(minutes=31)
    assert sweep() == {"conversation": 1}
    assert sweep() == {}
    clock.pass_(hours=23, minutes=29)
    assert sweep() == {"return_code": 1, "conversation": 1}


def test_what_is_past_its_time_is_deleted_in_one_place() -> None:
    """Besides retention a delete is of what ended now, with its conversation, handover or session."""
    found = {
        path.name
        for path in (PROJECT / "casework").rglob("*.py")
        for table in ("PhoneCall", "SmsReceipt", "SmsThread", "SeenRequest", "Outgoing", "Invitation")
        if f"delete({table})" in path.read_text("utf-8")
    }
    assert found == set()
