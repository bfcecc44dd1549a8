"""What stands before every page of the desk: who may call what, forms that belong to the session, cookies, headers."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

from casework.desk import DESK_ROUTES
from casework.desk.pages import HEADERS
from casework.desk.table import MayCall
from tests.casework.desk_browser import (
    HANDOVER_POSTS,
    PASSWORD,
    WORDS,
    form_token,
    path_of,
    send,
)


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


def test_the_page_that_is_asked_for_in_the_address_is_not_where_one_is_led(browser, kim) -> None:
    elsewhere = "https://elsewhere.test/"
    token = form_token(browser, f"/desk/sign-in?next={elsewhere}")
    fields = {"form_token": token, "name": "Kim Ek", "password": PASSWORD, "next": elsewhere}
    answer = browser.post(f"/desk/sign-in?next={elsewhere}", data=fields, follow_redirects=False)
    assert answer.headers["location"] == "/desk"


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


def test_five_megabytes_are_refused(at_desk, chat) -> None:
    answer = at_desk.post(f"/desk/handover/{chat}/write", data={"text": "x" * 5_000_000})
    assert (answer.status_code, WORDS["pages"]["too_big"] in answer.text) == (413, True)


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
