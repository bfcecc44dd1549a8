"""A duty to report: learnt in a conversation, and there until it is done, whatever became of the conversation."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from starlette.applications import Starlette
from starlette.testclient import TestClient

from casework.audit import entries
from casework.desk import desk_routes
from casework.desk.shelf import Shelf
from casework.duties import How
from casework.passing_on import To
from casework.refusals import UnknownHandover
from casework.ticking import Ticking
from screening.catalogue.checklists import Checklist
from screening.events import Ended, HandoverKind, HandoverRequested, Outcome
from tests.casework.desk_browser import ADMIN, PASSWORD, WORDS, form_token, send, words

CHAT = HandoverRequested(HandoverKind.CHAT, urgent=False)
CHILD = Checklist.model_validate(
    yaml.safe_load((Path(__file__).parents[2] / "data/checklists/child.yml").read_text("utf-8"))
)


@pytest.fixture
def chat(opened, take_turn, desk, kim) -> str:
    """A chat in which Kim has learnt something."""
    chat = take_turn(opened, CHAT).handover.id
    desk.claim(chat, kim)
    desk.ticking.tick(chat, kim, CHILD, frozenset({"learnt"}))
    return chat


def due(desk, user) -> list[tuple[str, str]]:
    return [(one.handover_id, one.user_name) for one in desk.queue(user).duties]


def test_it_stays_when_the_chat_ends_or_the_person_leaves(desk, intake, opened, chat, kim, robin, clock) -> None:
    learnt = clock.at
    intake.end(opened.id, Outcome.LEFT)
    clock.pass_(hours=30)
    for user in (kim, robin):
        assert due(desk, user) == [(chat, "Kim Ek")]
    one = desk.duties.find(chat, kim)
    assert (one.learnt_at, one.ends_at) == (learnt, learnt + timedelta(hours=24))


def test_it_stays_with_the_one_who_ticked_when_the_chat_is_passed_on(desk, chat, kim, robin, sam) -> None:
    desk.passing_on.pass_on(chat, kim, To.SOCIAL_CONSULTANT)
    assert due(desk, kim) == [(chat, "Kim Ek")]
    # Whoever may take it up sees the clock before they do.
    assert desk.queue(robin).waiting[0].report_since is not None
    desk.claim(chat, robin)
    desk.ticking.tick(chat, robin, CHILD, frozenset({"learnt", "reported"}))
    assert due(desk, kim) == due(desk, robin) == []


def test_a_tick_that_is_taken_back_at_once_was_none(desk, chat, kim) -> None:
    desk.ticking.tick(chat, kim, CHILD, frozenset())
    assert due(desk, kim) == []


def test_it_goes_along_when_the_person_asks_anew(desk, opened, take_turn, plan, kim) -> None:
    event = HandoverRequested(HandoverKind.CONTACT, urgent=False, plan=plan)
    first = take_turn(opened, event).handover.id
    desk.claim(first, kim)
    desk.ticking.tick(first, kim, CHILD, frozenset({"learnt"}))
    second = take_turn(opened, event, Ended(Outcome.COMPLETED)).handover.id
    assert due(desk, kim) == [(second, "Kim Ek")]


def test_only_the_office_sees_it(desk, chat, accounts, records, kim) -> None:
    from casework.caseworker import Caseworker
    from casework.records import ReportDuty

    with records.session() as session:
        session.get_one(ReportDuty, chat).office = "west"
    elsewhere = Caseworker("other", "Ola", "caseworker", frozenset({"east"}))
    keeper = Caseworker("keeper", "Ada", "administrator")
    assert due(desk, elsewhere) == due(desk, keeper) == []
    assert desk.duties.find(chat, elsewhere) is None
    with pytest.raises(UnknownHandover):
        desk.duties.close(chat, elsewhere, How.REPORTED, CHILD)
    assert due(desk, kim) == [(chat, "Kim Ek")]


def test_a_report_made_after_the_end_is_counted_once(desk, chat, kim, robin, figures, records) -> None:
    desk.end(chat, kim)
    assert "action:reported" not in figures()
    desk.duties.close(chat, robin, How.REPORTED, CHILD)
    assert figures()["action:reported"] == 1
    assert due(desk, kim) == []
    closed = [entry for entry in entries(records) if entry["what"] == "duty.reported"]
    assert [(entry["who"], entry["about"]) for entry in closed] == [(robin.id, chat)]
    with pytest.raises(UnknownHandover):
        desk.duties.close(chat, robin, How.REPORTED, CHILD)


def test_closing_it_while_the_chat_goes_on_is_seen_in_the_ticks(desk, chat, kim, figures) -> None:
    desk.duties.close(chat, kim, How.REPORTED, CHILD)
    assert not desk.ticking.work(chat).report_is_due
    assert set(desk.ticking.work(chat).done["child"]) == {"learnt", "reported"}
    desk.end(chat, kim)
    assert figures()["action:reported"] == 1


def test_closed_as_a_mistake_nothing_is_counted(desk, chat, kim, figures) -> None:
    desk.duties.close(chat, kim, How.MISTAKE, CHILD)
    assert desk.ticking.work(chat).learnt_at is None
    desk.end(chat, kim)
    assert "action:reported" not in figures()


def test_an_open_queue_hears_of_it(desk, chat, kim) -> None:
    before = desk.queue_mark()
    desk.duties.close(chat, kim, How.COLLEAGUE, CHILD)
    assert desk.queue_mark() != before


@pytest.fixture
def at_desk(desk, accounts, kim) -> TestClient:
    assert isinstance(desk.ticking, Ticking)
    routes = desk_routes(
        desk,
        accounts,
        WORDS,
        "Myndigheten",
        lambda _: None,
        shelf=Shelf(checklists={"child": CHILD}),
        admin_words={"sv": ADMIN},
    )
    browser = TestClient(Starlette(routes=routes), base_url="https://desk.test", follow_redirects=True)
    send(browser, "/desk/sign-in", name="Kim Ek", password=PASSWORD)
    return browser


@pytest.mark.parametrize("way", ["end", "hand-back"])
def test_ending_asks_first_and_the_queue_has_it_after(at_desk, chat, desk, way) -> None:
    page = f"/desk/handover/{chat}"
    asked = send(at_desk, f"{page}/{way}", page=page)
    assert WORDS["duty"]["before"] in words(asked.text)
    assert WORDS["statuses"]["claimed"] in words(at_desk.get(page).text)
    queue = send(at_desk, f"{page}/{way}", page=page, sure="1")
    assert WORDS["duty"]["list"] in words(queue.text) and f"/desk/duty/{chat}" in queue.text


def test_ending_a_contact_asks_the_same_and_keeps_what_was_chosen(at_desk, desk, contact, kim, figures) -> None:
    desk.claim(contact, kim)
    desk.ticking.tick(contact, kim, CHILD, frozenset({"learnt"}))
    page = f"/desk/handover/{contact}"
    # Somebody is to try again: nothing ends, so nothing is asked.
    later = send(at_desk, f"{page}/contacted", page=page, how="not_reached", once="1")
    assert later.url.path == "/desk" and WORDS["duty"]["before"] not in words(later.text)
    for how in ("reached", "not_safe", "wrong_person"):
        asked = send(at_desk, f"{page}/contacted", page=page, how=how, once="2")
        assert WORDS["duty"]["before"] in words(asked.text)
        for name, value in (("how", how), ("once", "2"), ("sure", "1")):
            assert f'name="{name}" value="{value}"' in asked.text
    assert desk.status(contact) == "claimed"
    queue = send(at_desk, f"{page}/contacted", page=page, how="reached", once="2", sure="1")
    assert desk.status(contact) == "closed" and figures()["contact:reached"] == 1
    assert f"/desk/duty/{contact}" in queue.text


def test_its_page_has_the_form_and_closes_it_with_a_reason(at_desk, chat, intake, opened) -> None:
    intake.end(opened.id, Outcome.LEFT)
    page = f"/desk/duty/{chat}"
    assert f"{page}/report" in at_desk.get(page).text
    assert f'href="{page}"' in at_desk.get(f"/desk/handover/{chat}").text
    paper = at_desk.get(f"{page}/report").text
    assert "Till socialnämnden i" in paper and "Känt sedan" in paper and "<form method" not in paper.split("<main")[1]
    token = form_token(at_desk, page)
    nothing = at_desk.post(f"{page}/close", data={"form_token": token})
    assert nothing.status_code == 422 and WORDS["problem"]["duty"] in words(nothing.text)
    done = at_desk.post(f"{page}/close", data={"form_token": token, "how": "unknown_child"})
    assert done.url.path == "/desk" and "/desk/duty/" not in done.text
    assert at_desk.get(page).status_code == 404
