"""The second step: a phone's code or a written one, each once; enforced for the roles that are named; locked by guessing."""

from __future__ import annotations

import re
from pathlib import Path

import pyotp
import pytest
import segno
from argon2 import PasswordHasher
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.testclient import TestClient

from casework.accounts import Accounts
from casework.audit import entries
from casework.caseworker import Caseworker
from casework.desk import DESK_ROUTES, MayCall, desk_routes
from casework.desk_sessions import CODE, SET_UP
from casework.inspection import inspect
from casework.passwords import Passwords
from casework.records import Records
from casework.roles import Role
from casework.second_step import CODES, CodeLocked, WrongCode, reset
from tests.casework.conftest import PASSWORD
from tests.casework.desk_browser import ADMIN, WORDS, form_token, path_of, send, words
from tests.casework.test_retention import KEEP


def now(secret: str, clock, *, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(int(clock().timestamp()) + 30 * steps)


@pytest.fixture
def secret(accounts: Accounts, kim: Caseworker) -> str:
    return accounts.second_step.offer(kim)


@pytest.fixture
def codes(accounts: Accounts, kim: Caseworker, secret: str, clock) -> list[str]:
    """Kim's recovery codes, after the second step was set up a while ago."""
    _, codes = accounts.second_step.confirm(kim, now(secret, clock))
    clock.pass_(minutes=10)
    return codes


def half(accounts: Accounts) -> str:
    """A session that waits for the code."""
    token = accounts.sign_in("Kim Ek", PASSWORD)
    signed_in = accounts.session(token)
    assert signed_in is not None and signed_in.waits_for == CODE
    return token


def test_a_code_of_the_phone_opens_once(accounts: Accounts, kim: Caseworker, secret: str, codes, clock) -> None:
    before = half(accounts)
    token = accounts.second_step.check(kim, before, now(secret, clock))
    signed_in = accounts.session(token)
    assert signed_in is not None and signed_in.waits_for == ""
    assert accounts.session(before) is None
    with pytest.raises(WrongCode):
        accounts.second_step.check(kim, half(accounts), now(secret, clock))
    with pytest.raises(WrongCode):  # nor does the one before it, now that a later one was taken
        accounts.second_step.check(kim, half(accounts), now(secret, clock, steps=-1))
    clock.pass_(seconds=30)
    assert accounts.second_step.check(kim, half(accounts), f" {now(secret, clock)[:3]} {now(secret, clock)[3:]} ")


@pytest.mark.parametrize(("steps", "right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_half_a_minute_wrong(accounts, kim, secret, codes, clock, steps: int, right: bool) -> None:
    code = now(secret, clock, steps=steps)
    if right:
        assert accounts.second_step.check(kim, half(accounts), code)
        return
    with pytest.raises(WrongCode):
        accounts.second_step.check(kim, half(accounts), code)


def test_a_written_code_opens_once_and_is_another_persons_no_more(accounts, kim, robin, codes) -> None:
    assert len(set(codes)) == CODES == accounts.second_step.left(kim)
    with pytest.raises(WrongCode):
        accounts.second_step.check(robin, "", codes[0])
    assert accounts.second_step.check(kim, half(accounts), codes[0].upper().replace("-", " "))
    assert accounts.second_step.left(kim) == CODES - 1
    with pytest.raises(WrongCode):
        accounts.second_step.check(kim, half(accounts), codes[0])
    assert accounts.second_step.check(kim, half(accounts), codes[1])


@pytest.mark.parametrize("wrong", ["", "000000", "٠١٢٣٤٥", "a" * 1000, "12345é"])
def test_ten_wrong_codes_lock_for_a_quarter_even_for_the_right_one(accounts, kim, secret, codes, clock, wrong) -> None:
    token = half(accounts)
    for _ in range(10):
        with pytest.raises(WrongCode):
            accounts.second_step.check(kim, token, wrong)
    with pytest.raises(CodeLocked):
        accounts.second_step.check(kim, token, now(secret, clock))
    with pytest.raises(CodeLocked):
        accounts.second_step.check(kim, token, codes[0])
    clock.pass_(minutes=16)
    assert accounts.second_step.check(kim, half(accounts), now(secret, clock))


def test_nothing_that_opens_is_kept_as_it_is(accounts, records: Records, kim, secret: str, codes) -> None:
    with records.reading() as session:
        kept = str(session.execute(text("SELECT * FROM caseworker")).all())
        kept += str(session.execute(text("SELECT * FROM recovery_code")).all())
    for one in (secret, *codes, *(code.replace("-", "") for code in codes)):
        assert one not in kept


def test_setting_up_ends_every_other_session_and_taking_away_all(accounts, records, kim, secret, clock) -> None:
    other = accounts.sign_in("Kim Ek", PASSWORD)
    token, _ = accounts.second_step.confirm(kim, now(secret, clock))
    assert accounts.session(other) is None
    assert accounts.session(token) is not None
    with records.session() as session:
        reset(session, kim.id, clock(), "")
    assert accounts.session(token) is None
    again = accounts.session(accounts.sign_in("Kim Ek", PASSWORD))
    assert again is not None and again.waits_for == ""
    assert accounts.second_step.left(kim) == 0
    assert [one["what"] for one in entries(records) if "second_step" in one["what"]] == [
        "second_step.set_up",
        "second_step.reset",
    ]


@pytest.fixture
def app(desk, records: Records, clock, database: Path) -> Starlette:
    cheap = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    strict = Accounts(records, clock, cheap, two_steps=[Role.CASEWORKER])
    app = Starlette(
        routes=desk_routes(desk, strict, WORDS, "Arbetsförmedlingen", lambda _: None, admin_words={"sv": ADMIN})
    )
    app.state.accounts = strict
    return app


@pytest.fixture
def browser(app: Starlette) -> TestClient:
    app.state.accounts.redeem(app.state.accounts.link(), "Kim Ek", PASSWORD)
    return TestClient(app, base_url="https://desk.test", follow_redirects=True)


def test_who_must_have_a_second_step_sets_it_up_before_anything_else(browser: TestClient, clock) -> None:
    page = send(browser, "/desk/sign-in", name="Kim Ek", password=PASSWORD)
    assert page.url.path == "/desk/second-step"
    assert ADMIN["second_step"]["required"] in page.text
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", page.text)
    assert found is not None and "<svg" in page.text
    secret = found[1].replace(" ", "")
    assert found[1] in browser.get("/desk/second-step").text
    assert send(browser, "/desk/second-step", code="000000").status_code == 403
    done = send(browser, "/desk/second-step", code=now(secret, clock))
    codes = re.findall(r"<code>([^<]+)</code>", done.text)
    assert len(codes) == CODES
    assert browser.get("/desk").url.path == "/desk"
    shown = browser.get("/desk/second-step").text
    assert secret not in shown.replace(" ", "") and codes[0] not in shown
    assert ADMIN["second_step"]["left"].replace("{n}", str(CODES)) in words(shown)
    # And from now on the code is asked for.
    send(browser, "/desk/sign-out", page="/desk")
    assert send(browser, "/desk/sign-in", name="Kim Ek", password=PASSWORD).url.path == "/desk/code"
    assert browser.get("/desk").url.path == "/desk/code"
    assert send(browser, "/desk/code", code="000000").status_code == 403
    assert send(browser, "/desk/code", code=codes[3]).url.path == "/desk"


@pytest.mark.parametrize("waits_for", [CODE, SET_UP])
def test_half_a_session_gets_to_its_own_step_and_out_alone(app, browser: TestClient, clock, waits_for: str) -> None:
    accounts = app.state.accounts
    if waits_for == CODE:
        user = accounts.session(accounts.sign_in("Kim Ek", PASSWORD)).user
        accounts.second_step.confirm(user, now(accounts.second_step.offer(user), clock))
    browser.follow_redirects = False
    send(browser, "/desk/sign-in", name="Kim Ek", password=PASSWORD)
    where = {CODE: "/desk/code", SET_UP: "/desk/second-step"}[waits_for]
    served = {route.path for route in app.routes}
    for route in (route for route in DESK_ROUTES if route.path in served):
        if route.may_call is not MayCall.CASEWORKER or route.name in ("sign_out", "code", "second_step"):
            continue
        for method in route.methods:
            answer = browser.request(method, path_of(route))
            assert answer.status_code == (401 if route.by_itself else 303), route.path
            assert route.by_itself or answer.headers["location"] == where
    assert accounts.session(browser.cookies["__Host-desk"]).waits_for == waits_for
    token = form_token(browser, where)
    assert browser.post("/desk/sign-out", data={"form_token": token}).headers["location"] == "/desk/sign-in"


def test_with_half_a_session_nobody_is_there(app, browser: TestClient, desk, clock) -> None:
    send(browser, "/desk/sign-in", name="Kim Ek", password=PASSWORD)
    assert not desk.someone_present(clock())


def test_the_square_holds_what_the_phone_needs(browser: TestClient) -> None:
    """Drawn from the same text that the phone app reads: issuer, name and secret."""
    page = send(browser, "/desk/sign-in", name="Kim Ek", password=PASSWORD).text
    secret = re.findall(r"<code>([A-Z2-7 ]+)</code>", page)[0].replace(" ", "")
    address = pyotp.TOTP(secret).provisioning_uri(name="Kim Ek", issuer_name="Arbetsförmedlingen")
    rows = [list(row) for row in segno.make(address, error="m").matrix_iter(border=4)]
    drawn = {(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", page)}
    assert drawn == {(x, y) for y, row in enumerate(rows) for x, bit in enumerate(row) if bit}


def test_the_inspection_opens_the_sealed_secret(accounts, records: Records, kim, codes, clock) -> None:
    opened = [found.said for found in inspect(records, KEEP, clock()) if found.what == "sealed"]
    assert opened == ["1 values are sealed under living keys, 0 do not open"]
    with records.session() as session:
        session.execute(text("UPDATE caseworker SET totp_sealed = :x"), {"x": b"x" * 40})
    assert not all(found.holds for found in inspect(records, KEEP, clock()) if found.what == "sealed")
