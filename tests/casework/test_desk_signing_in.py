"""Signing in with a name and a password, failures that are counted, a new password, and out again."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from tests.casework.desk_browser import (
    PASSWORD,
    WORDS,
    form_token,
    send,
)


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
    answer = send(browser, link, name="Kim Ek", password=PASSWORD, again=PASSWORD, asked_name="yes")
    assert answer.url.path == "/desk/sign-in"
    assert WORDS["sign_in"]["made"] in answer.text
    for answer in (browser.get(link), browser.post(link), browser.get("/desk/first/guessed")):
        assert (answer.status_code, WORDS["pages"]["link"] in answer.text) == (410, True)
    assert send(browser, "/desk/sign-in", name="Kim Ek", password=PASSWORD).url.path == "/desk"


def test_the_first_name_is_suggested_once_and_then_the_name_is_as_it_is_written(browser, accounts) -> None:
    link = f"/desk/first/{accounts.link()}"
    page = browser.get(link).text
    assert WORDS["first"]["name_hint"] in page and 'autocomplete="given-name"' in page
    fields = {"password": PASSWORD, "again": PASSWORD}
    asked = send(browser, link, name="  Karin  Anna Ek", **fields)
    assert asked.status_code == 422 and WORDS["first"]["suggestion"] in asked.text
    assert 'name="name" value="Karin"' in asked.text and 'name="asked_name" value="yes"' in asked.text
    assert PASSWORD not in asked.text and accounts.link_is_open(link.rpartition("/")[2])
    weak = send(browser, link, name="Karin Ek", password="kort", again="kort", asked_name="yes")
    assert 'name="asked_name" value="yes"' in weak.text and 'value="Karin Ek"' in weak.text
    made = send(browser, link, name="Karin Ek", **fields, asked_name="yes")
    assert made.url.path == "/desk/sign-in"
    assert accounts.session(accounts.sign_in("Karin Ek", PASSWORD)).user.name == "Karin Ek"
    one_word = send(browser, f"/desk/first/{accounts.link()}", name="Karin", **fields)
    assert one_word.url.path == "/desk/sign-in"


def test_a_taken_name_is_said(browser, accounts, kim) -> None:
    fields = {"name": "kim ek", "password": PASSWORD, "again": PASSWORD, "asked_name": "yes"}
    answer = send(browser, f"/desk/first/{accounts.link()}", **fields)
    assert (answer.status_code, WORDS["problem"]["name_taken"] in answer.text) == (422, True)


def test_wrong_and_locked_are_said_calmly_and_alike_for_unknown_names(browser, kim) -> None:
    for name in ("Kim Ek", "Finns Inte"):
        for _ in range(10):
            answer = send(browser, "/desk/sign-in", name=name, password="fel lösenord här")
            assert (answer.status_code, WORDS["problem"]["refused"] in answer.text) == (403, True)
        answer = send(browser, "/desk/sign-in", name=name, password=PASSWORD)
        assert (answer.status_code, WORDS["problem"]["locked"] in answer.text) == (429, True)
