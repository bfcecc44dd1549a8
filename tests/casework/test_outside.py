"""Signing in at the agency's own service: through a real provider, and with tokens that must not be believed."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.testclient import TestClient

from casework.accounts import Accounts, LinkRefused, SignInRefused
from casework.audit import entries
from casework.desk import desk_routes
from casework.desk.outside_pages import Outside
from casework.outside_accounts import Mapped, OutsideAccounts
from casework.outside_service import OutsideService, ServiceFailed, Try, is_safe
from casework.records import Records
from casework.roles import Role
from tests.casework.conftest import PASSWORD
from tests.casework.desk_browser import ADMIN, WORDS, send
from tests.oidc.service import BACK, log_in, sign_in_service

SECRET = "a secret of the tests, long enough"
MAPPED = Mapped(
    "name", "groups", {"desk-admin": Role.ADMINISTRATOR, "desk": Role.CASEWORKER}, "offices", {"at-north": "north"}
)
CONFIDENTIAL, PUBLIC = ("enrum", SECRET), ("enrum-public", "")


@pytest.fixture(scope="module", params=[True, False], ids=["all in the ID token", "rest by userinfo"])
def issuer(request: pytest.FixtureRequest) -> Iterator[str]:
    with sign_in_service(whole_id_token=request.param) as issuer:
        yield issuer


@pytest.fixture
def app_with(desk, accounts: Accounts, records: Records, database) -> Callable[..., Starlette]:
    def app_with(issuer: str, client: tuple[str, str] = CONFIDENTIAL, *, only: bool = False) -> Starlette:
        service = OutsideService(issuer, *client, "openid profile")
        # The service's clock is the real one, so ours is too.
        outside = Outside(
            "Mynt", only, service, OutsideAccounts(records, MAPPED, accounts._now), records.keys, accounts._now
        )
        return Starlette(
            routes=desk_routes(desk, accounts, WORDS, "AF", lambda _: None, admin_words={"sv": ADMIN}, outside=outside)
        )

    return app_with


def browser_of(app: Starlette) -> TestClient:
    return TestClient(app, base_url="https://desk.test", follow_redirects=False)


def there_and_back(browser: TestClient, login: str) -> httpx.Response:
    start = browser.get("/desk/outside")
    assert start.status_code == 303, start.text
    return browser.get(log_in(start.headers["location"], login))


@pytest.mark.parametrize("client", [CONFIDENTIAL, PUBLIC], ids=["with a secret", "by PKCE alone"])
def test_a_colleague_signs_in_with_the_role_and_office_of_the_claims(app_with, accounts, issuer, client) -> None:
    browser = browser_of(app_with(issuer, client))
    assert "Logga in med Mynt" in browser.get("/desk/sign-in").text
    page = there_and_back(browser, "kim,desk,at-north")
    assert (page.status_code, 'content="0; url=/desk"' in page.text) == (200, True)
    signed_in = accounts.session(browser.cookies["__Host-desk"])
    assert signed_in is not None
    user = signed_in.user
    assert (user.name, user.role, user.offices) == ("Namn kim", "caseworker", frozenset({"north"}))
    assert browser.get("/desk").status_code == 200
    assert "__Host-desk-outside" not in browser.cookies


def test_the_request_has_pkce_state_and_nonce_and_the_cookie_tells_none_of_them(app_with, issuer) -> None:
    browser = browser_of(app_with(issuer))
    start = browser.get("/desk/outside")
    asked = httpx.URL(start.headers["location"]).params
    assert (asked["code_challenge_method"], asked["response_type"]) == ("S256", "code")
    assert asked["redirect_uri"] == BACK
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 43
    (cookie,) = [c for c in start.headers.get_list("set-cookie") if c.startswith("__Host-desk-outside=")]
    assert {"httponly", "secure", "samesite=lax", "path=/"} <= {part.strip().lower() for part in cookie.split(";")}
    assert not any(asked[name] in cookie for name in ("state", "nonce"))


def test_role_and_name_follow_the_service_and_without_a_role_one_is_out(app_with, accounts, records, issuer) -> None:
    app = app_with(issuer)
    first, again, without = browser_of(app), browser_of(app), browser_of(app)
    there_and_back(first, "kim,desk,at-north")
    there_and_back(again, "kim,desk-admin,desk,at-north")
    one, two = (accounts.session(b.cookies["__Host-desk"]) for b in (first, again))
    assert one is not None and two is not None
    assert (one.user.id, two.user.role) == (two.user.id, "administrator")
    page = there_and_back(without, "kim,other,at-north")
    assert (page.status_code, ADMIN["outside"]["no_role"] in page.text) == (403, True)
    assert "__Host-desk" not in without.cookies
    assert accounts.session(first.cookies["__Host-desk"]) is None
    assert accounts.session(again.cookies["__Host-desk"]) is None
    assert [e["what"] for e in entries(records)][-1] == "desk.refused_outside"


@pytest.mark.parametrize("login", ["kim", "kim,desk", "kim,at-north", "kim,Desk,at-north"])
def test_who_is_known_and_has_nothing_here_gets_no_account(app_with, issuer, accounts, login: str) -> None:
    browser = browser_of(app_with(issuer))
    assert there_and_back(browser, login).status_code == 403
    assert accounts.first_link() is not None  # there is nobody yet


def test_an_account_that_was_closed_here_stays_closed(app_with, accounts, issuer) -> None:
    accounts.redeem(accounts.link(Role.ADMINISTRATOR), "Alex Bo", PASSWORD)
    app = app_with(issuer)
    alex, kim = browser_of(app), browser_of(app)
    there_and_back(kim, "kim,desk,at-north")
    user = accounts.session(kim.cookies["__Host-desk"]).user
    send(alex, "/desk/sign-in", name="Alex Bo", password=PASSWORD)
    send(alex, f"/desk/accounts/{user.id}/close", page="/desk/accounts")
    assert there_and_back(browser_of(app), "kim,desk,at-north").status_code == 403


def test_no_password_opens_an_outside_account(app_with, accounts, issuer) -> None:
    browser = browser_of(app_with(issuer))
    there_and_back(browser, "kim,desk,at-north")
    for password in ("", "nobody has this password", "x"):
        for name in ("Namn kim", "kim"):
            with pytest.raises(SignInRefused):
                accounts.sign_in(name, password)


def test_an_answer_counts_once_and_in_its_own_browser(app_with, issuer) -> None:
    app = app_with(issuer)
    mine, other = browser_of(app), browser_of(app)
    back = log_in(mine.get("/desk/outside").headers["location"], "kim,desk,at-north")
    other.get("/desk/outside")
    for thief in (other, browser_of(app)):
        assert thief.get(back).status_code == 502
        assert "__Host-desk" not in thief.cookies
    wrong = httpx.URL(back).copy_set_param("iss", "https://elsewhere.test")
    kept = mine.cookies["__Host-desk-outside"]
    assert mine.get(str(wrong)).status_code == 502
    mine.cookies.set("__Host-desk-outside", kept, domain="desk.test", path="/")
    assert mine.get(back).status_code == 200
    mine.cookies.set("__Host-desk-outside", kept, domain="desk.test", path="/")
    assert mine.get(back).status_code == 502  # the code was used


def test_who_says_no_at_the_service_and_who_took_too_long(app_with, issuer, clock) -> None:
    browser = browser_of(app_with(issuer))
    state = httpx.URL(browser.get("/desk/outside").headers["location"]).params["state"]
    refused = browser.get("/desk/outside/back", params={"state": state, "error": "access_denied", "iss": issuer})
    assert (refused.status_code, ADMIN["outside"]["cancelled"] in refused.text) == (200, True)
    assert "__Host-desk" not in browser.cookies
    state = httpx.URL(browser.get("/desk/outside").headers["location"]).params["state"]
    broken = browser.get("/desk/outside/back", params={"state": state, "error": "server_error", "iss": issuer})
    assert (broken.status_code, ADMIN["outside"]["failed"] in broken.text) == (502, True)
    back = log_in(browser.get("/desk/outside").headers["location"], "kim,desk,at-north")
    clock.pass_(minutes=11)
    assert browser.get(back).status_code == 502


def test_where_the_service_is_the_only_way_no_password_and_no_link_opens(app_with, records, clock, issuer, kim) -> None:
    page = browser_of(app_with(issuer, only=True)).get("/desk/sign-in")
    assert 'name="password"' not in page.text
    strict = Accounts(records, clock, passwords_count=False)
    with pytest.raises(SignInRefused):
        strict.sign_in("Kim Ek", PASSWORD)
    with pytest.raises(LinkRefused):
        strict.redeem(strict.link(), "Robin Al", PASSWORD)
    assert strict.first_link() is None


def test_a_service_that_is_away_is_said_calmly(app_with, desk, accounts) -> None:
    browser = browser_of(app_with("http://127.0.0.1:9"))
    page = browser.get("/desk/outside")
    assert (page.status_code, ADMIN["outside"]["failed"] in page.text) == (502, True)
    without = browser_of(
        Starlette(routes=desk_routes(desk, accounts, WORDS, "AF", lambda _: None, admin_words={"sv": ADMIN}))
    )
    assert {without.get(path).status_code for path in ("/desk/outside", "/desk/outside/back")} == {404}
    assert not re.search("/desk/outside", without.get("/desk/sign-in").text)


# Tokens that must not be believed, from a service whose key the test has.

ISSUER = "https://service.test"
KEY, OTHER_KEY = (RSAKey.generate_key(2048, {"kid": name}) for name in ("one", "two"))
ONE = Try("the state", "the nonce", "v" * 43)


def good() -> dict[str, Any]:
    now = int(time.time())
    return {"iss": ISSUER, "aud": "enrum", "sub": "kim", "nonce": ONE.nonce, "iat": now, "exp": now + 300}


def service_that_says(id_token: str, **metadata: object) -> OutsideService:
    described = {
        "issuer": ISSUER,
        "authorization_endpoint": f"{ISSUER}/auth",
        "token_endpoint": f"{ISSUER}/token",
        "jwks_uri": f"{ISSUER}/jwks",
    } | metadata

    def answer(request: httpx.Request) -> httpx.Response:
        told = {
            "/.well-known/openid-configuration": described,
            "/token": {"access_token": "a", "token_type": "Bearer", "id_token": id_token},
            "/jwks": {"keys": [KEY.as_dict(private=False)]},
            "/userinfo": {"sub": "somebody else", "groups": ["desk-admin"]},
        }
        return httpx.Response(200, json=told[request.url.path])

    return OutsideService(ISSUER, "enrum", SECRET, "openid", transport=httpx.MockTransport(answer))


async def finish(service: OutsideService) -> dict[str, Any]:
    return await service.finish(ONE, BACK, {"state": ONE.state, "code": "c"})


def signed(claims: dict[str, Any], key: RSAKey = KEY, **header: str) -> str:
    return jwt.encode({"alg": "RS256", "kid": key.kid or ""} | header, claims, key)


async def test_a_token_as_it_should_be_is_believed() -> None:
    assert (await finish(service_that_says(signed(good()))))["sub"] == "kim"


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://elsewhere.test"},
        {"aud": "another-client"},
        {"aud": ["enrum", "another-client"]},
        {"aud": ["enrum", "another-client"], "azp": "another-client"},
        {"azp": "another-client"},
        {"nonce": "of another try"},
        {"nonce": None},
        {"exp": -3600},
        {"exp": None},
        {"iat": 3600},
        {"sub": None},
        {"sub": 7},
    ],
    ids=str,
)
async def test_a_token_for_another_time_place_or_person_is_not(change: dict[str, Any]) -> None:
    """Times are seconds from now: the name of a test must not be another one in each process."""
    from_now = {name: int(time.time()) + value for name, value in change.items() if name in ("exp", "iat") and value}
    claims = {name: value for name, value in (good() | change | from_now).items() if value is not None}
    with pytest.raises(ServiceFailed):
        await finish(service_that_says(signed(claims)))


def unsigned() -> str:
    _, body, _ = signed(good()).split(".")
    return f"eyJhbGciOiJub25lIn0.{body}."


def by_shared_secret() -> str:
    from joserfc.jwk import OctKey

    return jwt.encode({"alg": "HS256"}, good(), OctKey.import_key(SECRET))


@pytest.mark.parametrize(
    "token",
    [
        unsigned(),
        by_shared_secret(),
        signed(good(), OTHER_KEY),
        signed(good(), OTHER_KEY, kid="one"),
        signed(good())[:-8] + "AAAAAAAA",
        "",
        "x.y.z",
    ],
    ids=["none", "shared secret", "unknown key", "key of another name", "altered", "empty", "nonsense"],
)
async def test_a_token_that_the_service_did_not_sign_is_not(token: str) -> None:
    with pytest.raises(ServiceFailed):
        await finish(service_that_says(token))


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://elsewhere.test"},
        {"token_endpoint": "http://service.test/token"},
        {"jwks_uri": ""},
        {"userinfo_endpoint": f"{ISSUER}/userinfo"},
        {"authorization_response_iss_parameter_supported": True},
    ],
    ids=str,
)
async def test_a_service_that_is_not_what_it_says_is_not(metadata: dict[str, Any]) -> None:
    """The last two: what is said beside the token is of somebody else; the answer does not say who gave it."""
    with pytest.raises(ServiceFailed):
        await finish(service_that_says(signed(good()), **metadata))


@pytest.mark.parametrize(
    ("url", "safe"),
    [("https://x.test/a", True), ("http://127.0.0.1:9/a", True), ("http://localhost/a", True),
     ("http://x.test", False), ("http://localhost.x.test", False), ("ftp://x", False), ("", False)],
)  # fmt: skip
def test_only_https_or_this_machine(url: str, safe: bool) -> None:
    assert is_safe(url) is safe
