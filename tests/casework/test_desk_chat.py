"""The chat page with data and signs: quick replies by privacy, news that are waited for, checklists, languages."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from datetime import date

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from bot import data_files
from casework.desk import desk_routes
from casework.desk.live import Live, held
from casework.desk.shelf import Shelf
from casework.presence import PresenceInMemory, Side
from casework.privacy_now import Privacy, PrivacyNow
from safety.content import ContentClass
from screening.events import HandoverKind, HandoverRequested
from tests.casework.desk_browser import PASSWORD, form_token, send, words

CHAT = HandoverRequested(HandoverKind.CHAT, urgent=False)
CATALOGUE = data_files.catalogue(date(2026, 11, 24))
WORDS = CATALOGUE.desk["sv"]


@dataclass
class Room:
    """What the composition root gives, in the test's hands."""

    now: PrivacyNow = field(default_factory=lambda: PrivacyNow(Privacy.CONFIRMED, 2))
    presence: PresenceInMemory = field(default_factory=PresenceInMemory)
    rung: list[str] = field(default_factory=list)

    async def privacy(self, conversation_id: str) -> PrivacyNow:
        return self.now

    async def wait(self, topic: str, seconds: float) -> None:
        await asyncio.sleep(0)


@pytest.fixture
def room() -> Room:
    return Room()


@pytest.fixture
def kims(desk, accounts, kim, robin, room) -> TestClient:
    """Kim's browser, signed in, on a desk with all its data."""
    content = CATALOGUE.languages["sv"]
    shelf = Shelf(
        languages=CATALOGUE.desk,
        quick_replies={"sv": content.quick_replies},
        checklists=CATALOGUE.checklists,
        agency=lambda: CATALOGUE.agencies["arbetsformedlingen"],
        line=lambda line_id: CATALOGUE.line_text(line_id, date(2026, 11, 24)),
    )
    live = Live(room.presence, room.wait, room.rung.append, room.privacy)
    routes = desk_routes(desk, accounts, WORDS, "Arbetsförmedlingen", room.rung.append, live=live, shelf=shelf)
    client = TestClient(Starlette(routes=routes), base_url="https://desk.test", follow_redirects=True)
    send(client, "/desk/sign-in", name="Kim Ek", password=PASSWORD)
    return client


@pytest.fixture
def chat(opened, take_turn, desk, kim) -> str:
    chat = take_turn(opened, CHAT).handover.id
    desk.claim(chat, kim)
    return chat


def reply(kims: TestClient, chat: str, name: str):
    return send(kims, f"/desk/handover/{chat}/reply", page=f"/desk/handover/{chat}", reply=name, key="k")


def sent(intake, opened) -> list[tuple[str, ContentClass]]:
    return [(m.body["text"], m.cls) for m in intake.messages(opened.id) if "text" in m.body]


@pytest.mark.parametrize("privacy", [p for p in Privacy if p is not Privacy.CONFIRMED])
def test_a_sensitive_reply_is_off_while_the_gate_is_not_open(kims, room, intake, opened, chat, privacy) -> None:
    room.now = PrivacyNow(privacy)
    html = kims.get(f"/desk/handover/{chat}").text
    buttons = dict(re.findall(r'name="reply" value="(\w+)"([^>]*)>', html))
    assert {name for name, rest in buttons.items() if "disabled" in rest} == {
        name for name, one in CATALOGUE.languages["sv"].quick_replies.items() if not one.is_neutral
    }
    assert WORDS["privacy"][privacy.value] in words(html)
    refused = reply(kims, chat, "danger_now")
    assert refused.status_code == 409 and WORDS["problem"]["not_private"] in refused.text
    assert reply(kims, chat, "good_time").status_code == 200
    neutral = CATALOGUE.languages["sv"].quick_replies["good_time"].text
    assert sent(intake, opened) == [(neutral, ContentClass.NEUTRAL)]


def test_a_sensitive_reply_goes_out_as_what_it_is(kims, intake, opened, chat) -> None:
    reply(kims, chat, "danger_now")
    reply(kims, chat, "danger_now")  # the same key: once
    text = CATALOGUE.languages["sv"].quick_replies["danger_now"].text
    assert sent(intake, opened) == [(text, ContentClass.SENSITIVE)]
    assert reply(kims, chat, "nothing").status_code == 422


def test_a_caseworkers_own_words_are_always_sensitive(kims, room, intake, opened, chat) -> None:
    room.now = PrivacyNow(Privacy.STALE, 9)
    page = f"/desk/handover/{chat}"
    assert 'id="held" >' in kims.get(page).text
    send(kims, f"{page}/write", page=page, text="Hej", key="k")
    assert sent(intake, opened) == [("Hej", ContentClass.SENSITIVE)]
    room.now = PrivacyNow(Privacy.CONFIRMED, 0)
    html = kims.get(page).text
    assert 'id="held" hidden>' in html and WORDS["privacy"]["confirmed_now"] in html


def test_signs_go_both_ways_and_to_nobody_else(kims, room, desk, opened, chat, kim) -> None:
    token = form_token(kims, f"/desk/handover/{chat}")
    assert kims.post(f"/desk/handover/{chat}/writing", data={"form_token": token}).status_code == 204
    assert room.presence.is_writing(opened.id, Side.DESK)
    room.presence.writes(opened.id, Side.PERSON)
    news = kims.get(f"/desk/handover/{chat}/messages?after=0&seen=1").text
    assert 'data-writing="1"' in news
    assert room.presence.read_to(opened.id, Side.DESK) == 1
    assert opened.id in room.rung
    desk.end(chat, kim)
    assert kims.post(f"/desk/handover/{chat}/writing", data={"form_token": token}).status_code == 409


def test_news_are_given_at_once_where_there_are_some(kims, chat) -> None:
    first = kims.get(f"/desk/handover/{chat}/messages").text
    mark = re.search(r'data-mark="(\w+)"', first)[1]
    second = kims.get(f"/desk/handover/{chat}/messages?mark=older").text
    assert re.search(r'data-mark="(\w+)"', second)[1] == mark


async def test_without_news_the_answer_is_held_until_there_is_some() -> None:
    marks = iter(["a", "a", "a", "b"])

    async def mark() -> str:
        return next(marks)

    waits: list[float] = []

    async def wait(seconds: float) -> None:
        waits.append(seconds)

    assert await held(mark, "a", wait) == "b"
    assert len(waits) == 3


def test_ticks_are_kept_and_the_clock_is_shown(kims, desk, chat) -> None:
    page = f"/desk/handover/{chat}/next"
    html = send(kims, f"{page}/child", page=page, done="learnt").text
    assert WORDS["clock"]["at_once"] in html and 'value="learnt" checked' in html
    token = form_token(kims, page)
    by_script = kims.post(
        f"{page}/child", data={"form_token": token, "done": ["learnt", "reported"]}, headers={"X-From-Script": "1"}
    )
    assert WORDS["clock"]["done"] in by_script.text and "<html" not in by_script.text
    assert kims.post(f"{page}/nothing", data={"form_token": token}).status_code == 404
    assert desk.ticking.work(chat).reported


def test_the_form_of_the_report_cannot_be_sent(kims, chat) -> None:
    html = kims.get(f"/desk/handover/{chat}/report/child").text
    main = html[html.index("<main") :]
    assert "<form" not in main and not re.search(r"<textarea[^>]*\sname=", main)
    assert all(field.label in html for field in CATALOGUE.checklists["child"].report.form)
    assert kims.get(f"/desk/handover/{chat}/report/exposed").status_code == 404


def test_only_the_one_who_has_it_sees_the_next_steps(kims, desk, begin, take_turn, robin) -> None:
    other = take_turn(begin(), CHAT).handover.id
    desk.claim(other, robin)
    for path in ("next", "report/child"):
        assert kims.get(f"/desk/handover/{other}/{path}").status_code == 409
    token = form_token(kims, "/desk")
    data = {"form_token": token, "to": "social_consultant", "reply": "hello", "done": "learnt"}
    for path in ("next/child", "pass-on", "reply", "writing"):
        assert kims.post(f"/desk/handover/{other}/{path}", data=data).status_code == 409
    assert desk.status(other) == "claimed"


def test_passing_on_from_the_page(kims, desk, chat, accounts, robin) -> None:
    page = f"/desk/handover/{chat}"
    assert WORDS["pass_on"]["nobody"] in kims.get(page).text and "/pass-on" not in kims.get(page).text
    accounts.sign_in("Robin Al", PASSWORD)
    shown = kims.get(page).text
    assert "handläggare 1, socialkonsulenter 0" in words(shown)
    assert 'value="colleague"' in shown and 'value="social_consultant"' not in shown
    nobody = send(kims, f"{page}/pass-on", page=page, to="social_consultant")
    assert nobody.status_code == 422 and WORDS["problem"]["nobody_there"] in nobody.text
    assert send(kims, f"{page}/pass-on", page=page, to="colleague", colleague=robin.id).url.path == "/desk"
    assert WORDS["queue"]["passed_to"].replace("{name}", "Robin Al") in kims.get("/desk").text


def test_the_desk_speaks_english_where_that_is_chosen(kims, chat) -> None:
    assert '<html lang="sv">' in kims.get("/desk").text
    answer = send(kims, "/desk/language/en", page="/desk", back=f"/desk/handover/{chat}")
    assert answer.url.path == f"/desk/handover/{chat}"
    assert '<html lang="en">' in answer.text and CATALOGUE.desk["en"]["chat"]["send"] in answer.text
    for back in ("https://elsewhere.test/", "//elsewhere.test", "/other"):
        assert send(kims, "/desk/language/sv", page="/desk", back=back).url.path == "/desk"
    assert '<html lang="sv">' in kims.get("/desk").text


def test_the_day_is_on_the_queue(kims, clock) -> None:
    assert WORDS["today"]["open"].replace("{until}", "17:00") in words(kims.get("/desk").text)
    clock.pass_(hours=8)
    send(kims, "/desk/sign-in", name="Kim Ek", password=PASSWORD)
    page = words(kims.get("/desk").text)
    assert WORDS["today"]["closed"] in page and "2026-11-25 08:00" in page


def test_every_state_of_privacy_has_words() -> None:
    assert set(WORDS["privacy"]) == {privacy.value for privacy in Privacy} | {"confirmed_now"}
