"""What the desk shows: a chat from claim to end, contacts with their plans, answers that were shared, words."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from casework.contact.call_backs import Result, State
from casework.desk import desk_routes
from casework.handover import ContactNote
from casework.intake import OutMessage
from casework.requests import HandoverStatus
from casework.roles import Role
from safety.content import ContentClass, Sender
from safety.safe_contact import ContactWay, ContactWindow, Refusal
from screening.events import Answer, HandoverCancelled, HandoverKind, HandoverRequested, Outcome, RunEnded
from tests.casework.desk_browser import (
    ADMIN,
    CHAT,
    PASSWORD,
    WORDS,
    form_token,
    send,
    words,
)


def test_a_chat_from_claim_to_end(at_desk, intake, opened, chat, changed, desk) -> None:
    queue = words(at_desk.get("/desk").text)
    assert WORDS["queue"]["urgent"] in queue and WORDS["queue"]["waited_now"] in queue
    page = send(at_desk, f"/desk/handover/{chat}/claim", page="/desk")
    assert page.url.path == f"/desk/handover/{chat}"
    assert WORDS["says"]["handover.claimed"] in page.text
    assert "det tidigare samtalet" not in page.text
    send(at_desk, f"/desk/handover/{chat}/write", page=page.url.path, text="Hej! <b>Går det bra</b> att skriva nu?")
    turn = intake.begin(opened.id)
    turn.messages.append(OutMessage(Sender.PERSON, ContentClass.SENSITIVE, {"text": "Ja"}))
    intake.commit(turn)
    html = at_desk.get(f"/desk/handover/{chat}").text
    assert "&lt;b&gt;Går det bra&lt;/b&gt;" in html and "<b>Går" not in html
    news = at_desk.get(f"/desk/handover/{chat}/messages?after=3")
    assert 'data-status="claimed"' in news.text
    assert re.findall(r'data-seq="(\d+)"', news.text) == ["4"]
    assert words(news.text).split(WORDS["privacy"]["unknown"])[0].endswith("Ja … ")
    assert send(at_desk, f"/desk/handover/{chat}/end", page=page.url.path).url.path == "/desk"
    assert intake.messages(opened.id)[-1].body["say"] == "handover.ended"
    assert changed == [opened.id] * 3
    assert WORDS["statuses"]["closed"] in at_desk.get(f"/desk/handover/{chat}").text


def test_handing_back_tells_the_conversation(at_desk, intake, opened, chat, changed) -> None:
    send(at_desk, f"/desk/handover/{chat}/claim", page="/desk")
    send(at_desk, f"/desk/handover/{chat}/hand-back", page=f"/desk/handover/{chat}")
    assert intake.messages(opened.id)[-1].body["say"] == "handover.returned"
    assert intake.begin(opened.id).handover is None
    assert changed == [opened.id] * 2


@pytest.mark.parametrize("text", ["", "   ", "x" * 4001])
def test_a_message_that_cannot_be_sent_stays_in_its_box(at_desk, intake, opened, chat, text: str) -> None:
    send(at_desk, f"/desk/handover/{chat}/claim", page="/desk")
    before = intake.messages(opened.id)
    answer = send(at_desk, f"/desk/handover/{chat}/write", page=f"/desk/handover/{chat}", text=text)
    assert (answer.status_code, WORDS["problem"]["text"] in answer.text) == (422, True)
    assert f"required>{text}</textarea>" in answer.text
    assert intake.messages(opened.id) == before


@pytest.mark.parametrize("after", ["x", "-1", "٣", "9" * 30, ""])
def test_a_strange_place_in_the_transcript_means_from_the_beginning(at_desk, chat, after: str) -> None:
    send(at_desk, f"/desk/handover/{chat}/claim", page="/desk")
    answer = at_desk.get(f"/desk/handover/{chat}/messages", params={"after": after})
    assert (answer.status_code, re.findall(r'data-seq="(\d+)"', answer.text)) == (200, ["2"])


def test_after_a_claim_by_another_the_page_says_who_has_it(at_desk, chat, desk, accounts, robin) -> None:
    accounts.sign_in("Robin Al", PASSWORD)
    page = at_desk.get("/desk")  # still shows it as waiting
    desk.claim(chat, robin)
    token = re.search(r'name="form_token" value="([^"]+)"', page.text)[1]
    for answer in (
        at_desk.post(f"/desk/handover/{chat}/claim", data={"form_token": token}),
        at_desk.get(f"/desk/handover/{chat}"),
        at_desk.get(f"/desk/handover/{chat}/messages"),
    ):
        assert answer.status_code == 409
        assert WORDS["pages"]["claimed"].format(name="Robin Al") in words(answer.text)
    assert WORDS["queue"]["taken_by"].format(name="Robin Al") in words(at_desk.get("/desk").text)


def test_an_unknown_handover_is_a_calm_page(at_desk) -> None:
    for path in ("/desk/handover/nothing", "/desk/handover/nothing/messages", "/desk/static/../guard.py"):
        answer = at_desk.get(path)
        assert answer.status_code == 404
    assert WORDS["pages"]["missing"] in at_desk.get("/desk/handover/nothing").text


def test_who_left_is_shown_as_left_and_the_chat_is_over(at_desk, intake, opened, chat) -> None:
    send(at_desk, f"/desk/handover/{chat}/claim", page="/desk")
    intake.end(opened.id, Outcome.LEFT)
    assert WORDS["queue"]["gone_what"] in at_desk.get("/desk").text
    page = at_desk.get(f"/desk/handover/{chat}")
    assert WORDS["statuses"]["left"] in page.text
    assert "<textarea" not in page.text
    assert 'data-status="left"' in at_desk.get(f"/desk/handover/{chat}/messages").text


def test_who_no_longer_waits_is_said_calmly(at_desk, opened, chat, take_turn) -> None:
    token = form_token(at_desk, "/desk")
    take_turn(opened, HandoverCancelled())
    answer = at_desk.post(f"/desk/handover/{chat}/claim", data={"form_token": token})
    assert (answer.status_code, WORDS["statuses"]["cancelled"] in answer.text) == (409, True)


def test_the_plan_is_shown_with_its_limits_and_the_number_only_when_allowed(at_desk, contact, plan, clock) -> None:
    queue = words(at_desk.get("/desk").text)
    for sentence in ("allowed", "call", "morning", "voicemail_no", "say_agency_no", "has_code_word"):
        assert WORDS["contact"][sentence] in queue
    assert WORDS["contact"]["until"].replace("{time}", "2026-12-08 10:30") in queue
    assert plan.number not in queue and plan.code_word not in queue
    page = send(at_desk, f"/desk/handover/{contact}/claim", page="/desk")
    assert plan.number in page.text and plan.code_word in page.text
    clock.pass_(minutes=29)
    at_desk.get("/desk")
    clock.pass_(minutes=29)
    at_desk.get("/desk")
    clock.pass_(minutes=29)
    at_desk.get("/desk")
    clock.pass_(minutes=29)  # 12:26
    page = at_desk.get(f"/desk/handover/{contact}")
    assert plan.number not in page.text and plan.code_word not in page.text
    assert WORDS["contact"]["not_allowed"] + " " + WORDS["refusals"]["outside_window"] in words(page.text)
    assert WORDS["contact"]["number_hidden"] in page.text


def test_how_a_contact_went_is_noted(at_desk, contact, desk, kim) -> None:
    path = f"/desk/handover/{contact}"
    send(at_desk, f"{path}/claim", page="/desk")
    for fields in ({}, {"how": "perhaps"}):
        assert send(at_desk, f"{path}/contacted", page=path, **fields).status_code == 422
    assert send(at_desk, f"{path}/contacted", page=path, how="reached").url.path == "/desk"
    assert desk.status(contact) == "closed"
    assert WORDS["contact"]["closed"] in at_desk.get(path).text


def test_only_shared_answers_are_shown_and_verbatim(at_desk, begin, take_turn) -> None:
    answers = ((1, Answer.YES), (2, Answer.DECLINED))
    run = RunEnded("fov-vuxna", "2019", answers, completed=False)
    kept_back = take_turn(begin(), run, CHAT).handover.id
    shared = take_turn(begin(), run, HandoverRequested(HandoverKind.CHAT, True, answers)).handover.id
    pages = {id: send(at_desk, f"/desk/handover/{id}/claim", page="/desk").text for id in (kept_back, shared)}
    assert WORDS["answers"]["title"] not in pages[kept_back]
    assert "Frågans text, ordagrant &amp; &lt;oförändrad&gt; 2" in pages[shared]
    assert re.findall(r"<dd>(.*)</dd>", pages[shared]) == ["Ja", "Ville inte svara"]


def test_answers_shared_before_a_run_has_ended_are_shown_by_number(at_desk, opened, take_turn) -> None:
    chat = take_turn(opened, HandoverRequested(HandoverKind.CHAT, True, ((4, Answer.NO),))).handover.id
    page = words(send(at_desk, f"/desk/handover/{chat}/claim", page="/desk").text)
    assert "Fråga 4 Nej" in page


@pytest.mark.parametrize("status", ["sign_in", "queue", "chat", "contact"])
def test_pages_have_a_language_a_heading_and_no_inline_code(at_desk, browser, chat, status: str) -> None:
    if status == "chat":
        send(at_desk, f"/desk/handover/{chat}/claim", page="/desk")
    path = {
        "sign_in": "/desk/sign-in",
        "queue": "/desk",
        "chat": f"/desk/handover/{chat}",
        "contact": "/desk/handover/x",
    }
    html = at_desk.get(path[status]).text
    assert '<html lang="sv">' in html
    assert len(re.findall("<h1", html)) == 1
    assert not re.search(r"<style|<script(?! src=)|\son\w+=|\sstyle=", html)
    labels = set(re.findall(r'<label for="([^"]+)"', html))
    fields = set(re.findall(r'<(?:input|textarea|select) id="([^"]+)"', html))
    assert labels == fields


def test_every_word_of_the_content_is_used_and_every_use_has_a_word() -> None:
    here = Path(__file__).parents[2] / "casework/desk/templates"
    source = "\n".join(path.read_text() for path in here.glob("*.html"))
    looked_up = {"problem", "pages", "refusals", "statuses", "says", "languages", "kinds", "answers", "contact"}
    looked_up |= {"privacy", "closed_how"}
    unused = [
        f"{group}.{key}"
        for group, inside in WORDS.items()
        if isinstance(inside, dict) and group not in looked_up
        for key in inside
        if f"w.{group}.{key}" not in source
    ]
    assert unused == []
    for group, key in re.findall(r"\bw\.(\w+)\.(\w+)", source):
        assert key in WORDS[group] or key == "items", f"{group}.{key}"


def test_everything_that_can_be_the_case_has_a_word() -> None:
    for group, values in (("refusals", Refusal), ("statuses", HandoverStatus), ("kinds", HandoverKind)):
        assert set(WORDS[group]) == {value.value for value in values}
    assert {answer.value for answer in Answer} == {
        key.removesuffix("_") for key in WORDS["answers"] if key.endswith("_")
    }
    assert set(WORDS["contact"]["call_states"]) == {state.value for state in State}
    assert set(WORDS["contact"]["call_results"]) == {result.value for result in Result}
    for value in (*ContactWay, *ContactWindow, *ContactNote):
        assert value.value in WORDS["contact"]


def test_a_new_invitation_is_in_the_menu_of_those_who_may_invite(at_desk, app, accounts, desk) -> None:
    link = '<a href="/desk/invite">'
    for path in ("/desk", "/desk/password", "/desk/follow-ups"):
        assert link in at_desk.get(path).text.partition("</nav>")[0]
    for role in (Role.COORDINATOR, Role.ADMINISTRATOR):
        accounts.redeem(accounts.link(role), role.value, PASSWORD)
        other = TestClient(app, base_url="https://desk.test", follow_redirects=True)
        send(other, "/desk/sign-in", name=role.value, password=PASSWORD)
        page = other.get("/desk/password").text
        assert "<nav" in page and link not in page
    nobody_invites = desk_routes(desk, accounts, WORDS, "AF", lambda _: None, admin_words={"sv": ADMIN})
    client = TestClient(Starlette(routes=nobody_invites), base_url="https://desk.test", follow_redirects=True)
    send(client, "/desk/sign-in", name="Kim Ek", password=PASSWORD)
    assert "<nav" in client.get("/desk").text and link not in client.get("/desk").text


def test_a_caseworker_invites_once_more_and_nothing_is_sent(at_desk, inviting, clock) -> None:
    def later() -> None:
        clock.pass_(days=100)
        send(at_desk, "/desk/sign-in", name="Kim Ek", password=PASSWORD)

    page = at_desk.get("/desk/invite")
    assert "Inget skickas" in page.text
    wrong = send(at_desk, "/desk/invite", case="Anna Ek", programme="finsam", locale="sv")
    assert wrong.status_code == 422 and inviting.follow_ups.due(date(2100, 1, 1)) == []
    made = send(at_desk, "/desk/invite", case="AF-1", programme="finsam", locale="fi")
    link = re.search(r"https://desk\.test/i/[\w-]+", made.text)
    assert link and "Tillfälle 1." in made.text
    qr = send(at_desk, "/desk/invite/qr", page="/desk/invite", link=link[0])
    assert (qr.headers["content-type"], qr.text) == ("image/svg+xml", "<svg/>")
    assert send(at_desk, "/desk/invite/qr", page="/desk/invite", link="https://evil.test/i/x").status_code == 422
    assert "Ingen står på tur" in at_desk.get("/desk/follow-ups").text
    later()
    due = at_desk.get("/desk/follow-ups")
    assert "AF-1" in due.text and "Tillfälle 2." in due.text
    follow_up_id = inviting.follow_ups.due()[0].id
    put_off = send(at_desk, "/desk/follow-ups", id=follow_up_id, what="put_off")
    assert "längre fram" in put_off.text and "AF-1" not in put_off.text
    later()
    again = send(at_desk, "/desk/follow-ups", id=follow_up_id, what="invite")
    assert "Tillfälle 2." in again.text and "/i/" in again.text
    later()
    ended = send(at_desk, "/desk/follow-ups", id=follow_up_id, what="end")
    assert "AF-1" not in ended.text and inviting.follow_ups.due(date(2100, 1, 1)) == []


def test_no_question_to_the_queue_finds_anybody(at_desk, chat) -> None:
    """Whatever is asked for in the address, the list is the same: there is nothing to search by."""
    plain = words(at_desk.get("/desk/waiting").text)
    for asked in ("q=ja", "answers=yes", "1=yes", "fov-vuxna=1", "urgent=0", "sort=answers"):
        assert words(at_desk.get(f"/desk/waiting?{asked}").text) == plain
