"""The administrator's pages: invite, change, close, reset; each in the trail; nothing about handovers; never oneself."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pyotp
import pytest
import yaml
from starlette.applications import Starlette
from starlette.testclient import TestClient

from casework.accounts import Accounts, LinkRefused
from casework.audit import entries
from casework.desk import DESK_ROUTES, desk_routes
from casework.desk.shelf import Shelf
from casework.desk.table import ACCOUNT_ROUTES
from casework.desk_sessions import hash_of
from casework.records import Records
from casework.roles import Role
from screening.events import HandoverKind, HandoverRequested
from tests.casework.conftest import PASSWORD
from tests.casework.desk_browser import ADMIN, WORDS, form_token, path_of, send, words

CONTENT = Path(__file__).parents[2] / "data" / "content"
OFFICES = {"north": "Norr", "south": "Söder"}


@pytest.fixture
def app(desk, accounts: Accounts, database) -> Starlette:
    words_and_offices = {"admin_words": {"sv": ADMIN}, "offices": OFFICES}
    return Starlette(
        routes=desk_routes(desk, accounts, WORDS, "Arbetsförmedlingen", lambda _: None, **words_and_offices)
    )


@pytest.fixture
def sign_in(app: Starlette, accounts: Accounts) -> Callable[[str], TestClient]:
    def sign_in(name: str) -> TestClient:
        client = TestClient(app, base_url="https://desk.test", follow_redirects=True)
        send(client, "/desk/sign-in", name=name, password=PASSWORD)
        return client

    return sign_in


@pytest.fixture
def alex(sign_in, accounts: Accounts) -> TestClient:
    """An administrator's browser."""
    accounts.redeem(accounts.link(Role.ADMINISTRATOR), "Alex Bo", PASSWORD)
    return sign_in("Alex Bo")


def test_an_administrator_begins_with_the_accounts(alex: TestClient) -> None:
    page = alex.get("/desk")
    assert page.url.path == "/desk/accounts"
    assert ADMIN["accounts"]["own"] in page.text
    assert '"/desk/contents"' not in page.text


def test_an_invited_colleague_gets_role_and_offices(alex: TestClient, accounts: Accounts, app) -> None:
    page = send(alex, "/desk/accounts/invite", page="/desk/accounts", role="social_consultant", offices="south")
    (link,) = re.findall(r"https://desk.test(/desk/first/[\w-]+)", page.text)
    assert link not in alex.get("/desk/accounts").text
    colleague = TestClient(app, base_url="https://desk.test", follow_redirects=True)
    send(colleague, link, name="Robin Al", password=PASSWORD, again=PASSWORD, asked_name="yes")
    signed_in = accounts.session(accounts.sign_in("Robin Al", PASSWORD))
    assert signed_in is not None
    assert (signed_in.user.role, signed_in.user.offices) == ("social_consultant", frozenset({"south"}))
    shown = words(alex.get("/desk/accounts").text)
    assert "Socialkonsulent, Söder" in shown
    assert ADMIN["accounts"]["unmanned"].replace("{name}", "Norr") in shown
    assert ADMIN["accounts"]["unmanned"].replace("{name}", "Söder") not in shown


def test_links_that_nobody_has_used_are_listed_and_can_be_taken_back(
    alex: TestClient, accounts: Accounts, records: Records, clock, app
) -> None:
    used = accounts.link()
    accounts.redeem(used, "Kim", PASSWORD)
    clock.pass_(minutes=5)
    tokens = [accounts.link(Role.CONSULTANT, ["south"]), accounts.link(Role.ADMINISTRATOR)]
    page = alex.get("/desk/accounts").text
    shown = words(page)
    assert "Socialkonsulent , Söder. Skapad 2026-11-24 10:35. Gäller till 2026-11-25 10:35." in shown
    assert "Administratör , alla kontor." in shown and shown.count("Skapad 2026") == 2
    assert all(token not in page for token in (used, *tokens))
    ids = re.findall(r"/desk/accounts/links/(\w+)/withdraw", page)
    done = send(alex, f"/desk/accounts/links/{ids[0]}/withdraw", page="/desk/accounts")
    assert ADMIN["accounts"]["withdrawn"] in done.text and words(done.text).count("Skapad 2026") == 1
    with pytest.raises(LinkRefused):
        accounts.redeem(tokens[0], "Robin", PASSWORD)
    stranger = TestClient(app, base_url="https://desk.test")
    assert stranger.get(f"/desk/first/{tokens[0]}").status_code == 410
    assert stranger.get(f"/desk/first/{tokens[1]}").status_code == 200
    for link_id in (ids[0], hash_of(used), "x"):
        gone = send(alex, f"/desk/accounts/links/{link_id}/withdraw", page="/desk/accounts")
        assert (gone.status_code, ADMIN["problem"]["link_gone"] in gone.text) == (404, True)
    noted = [(one["what"], one["about"]) for one in entries(records) if one["what"].startswith("account.link")]
    assert noted == [("account.link_withdrawn", "social_consultant")]
    clock.pass_(hours=24)
    assert accounts.links.open() == []


@pytest.mark.parametrize("fields", [{}, {"role": "king"}, {"role": ""}])
def test_without_a_role_there_is_no_link(alex: TestClient, fields: dict[str, str]) -> None:
    page = send(alex, "/desk/accounts/invite", page="/desk/accounts", **fields)
    assert page.status_code == 422
    assert "/desk/first/" not in page.text


def test_an_office_that_is_not_there_is_not_taken(alex: TestClient, records: Records, kim, accounts: Accounts) -> None:
    send(alex, f"/desk/accounts/{kim.id}/role", page="/desk/accounts", role="caseworker", offices="nowhere")
    signed_in = accounts.session(accounts.sign_in("Kim Ek", PASSWORD))
    assert signed_in is not None and signed_in.user.offices == frozenset()


def test_closing_changing_and_resetting_sign_out_at_once(
    alex, sign_in, kim, accounts: Accounts, records, clock
) -> None:
    open_page = sign_in("Kim Ek")
    assert open_page.get("/desk").url.path == "/desk"
    send(alex, f"/desk/accounts/{kim.id}/role", page="/desk/accounts", role="coordinator")
    assert open_page.get("/desk").url.path == "/desk/sign-in"

    secret = accounts.second_step.offer(kim)
    accounts.second_step.confirm(kim, pyotp.TOTP(secret).at(int(clock().timestamp())))
    assert sign_in("Kim Ek").get("/desk").url.path == "/desk/code"
    send(alex, f"/desk/accounts/{kim.id}/reset", page="/desk/accounts")
    assert not accounts.second_step.is_set_up(kim)

    send(alex, f"/desk/accounts/{kim.id}/close", page="/desk/accounts")
    assert sign_in("Kim Ek").get("/desk").url.path == "/desk/sign-in"
    again = send(alex, f"/desk/accounts/{kim.id}/close", page="/desk/accounts")
    assert (again.status_code, ADMIN["problem"]["gone"] in again.text) == (404, True)
    noted = [one["what"] for one in entries(records) if one["about"] == kim.id and one["who"] not in ("", kim.id)]
    assert noted == ["account.coordinator", "second_step.reset", "account.closed"]
    assert "accounts.seen" in {one["what"] for one in entries(records)}


@pytest.mark.parametrize("act", ["role", "close", "reset"])
def test_nobody_changes_the_own_account(alex: TestClient, accounts: Accounts, act: str) -> None:
    (mine,) = re.findall(r'id="name-([\w-]+)"', alex.get("/desk/accounts").text)
    answer = send(alex, f"/desk/accounts/{mine}/{act}", page="/desk/accounts", role="caseworker")
    assert (answer.status_code, ADMIN["problem"]["own"] in answer.text) == (409, True)
    assert alex.get("/desk").url.path == "/desk/accounts"


@pytest.mark.parametrize("route", [route for route in ACCOUNT_ROUTES if "POST" in route.methods], ids=lambda r: r.name)
def test_a_form_from_elsewhere_changes_no_account(alex: TestClient, kim, accounts: Accounts, route) -> None:
    path = route.path.format(id=kim.id)
    assert alex.post(path, data={"role": "administrator", "form_token": "x"}).status_code == 403
    signed_in = accounts.session(accounts.sign_in("Kim Ek", PASSWORD))
    assert signed_in is not None and signed_in.user.role == "caseworker"


def test_an_administrator_is_shown_nothing_of_what_waits(alex: TestClient, opened, take_turn) -> None:
    handover = take_turn(opened, HandoverRequested(HandoverKind.CHAT, urgent=True), says=["hej"]).handover.id
    token = form_token(alex, "/desk/accounts")
    for route in DESK_ROUTES:
        path = path_of(route, handover)
        for method in route.methods:
            if "sign" not in route.path:
                answer = alex.request(method, path, data={"form_token": token} if method == "POST" else None)
                assert handover not in answer.text


def test_the_pages_are_there_in_english(desk, accounts: Accounts, database) -> None:
    words_of = {locale: yaml.safe_load((CONTENT / locale / "desk.yml").read_text("utf-8")) for locale in ("sv", "en")}
    admin = {
        locale: yaml.safe_load((CONTENT / locale / "desk_admin.yml").read_text("utf-8")) for locale in ("sv", "en")
    }
    shelf = Shelf(languages=words_of)
    app = Starlette(
        routes=desk_routes(desk, accounts, words_of["sv"], "AF", lambda _: None, admin_words=admin, shelf=shelf)
    )
    accounts.redeem(accounts.link(Role.ADMINISTRATOR), "Alex Bo", PASSWORD)
    client = TestClient(app, base_url="https://desk.test", follow_redirects=True)
    send(client, "/desk/sign-in", name="Alex Bo", password=PASSWORD)
    assert admin["sv"]["accounts"]["intro"] in client.get("/desk/accounts").text
    send(client, "/desk/language/en", page="/desk/accounts")
    assert admin["en"]["accounts"]["intro"] in client.get("/desk/accounts").text
