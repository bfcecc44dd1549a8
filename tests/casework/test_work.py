"""Ticks in checklists: kept with the handover and gone with it, counted without a person, and a clock that cannot be missed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from casework.handover import ContactNote, HandoverDesk
from casework.records import Handover, Records
from casework.refusals import AlreadyClaimed
from casework.work import Work
from screening.catalogue.checklists import Checklist
from screening.events import Answer, Ended, HandoverCancelled, HandoverKind, HandoverRequested, Outcome

CHAT = HandoverRequested(HandoverKind.CHAT, urgent=False)


def steps(*named: str, **counted: str) -> list[dict[str, str]]:
    plain = [{"id": name, "text": name, "source": "test"} for name in named]
    return plain + [{"id": name, "text": name, "source": "test", "counts": what} for name, what in counted.items()]


HELP = Checklist.model_validate(
    {
        "id": "help",
        "order": 1,
        "title": "Hjälp",
        "when": "alltid",
        "status": "draft",
        "reviewed_by": None,
        "steps": steps("listen", line="referred", clinic="referred", refused="declined_help"),
    }
)
CHILD = Checklist.model_validate(
    {
        "id": "child",
        "order": 2,
        "title": "Barn",
        "when": "alltid",
        "status": "draft",
        "reviewed_by": None,
        "steps": steps("learnt", told="reported"),
        "report": {
            "starts_with": "learnt",
            "ends_with": "told",
            "law": "19 kap.",
            "remind_hours": 24,
            "remind_source": "test",
            "who": "du",
            "form": [{"id": "what", "label": "Vad"}],
            "form_note": "-",
            "form_source": "test",
        },
    }
)


@pytest.fixture
def chat(opened, take_turn, desk, kim) -> str:
    chat = take_turn(opened, CHAT).handover.id
    desk.claim(chat, kim)
    return chat


def tick(desk: HandoverDesk, handover: str, user, checklist: Checklist, *done: str) -> Work:
    return desk.ticking.tick(handover, user, checklist, frozenset(done))


def test_what_was_done_is_counted_once_when_it_closes(desk: HandoverDesk, chat: str, kim, figures) -> None:
    tick(desk, chat, kim, HELP, "listen", "line", "refused")
    tick(
        desk, chat, kim, HELP, "listen", "line", "clinic"
    )  # two ways to refer are one referral; a tick can be taken back
    assert not any(name.startswith("action:") for name in figures())
    desk.end(chat, kim)
    assert {name: n for name, n in figures().items() if name.startswith("action:")} == {"action:referred": 1}


def test_it_is_counted_too_when_the_person_leaves(desk, intake, opened, chat, kim, figures) -> None:
    tick(desk, chat, kim, CHILD, "learnt", "told")
    intake.end(opened.id, Outcome.LEFT)
    assert figures()["action:reported"] == 1


def test_a_contact_counts_too(desk, opened, take_turn, plan, kim, figures) -> None:
    event = HandoverRequested(HandoverKind.CONTACT, urgent=False, plan=plan)
    contact = take_turn(opened, event, Ended(Outcome.COMPLETED)).handover.id
    desk.claim(contact, kim)
    tick(desk, contact, kim, HELP, "clinic")
    desk.done(contact, kim, ContactNote.REACHED)
    assert figures()["action:referred"] == 1


def test_the_ticks_are_sealed_and_go_with_the_handover(desk, records: Records, chat: str, kim) -> None:
    tick(desk, chat, kim, CHILD, "learnt")
    with records.reading() as session:
        sealed = session.scalar(select(Handover.work).where(Handover.id == chat))
    assert sealed and b"learnt" not in sealed and b"child" not in sealed
    assert desk.ticking.work(chat).done == {"child": ("learnt",)}
    desk.end(chat, kim)
    with records.reading() as session:
        assert session.scalar(select(Handover.work).where(Handover.id == chat)) is None
    assert desk.ticking.work(chat) == Work()


def test_the_clock_starts_with_the_first_tick_and_stops_with_the_report(desk, clock, chat: str, kim) -> None:
    began = clock.at
    assert tick(desk, chat, kim, CHILD, "learnt").learnt_at == began
    clock.pass_(minutes=12)
    again = tick(desk, chat, kim, CHILD, "learnt")
    assert (again.learnt_at, again.report_is_due) == (began, True)
    assert [(item.id, item.report_since) for item in desk.queue(kim).follow_ups] == [(chat, began)]
    tick(desk, chat, kim, HELP, "listen")  # another list does not touch it
    assert desk.ticking.work(chat).learnt_at == began
    assert not tick(desk, chat, kim, CHILD, "learnt", "told").report_is_due
    assert desk.queue(kim).follow_ups == []
    assert tick(desk, chat, kim, CHILD).learnt_at is None


def test_the_next_caseworker_sees_the_ticks_and_nobody_else(desk, chat: str, kim, robin, clock, sam) -> None:
    tick(desk, chat, kim, CHILD, "learnt")
    with pytest.raises(AlreadyClaimed):
        tick(desk, chat, robin, CHILD, "told")
    assert desk.queue(robin).alone[0].report_since is None
    from casework.passing_on import To

    desk.passing_on.pass_on(chat, kim, To.SOCIAL_CONSULTANT)
    clock.pass_(hours=1)
    desk.claim(chat, robin)
    assert desk.queue(robin).follow_ups[0].report_since == clock.at - timedelta(hours=1)


def actions(figures) -> dict[str, int]:
    return {name: n for name, n in figures().items() if name.startswith("action:")}


def test_work_on_a_request_that_is_replaced_is_counted_once(desk, opened, take_turn, plan, kim, figures) -> None:
    event = HandoverRequested(HandoverKind.CONTACT, urgent=False, plan=plan)
    first = take_turn(opened, event).handover.id
    desk.claim(first, kim)
    tick(desk, first, kim, HELP, "clinic")
    second = take_turn(opened, event).handover.id  # the person asks anew, with another plan
    assert second != first
    assert actions(figures) == {"action:referred": 1}
    assert desk.ticking.work(first) == desk.ticking.work(second) == Work()
    # The same once more changes nothing, and what is done in the new one is counted of its own.
    third = take_turn(opened, event, Ended(Outcome.COMPLETED)).handover.id
    desk.claim(third, kim)
    tick(desk, third, kim, HELP, "refused")
    desk.done(third, kim, ContactNote.REACHED)
    assert actions(figures) == {"action:referred": 1, "action:declined_help": 1}


def test_a_report_that_is_due_goes_on_in_the_request_that_replaces_it(
    desk, opened, take_turn, plan, kim, robin, clock, figures
) -> None:
    event = HandoverRequested(HandoverKind.CONTACT, urgent=False, plan=plan)
    first = take_turn(opened, event).handover.id
    desk.claim(first, kim)
    began = clock.at
    tick(desk, first, kim, CHILD, "learnt")
    tick(desk, first, kim, HELP, "clinic")
    for _ in range(2):  # anew, and anew once more
        clock.pass_(hours=1)
        newest = take_turn(opened, event).handover.id
        assert [(item.id, item.report_since) for item in desk.queue(kim).follow_ups] == [(newest, began)]
        assert desk.queue(kim).contacts == [] and desk.queue(kim).mine == []
        # It waits for everybody, and nobody else sees what it is about.
        assert [(item.id, item.report_since) for item in desk.queue(robin).contacts] == [(newest, None)]
        assert desk.queue(robin).follow_ups == []
    assert desk.ticking.work(first) == Work() and actions(figures) == {}
    desk.claim(newest, robin)
    assert desk.queue(kim).follow_ups == []
    assert desk.queue(robin).follow_ups[0].report_since == began
    assert not tick(desk, newest, robin, CHILD, "learnt", "told").report_is_due
    desk.done(newest, robin, ContactNote.REACHED)
    assert actions(figures) == {"action:reported": 1, "action:referred": 1}


def test_the_plan_and_the_answers_beside_work_that_was_kept_open_with_it(
    desk, opened, take_turn, plan, kim, records
) -> None:
    event = HandoverRequested(HandoverKind.CONTACT, urgent=False, plan=plan, answers=((1, Answer.YES),))
    first = take_turn(opened, event).handover.id
    desk.claim(first, kim)
    tick(desk, first, kim, CHILD, "learnt")
    second = take_turn(opened, event).handover.id
    desk.claim(second, kim)
    case = desk.case(second, kim)
    assert case.number == plan.number and case.answers is not None
    assert records.keys.find(f"handover:{first}") is None


def test_a_chat_that_a_caseworker_has_is_not_replaced_and_not_counted(
    desk, opened, take_turn, chat, kim, figures
) -> None:
    tick(desk, chat, kim, HELP, "clinic")
    take_turn(opened, CHAT)
    assert actions(figures) == {}
    desk.end(chat, kim)
    assert actions(figures) == {"action:referred": 1}


def test_work_before_a_chat_was_passed_on_counts_when_the_person_stops_waiting(
    desk, opened, take_turn, chat, kim, figures, sam
) -> None:
    from casework.passing_on import To

    tick(desk, chat, kim, HELP, "clinic")
    desk.passing_on.pass_on(chat, kim, To.SOCIAL_CONSULTANT)
    take_turn(opened, HandoverCancelled())
    assert actions(figures) == {"action:referred": 1}
