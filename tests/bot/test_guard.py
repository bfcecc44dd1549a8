"""What stands before every page: host names, forms of other sites, limits, and the headers on every answer there is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from bot.composition import House
from bot.settings import BadSetting, from_environment
from bot.web.application import application
from bot.web.guard import HEADERS
from casework.intake import Intake
from tests.conftest import Person

ANSWERS = [
    ("GET", "/", 200),
    ("GET", "/static/page.css", 200),
    ("GET", "/static/", 404),
    ("GET", "/static/../guard.py", 404),
    ("GET", "/static/%2e%2e/guard.py", 404),
    ("GET", "/nothing", 404),
    ("GET", "/%00", 400),
    ("PUT", "/", 405),
    ("TRACE", "/", 405),
    ("OPTIONS", "/api/conversations", 405),
    ("GET", "/desk", 303),
    ("GET", "/desk/", 404),
    ("GET", "/desk/sign-in", 200),
    ("GET", "/desk/static/desk.css", 200),
    ("GET", "/desk/static/nothing", 404),
    ("POST", "/desk/sign-in", 403),
    ("GET", "/api/openapi.json", 200),
    ("POST", "/api/conversations/x/messages", 401),
    ("GET", "/events", 204),
]


def at(house: House, public_url: str = "") -> Callable[..., httpx.AsyncClient]:
    served = application(replace(house, settings=replace(house.settings, public_url=public_url)))
    transport = httpx.ASGITransport(app=served, raise_app_exceptions=False)
    return lambda base: httpx.AsyncClient(transport=transport, base_url=base)


@pytest.mark.parametrize(("method", "path", "status"), ANSWERS, ids=lambda v: str(v))
async def test_every_answer_has_the_headers(client: httpx.AsyncClient, method: str, path: str, status: int) -> None:
    answer = await client.request(method, path)
    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in HEADERS} == expected(path)
    assert "server" not in answer.headers
    assert "access-control-allow-origin" not in answer.headers
    if answer.content and answer.headers["content-type"].startswith("text/html"):
        assert "charset=utf-8" in answer.headers["content-type"]


def expected(path: str) -> dict[str, str]:
    return HEADERS | ({"Cache-Control": "no-cache"} if path == "/desk/static/desk.css" else {})


@pytest.mark.parametrize("path", ["/desk/sign-in", "/api/conversations", "/say"])
async def test_an_error_of_ours_has_the_headers_and_no_text_of_it(
    house: House, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("the text of the error")

    monkeypatch.setattr(Intake, "open", broken)
    monkeypatch.setattr(house.accounts, "sign_in", broken)
    form = {"choice": "continue", "name": "Kim", "password": "x", "form_token": "x"}
    if path == "/desk/sign-in":
        page = await client.get(path)
        form["form_token"] = page.text.split('name="form_token" value="')[1].split('"')[0]
    answer = await (client.post(path) if path.startswith("/api") else client.post(path, data=form))
    assert answer.status_code == 503
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert "the text of the error" not in answer.text
    assert "Traceback" not in answer.text and "RuntimeError" not in answer.text


async def test_over_https_it_is_said_that_it_stays_so(house: House) -> None:
    async with at(house)("https://enrum.test") as client:
        assert "max-age=31536000" in (await client.get("/")).headers["strict-transport-security"]
    async with at(house)("http://enrum.test") as client:
        assert "strict-transport-security" not in (await client.get("/")).headers


async def test_a_public_https_address_makes_cookies_secure_whatever_the_proxy_says(house: House) -> None:
    async with at(house, "https://enrum.test")("http://enrum.test") as client:
        answer = await client.get("/desk/sign-in")
        assert answer.headers["set-cookie"].startswith("__Host-desk-form=")
        assert "Secure" in answer.headers["set-cookie"]
        assert "strict-transport-security" in answer.headers
        begun = await client.post("/say", data={"choice": "continue"})
        cookie = begun.headers["set-cookie"]
        assert cookie.startswith("s=") and "Secure" in cookie and "SameSite=strict" in cookie


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("enrum.test", 200),
        ("ENRUM.test:443", 200),
        ("localhost:8080", 200),
        ("127.0.0.1:8080", 200),
        ("[::1]:8080", 200),
        ("elsewhere.test", 400),
        ("enrum.test.elsewhere.test", 400),
        ("enrum.test@elsewhere.test", 400),
        ("[", 400),
        ("", 400),
    ],
)
async def test_with_a_public_address_other_host_names_are_refused(house: House, host: str, status: int) -> None:
    async with at(house, "https://enrum.test/")("https://enrum.test") as client:
        answer = await client.get("/", headers={"Host": host})
        assert (answer.status_code, "content-security-policy" in answer.headers) == (status, True)


async def test_no_answer_repeats_the_host_name(client: httpx.AsyncClient) -> None:
    for path in (
        "/",
        "/desk",
        "/desk/",
        "/desk/sign-in",
        "/nothing",
        "/static",
        "/api/openapi.json",
        "//elsewhere.test/",
    ):
        answer = await client.get(path, headers={"Host": "planted.test"})
        assert "planted.test" not in answer.text + str(answer.headers)
        assert answer.headers.get("location", "/").startswith("/")
        assert not answer.headers.get("location", "/").startswith("//")


@pytest.mark.parametrize(
    ("site", "taken"),
    [("cross-site", False), ("same-site", False), ("same-origin", True), ("none", True), (None, True)],
)
async def test_a_form_of_another_site_is_refused(client: httpx.AsyncClient, site: str | None, taken: bool) -> None:
    headers = {"Sec-Fetch-Site": site} if site else {}
    answer = await client.post("/say", data={"choice": "continue"}, headers=headers)
    assert (answer.status_code == 303) is taken
    assert ("set-cookie" in answer.headers) is taken
    assert taken or answer.status_code == 403


async def test_the_desk_takes_its_longest_message_and_no_more(client: httpx.AsyncClient) -> None:
    longest = {"name": "\N{CAT}" * 4000}
    assert (await client.post("/desk/sign-in", data=longest)).status_code == 403  # read, and without the form's token
    assert (await client.post("/desk/sign-in", data={"name": "x" * 70_000})).status_code == 413
    assert (await client.post("/say", data={"text": "x" * 17_000})).status_code == 413


@pytest.mark.parametrize("announced", ["9" * 12, "9" * 5000, "-1", "x", "1e3", "²"], ids=range(6))
async def test_a_strange_length_is_refused(client: httpx.AsyncClient, announced: str) -> None:
    headers = {"Content-Length": announced.encode()}  # type: ignore[dict-item]
    assert (await client.post("/say", content=b"choice=continue", headers=headers)).status_code in (400, 413)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", None])
async def test_the_api_takes_json_alone(person: Person, client: httpx.AsyncClient, kind: str | None) -> None:
    await person.begin()
    headers = {"Authorization": f"Bearer {person.token}"} | ({} if kind is None else {"Content-Type": kind})
    url = f"/api/conversations/{person.id}/messages"
    refused = await client.post(url, content=b'{"choice": "continue"}', headers=headers)
    assert (refused.status_code, refused.json()["error"]) == (415, "wrong_type")
    assert refused.headers["content-disposition"] == 'attachment; filename="api.json"'
    headers["Content-Type"] = "Application/JSON; charset=utf-8"
    assert (await client.post(url, content=b'{"choice": "continue"}', headers=headers)).status_code == 200


async def test_a_zero_in_a_key_is_refused(person: Person) -> None:
    await person.begin()
    headers = {"Authorization": f"Bearer {person.token}", "Content-Type": "application/json"}
    for body in (r'"key": "k\u0000"', r'"reply_to": "\u0000"', r'"key": "\ud800"', r'"reply_to": "\udfff"'):
        raw = f'{{"choice": "continue", {body}}}'.encode()
        answer = await person.client.post(f"/api/conversations/{person.id}/messages", content=raw, headers=headers)
        assert answer.status_code == 400, body


async def test_uploads_are_refused_and_kept_nowhere(person: Person, client: httpx.AsyncClient) -> None:
    files = {"text": ("a.html", b"<script>", "text/html")}
    assert (await client.post("/say", files=files)).status_code == 400
    assert (await client.post("/back", files=files)).status_code == 400
    assert (await client.post("/desk/sign-in", files=files)).status_code == 403


@pytest.mark.parametrize("way", ["file", "fields", "length", "broken"])
async def test_the_exit_works_with_whatever_form(client: httpx.AsyncClient, way: str) -> None:
    await client.post("/say", data={"choice": "continue"})
    session = client.cookies["s"]
    broken = {"Content-Type": "multipart/form-data; boundary=x"}
    sent: dict[str, dict[str, Any]] = {
        "file": {"files": {"s": ("a", b"x")}},
        "fields": {"data": {str(n): "x" for n in range(50)}},
        "length": {"data": {"s": "x" * 20_000}},
        "broken": {"content": b"--x\r\nnothing", "headers": broken},
    }
    answer = await client.post("/leave", **sent[way])
    assert answer.status_code == 200
    client.cookies.set("s", session, domain="enrum.test")
    left = await client.post("/say", data={"choice": "private"})
    assert left.status_code in (401, 404, 410)


@pytest.mark.parametrize("value", ["enrum.test", "ftp://enrum.test", "https://", "javascript:alert(1)"])
def test_a_public_address_that_is_none_is_named(value: str) -> None:
    with pytest.raises(BadSetting, match="ENRUM_PUBLIC_URL"):
        from_environment({"ENRUM_PUBLIC_URL": value})


def test_forwarded_headers_are_believed_only_from_those_that_are_named() -> None:
    assert from_environment({}).proxies == []
    assert from_environment({"ENRUM_PUBLIC_URL": "https://enrum.test"}).proxies == ["127.0.0.1"]
    named = from_environment({"ENRUM_TRUSTED_PROXIES": "10.0.0.0/8, ::1"})
    assert named.proxies == ["10.0.0.0/8", "::1"]
    for anybody in ("*", "proxy.test", "10.0.0.1/8,"):
        with pytest.raises(BadSetting, match="ENRUM_TRUSTED_PROXIES"):
            from_environment({"ENRUM_TRUSTED_PROXIES": anybody})
