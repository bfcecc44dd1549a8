"""The desk as a browser meets it: who may call what, forms that belong to the session, and what the pages show."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
import yaml
from starlette.applications import Starlette
from starlette.testclient import TestClient

from casework.contact.call_backs import Result, State
from casework.desk import DESK_ROUTES, desk_routes
from casework.desk.inviting import Inviting
from casework.desk.pages import HEADERS
from casework.desk.table import MayCall
from casework.follow_ups import FollowUps
from casework.handover import ContactNote
from casework.intake import OutMessage
from casework.invitations import Invitations
from casework.requests import HandoverStatus
from safety.content import ContentClass, Sender
from safety.safe_contact import ContactWay, ContactWindow, Refusal
from screening.catalogue.agency import Programme
from screening.events import Answer, Ended, HandoverCancelled, HandoverKind, HandoverRequested, Outcome, RunEnded

WORDS = yaml.safe_load((Path(__file__).parents[2] / "data/content/sv/desk.yml").read_text())
ADMIN = yaml.safe_load((Path(__file__).parents[2] / "data/content/sv/desk_admin.yml").read_text("utf-8"))
PASSWORD = "en lång lösenfras"
ITEM = "Frågans text, ordagrant & <oförändrad>"
CHAT = HandoverRequested(HandoverKind.CHAT, urgent=True)
HANDOVER_POSTS = [
    route for route in DESK_ROUTES if route.methods == ("POST",) and route.path.startswith("/desk/handover/")
]


@pytest.fixture
def changed() -> list[str]:
    return []


@pytest.fixture
def inviting(records, clock) -> Inviting:
    follow_ups = FollowUps(records, clock, 3, 3)
    programme = Programme(id="finsam", name="Finsam", mode="routine", verified=True, source="a test")
    return Inviting(
        records, Invitations(records, clock, follow_ups), follow_ups, [programme], ["sv", "fi"], lambda link: "<svg/>"
    )


@pytest.fixture
def app(desk, accounts, changed, inviting) -> Starlette:
    def item_text(instrument: str, version: str, item: int) -> str:
        return {("fov-vuxna", "2019"): f"{ITEM} {item}"}[instrument, version]

    routes = desk_routes(
        desk,
        accounts,
        WORDS,
        "Arbetsförmedlingen",
        changed.append,
        item_text,
        inviting=inviting,
        admin_words={"sv": ADMIN},
    )
    return Starlette(routes=routes)


@pytest.fixture
def browser(app) -> TestClient:
    return TestClient(app, base_url="https://desk.test", follow_redirects=True)


@pytest.fixture
def at_desk(browser, kim) -> TestClient:
    """Kim's browser, signed in."""
    send(browser, "/desk/sign-in", name="Kim Ek", password=PASSWORD)
    return browser


@pytest.fixture
def chat(opened, take_turn) -> str:
    return take_turn(opened, CHAT, says=["det tidigare samtalet"]).handover.id


@pytest.fixture
def contact(opened, take_turn, plan) -> str:
    event = HandoverRequested(HandoverKind.CONTACT, urgent=False, plan=plan)
    return take_turn(opened, event, Ended(Outcome.COMPLETED)).handover.id


def form_token(client: TestClient, path: str) -> str:
    found = re.search(r'name="form_token" value="([^"]+)"', client.get(path).text)
    assert found is not None
    return found[1]


def send(client: TestClient, path: str, *, page: str | None = None, **fields: str):
    """Fill in the form on a page (the page itself unless another is named) and send it."""
    return client.post(path, data={"form_token": form_token(client, page or path), **fields})


def words(html: str) -> str:
    """What can be read on a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def path_of(route, handover_id: str = "x") -> str:
    return route.path.format(id=handover_id, token="x", name="desk.css", checklist="child", language="sv")


def test_the_table_names_every_route_and_who_may_call_it(app) -> None:
    served = {(route.path, method) for route in app.routes for method in route.methods - {"HEAD"}}
    assert served == {(route.path, method) for route in DESK_ROUTES for method in route.methods}
    assert {route.path for route in DESK_ROUTES if route.may_call is not MayCall.CASEWORKER} == {
        "/desk/static/{name}",
        "/desk/first/{token}",
        "/desk/sign-in",
        "/desk/language/{language}",
        "/desk/outside",
        "/desk/outside/back",
    }


@pytest.mark.parametrize(
    ("route", "method"),
    [(r, m) for r in DESK_ROUTES if r.may_call is MayCall.CASEWORKER for m in r.methods],
    ids=lambda v: getattr(v, "name", v),
)
def test_a_stranger_gets_no_further_than_the_sign_in_page(browser, chat, desk, kim, route, method) -> None:
    browser.cookies.set("__Host-desk", "guessed", domain="desk.test", path="/")
    answer = browser.request(method, path_of(route, chat), follow_redirects=False)
    if route.by_itself:
        assert (answer.status_code, answer.content) == (401, b"")
    else:
        assert (answer.status_code, answer.headers["location"]) == (303, "/desk/sign-in")
    assert [item.id for item in desk.queue(kim).waiting] == [chat]


@pytest.mark.parametrize("route", DESK_ROUTES, ids=lambda r: r.name)
@pytest.mark.parametrize("signed_in", [True, False])
def test_every_answer_carries_the_headers(browser, kim, chat, route, signed_in: bool) -> None:
    if signed_in:
        send(browser, "/desk/sign-in", name="Kim Ek", password=PASSWORD)
    for method in route.methods:
        answer = browser.request(method, path_of(route, chat), follow_redirects=False)
        expected = HEADERS | ({"Cache-Control": "no-cache"} if route.name == "static" else {})
        assert {name: answer.headers.get(name) for name in expected} == expected


@pytest.mark.parametrize("route", HANDOVER_POSTS, ids=lambda r: r.name)
@pytest.mark.parametrize("wrong", [None, "", "guessed", "åäö"])
def test_a_form_from_elsewhere_is_refused(at_desk, chat, desk, kim, changed, route, wrong) -> None:
    if route.name != "claim":
        desk.claim(chat, kim)
    fields = {"text": "hej", "how": "reached"} | ({} if wrong is None else {"form_token": wrong})
    answer = at_desk.post(path_of(route, chat), data=fields)
    assert answer.status_code == 403
    assert WORDS["pages"]["form"] in answer.text
    assert desk.status(chat) == ("waiting" if route.name == "claim" else "claimed")
    assert changed == []


def test_a_form_of_another_session_is_refused(app, at_desk, robin, chat) -> None:
    others = TestClient(app, base_url="https://desk.test")
    send(others, "/desk/sign-in", name="Robin Al", password=PASSWORD)
    token = form_token(others, "/desk")
    assert at_desk.post(f"/desk/handover/{chat}/claim", data={"form_token": token}).status_code == 403


def test_signing_out_needs_the_form_too(at_desk) -> None:
    assert at_desk.post("/desk/sign-out").status_code == 403
    assert at_desk.get("/desk").url.path == "/desk"
    assert send(at_desk, "/desk/sign-out", page="/desk").url.path == "/desk/sign-in"
    assert at_desk.get("/desk").url.path == "/desk/sign-in"


def test_signing_in_from_elsewhere_is_refused(browser, kim) -> None:
    fields = {"name": "Kim Ek", "password": PASSWORD}
    assert browser.post("/desk/sign-in", data=fields).status_code == 403
    assert browser.post("/desk/sign-in", data=fields | {"form_token": "x"}).status_code == 403


def test_the_cookie_is_for_this_desk_only(browser, kim) -> None:
    token = form_token(browser, "/desk/sign-in")
    fields = {"form_token": token, "name": "Kim Ek", "password": PASSWORD}
    answer = browser.post("/desk/sign-in", data=fields, follow_redirects=False)
    (cookie,) = [c for c in answer.headers.get_list("set-cookie") if c.startswith("__Host-desk=")]
    assert {part.strip().lower() for part in cookie.split(";")[1:]} == {
        "httponly",
        "path=/",
        "samesite=strict",
        "secure",
    }


def test_without_https_the_cookie_has_no_name_that_a_browser_would_refuse(app, kim) -> None:
    here = TestClient(app, base_url="http://localhost")
    assert send(here, "/desk/sign-in", name="Kim Ek", password=PASSWORD).url.path == "/desk"
    assert set(here.cookies) == {"desk", "desk-form"}


def test_signing_in_again_makes_a_new_session_and_ends_the_old(at_desk, accounts) -> None:
    before = at_desk.cookies["__Host-desk"]
    send(at_desk, "/desk/sign-in", name="Kim Ek", password=PASSWORD)
    after = at_desk.cookies["__Host-desk"]
    assert before != after
    assert accounts.session(before) is None
    assert accounts.session(after) is not None


def test_signing_out_ends_the_session_on_the_server(at_desk, accounts) -> None:
    token = at_desk.cookies["__Host-desk"]
    send(at_desk, "/desk/sign-out", page="/desk")
    assert accounts.session(token) is None
    assert "__Host-desk" not in at_desk.cookies


def test_the_page_that_is_asked_for_in_the_address_is_not_where_one_is_led(browser, kim) -> None:
    elsewhere = "https://elsewhere.test/"
    token = form_token(browser, f"/desk/sign-in?next={elsewhere}")
    fields = {"form_token": token, "name": "Kim Ek", "password": PASSWORD, "next": elsewhere}
    answer = browser.post(f"/desk/sign-in?next={elsewhere}", data=fields, follow_redirects=False)
    assert answer.headers["location"] == "/desk"


NEW = "en annan och nyare mening"


def change(client: TestClient, current: str = PASSWORD, new: str = NEW, again: str = ""):
    return send(client, "/desk/password", current=current, password=new, again=again or new)


def test_a_new_password_ends_every_other_session(app, at_desk, accounts) -> None:
    other = TestClient(app, base_url="https://desk.test")
    send(other, "/desk/sign-in", name="Kim Ek", password=PASSWORD)
    before = at_desk.cookies["__Host-desk"]
    answer = change(at_desk)
    assert WORDS["password"]["changed"] in answer.text
    assert accounts.session(before) is None
    assert other.get("/desk").url.path == "/desk/sign-in"
    assert at_desk.get("/desk").url.path == "/desk"
    assert send(at_desk, "/desk/sign-out", page="/desk/password?changed").url.path == "/desk/sign-in"
    assert send(other, "/desk/sign-in", name="Kim Ek", password=PASSWORD).status_code == 403
    assert send(other, "/desk/sign-in", name="Kim Ek", password=NEW).url.path == "/desk"


@pytest.mark.parametrize(
    ("current", "new", "again", "status", "problem"),
    [
        ("fel lösenord här", NEW, NEW, 403, "current"),
        ("", NEW, NEW, 403, "current"),
        (PASSWORD, "kort", "kort", 422, "password_length"),
        (PASSWORD, NEW, NEW + "!", 422, "password_differs"),
        (PASSWORD, "password12345", "password12345", 422, "password_common"),
    ],
)
def test_a_password_that_cannot_be_changed_is_said_and_stays(at_desk, accounts, current, new, again, status, problem):
    before = at_desk.cookies["__Host-desk"]
    answer = change(at_desk, current, new, again)
    assert (answer.status_code, WORDS["problem"][problem] in answer.text) == (status, True)
    assert new not in answer.text
    assert accounts.session(before) is not None
    assert accounts.sign_in("Kim Ek", PASSWORD)


def test_the_current_password_cannot_be_guessed_from_an_open_page(at_desk) -> None:
    for _ in range(10):
        assert change(at_desk, "fel lösenord här").status_code == 403
    assert change(at_desk).status_code == 429


def test_changing_the_password_needs_the_form(at_desk, accounts) -> None:
    fields = {"current": PASSWORD, "password": NEW, "again": NEW}
    assert at_desk.post("/desk/password", data=fields).status_code == 403
    assert accounts.sign_in("Kim Ek", PASSWORD)


def from_network(app, address: str) -> TestClient:
    return TestClient(app, base_url="https://desk.test", client=(address, 40000))


def test_failures_elsewhere_do_not_lock_a_caseworker_out(app, kim) -> None:
    elsewhere, office = from_network(app, "192.0.2.1"), from_network(app, "198.51.100.1")
    for _ in range(10):
        assert send(elsewhere, "/desk/sign-in", name="Kim Ek", password="fel lösenord här").status_code == 403
    assert send(elsewhere, "/desk/sign-in", name="Kim Ek", password=PASSWORD).status_code == 429
    assert send(office, "/desk/sign-in", name="Kim Ek", password=PASSWORD).url.path == "/desk"


def test_a_list_of_names_from_one_network_ends_at_sixty(app, kim) -> None:
    here, office = from_network(app, "2001:db8:1:2::3"), from_network(app, "198.51.100.1")
    token = form_token(here, "/desk/sign-in")
    for n in range(60):
        fields = {"form_token": token, "name": f"Namn {n}", "password": "fel lösenord här"}
        assert here.post("/desk/sign-in", data=fields).status_code == 403
    neighbour = from_network(app, "2001:db8:1:2::4")  # the same household or firm
    assert send(neighbour, "/desk/sign-in", name="Kim Ek", password=PASSWORD).status_code == 429
    assert send(office, "/desk/sign-in", name="Kim Ek", password=PASSWORD).url.path == "/desk"


def test_no_more_than_a_hundred_failures_an_hour_for_one_name(app, kim) -> None:
    tried = []
    for n in range(11):
        browser = from_network(app, f"203.0.113.{n}")
        token = form_token(browser, "/desk/sign-in")
        fields = {"form_token": token, "name": "Kim Ek", "password": "fel lösenord här"}
        tried += [browser.post("/desk/sign-in", data=fields).status_code for _ in range(10)]
    assert tried == [403] * 100 + [429] * 10


def test_the_form_cookie_of_somebody_else_is_not_taken_over(browser) -> None:
    for planted in ("planted", "x" * 500, '"\\000\\015\\012"'):
        answer = browser.get("/desk/sign-in", headers={"Cookie": f"__Host-desk-form={planted}"})
        assert answer.status_code == 200
        assert planted not in answer.text
        assert re.search(r"__Host-desk-form=[\w-]{43};", answer.headers["set-cookie"])


def test_a_zero_in_what_is_sent_is_nothing(at_desk, browser, opened, intake, chat) -> None:
    send(at_desk, f"/desk/handover/{chat}/claim", page="/desk")
    page = f"/desk/handover/{chat}"
    assert send(at_desk, f"{page}/write", page=page, text="he\0j", key="k\0").status_code == 200
    assert intake.messages(opened.id)[-1].body["text"] == "hej"
    assert send(browser, "/desk/sign-in", name="Kim\0", password="\0").status_code == 403


def test_the_first_account_is_made_through_its_link_once(browser, accounts) -> None:
    link = f"/desk/first/{accounts.first_link()}"
    for fields, problem in (
        ({"name": "  ", "password": PASSWORD, "again": PASSWORD}, "name_missing"),
        ({"name": "Kim Ek", "password": "kort", "again": "kort"}, "password_length"),
        ({"name": "Kim Ek", "password": PASSWORD, "again": PASSWORD + "!"}, "password_differs"),
    ):
        answer = send(browser, link, **fields)
        assert answer.status_code == 422
        assert WORDS["problem"][problem] in answer.text
        assert PASSWORD not in answer.text
    answer = send(browser, link, name="Kim Ek", password=PASSWORD, again=PASSWORD)
    assert answer.url.path == "/desk/sign-in"
    assert WORDS["sign_in"]["made"] in answer.text
    for answer in (browser.get(link), browser.post(link), browser.get("/desk/first/guessed")):
        assert (answer.status_code, WORDS["pages"]["link"] in answer.text) == (410, True)
    assert send(browser, "/desk/sign-in", name="Kim Ek", password=PASSWORD).url.path == "/desk"


def test_a_taken_name_is_said(browser, accounts, kim) -> None:
    answer = send(browser, f"/desk/first/{accounts.link()}", name="kim ek", password=PASSWORD, again=PASSWORD)
    assert (answer.status_code, WORDS["problem"]["name_taken"] in answer.text) == (422, True)


def test_wrong_and_locked_are_said_calmly_and_alike_for_unknown_names(browser, kim) -> None:
    for name in ("Kim Ek", "Finns Inte"):
        for _ in range(10):
            answer = send(browser, "/desk/sign-in", name=name, password="fel lösenord här")
            assert (answer.status_code, WORDS["problem"]["refused"] in answer.text) == (403, True)
        answer = send(browser, "/desk/sign-in", name=name, password=PASSWORD)
        assert (answer.status_code, WORDS["problem"]["locked"] in answer.text) == (429, True)


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


def test_five_megabytes_are_refused(at_desk, chat) -> None:
    answer = at_desk.post(f"/desk/handover/{chat}/write", data={"text": "x" * 5_000_000})
    assert (answer.status_code, WORDS["pages"]["too_big"] in answer.text) == (413, True)


@pytest.mark.parametrize("after", ["x", "-1", "٣", "9" * 30, ""])
def test_a_strange_place_in_the_transcript_means_from_the_beginning(at_desk, chat, after: str) -> None:
    send(at_desk, f"/desk/handover/{chat}/claim", page="/desk")
    answer = at_desk.get(f"/desk/handover/{chat}/messages", params={"after": after})
    assert (answer.status_code, re.findall(r'data-seq="(\d+)"', answer.text)) == (200, ["2"])


def test_after_a_claim_by_another_the_page_says_who_has_it(at_desk, chat, desk, robin) -> None:
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


def test_an_open_page_asking_for_news_does_not_keep_the_session_awake(at_desk, clock) -> None:
    for _ in range(3):
        clock.pass_(minutes=9)
        assert at_desk.get("/desk/waiting").status_code == 200
    clock.pass_(minutes=4)
    assert at_desk.get("/desk/waiting").status_code == 401


def test_a_script_that_sends_too_late_learns_it_and_is_not_led_away(at_desk, chat, clock) -> None:
    clock.pass_(hours=1)
    answer = at_desk.post(f"/desk/handover/{chat}/write", data={"text": "x"}, headers={"X-From-Script": "1"})
    assert answer.status_code == 401


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
