"""Tokens, cookies and form tokens by chance, or nearly right: nobody gets in, and nothing breaks."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.composition import House
from casework.accounts import Accounts
from casework.passwords import Passwords
from tests.conftest import Person

bounded = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)
anything = st.one_of(
    st.text(max_size=80),
    st.text(alphabet="\0\r\n;=\"'\\.%,<> åé", max_size=40),
    st.sampled_from(["", "null", "undefined", "0", "None", "\\000", "../../etc", "{{7*7}}", "' or 1=1 --", "x" * 9000]),
)
PASSWORD = "en lång lösenfras"


def nearly(right: str) -> st.SearchStrategy[str]:
    """What is not the right value, but close to it."""
    at = st.integers(0, len(right) - 1)
    return st.one_of(
        at.map(lambda n: right[:n]),
        at.map(lambda n: right[:n] + ("A" if right[n] != "A" else "B") + right[n + 1 :]),
        at.map(lambda n: right[:n] + "\0" + right[n:]),
        st.text(min_size=1, max_size=5).filter(str.strip).map(lambda more: right + "x" + more),
        st.sampled_from([right.swapcase(), right[::-1], right + right, right + ".", "." + right]),
    ).filter(lambda value: value != right)


def raw(value: str) -> bytes:
    return value.encode("utf-8", "surrogatepass")


@bounded
@given(data=st.data())
async def test_a_token_of_the_api(person: Person, data: st.DataObject) -> None:
    if not person.id:
        await person.begin()
    token = data.draw(anything | nearly(person.token))
    id_ = data.draw(st.just(person.id) | anything | nearly(person.id))
    url = f"/api/conversations/{quote(id_, safe='', errors='replace')}/messages"
    given_token = person.token if id_ != person.id else token
    answer = await person.client.post(
        url, json={"choice": "continue"}, headers=[(b"Authorization", raw(f"Bearer {given_token}"))]
    )
    assert answer.status_code in (400, 401, 404, 405)


@bounded
@given(data=st.data())
async def test_a_cookie_of_the_page(person: Person, data: st.DataObject) -> None:
    if not person.id:
        await person.begin()
    right = f"{person.id}.{person.token}"
    cookie = data.draw(anything | nearly(right))
    headers = [(b"Cookie", b"s=" + raw(cookie))]
    page = await person.client.get("/", headers=headers)
    assert page.status_code == 200
    answer = await person.client.post("/events", headers=headers)
    assert answer.status_code == 405
    assert (await person.client.get("/events", headers=headers)).status_code in (204, 401, 404)
    left = await person.client.post("/leave", headers=headers, data={"s": cookie.encode("utf-8", "replace").decode()})
    assert left.status_code == 200
    assert (await person.send({"choice": "again"})).status_code == 200  # still there: only its own token ends it


@bounded
@given(code=anything)
async def test_a_code_to_come_back_with(client: httpx.AsyncClient, code: str) -> None:
    answer = await client.post("/api/conversations/back", content=json_text("code", code), headers=JSON)
    assert answer.status_code in (400, 404, 413, 429)
    page = await client.post("/back", data={"code": code.encode("utf-8", "replace").decode()})
    assert page.status_code in (400, 404, 413, 429)
    assert "set-cookie" not in page.headers


JSON = {"Content-Type": "application/json"}


def json_text(name: str, value: str) -> bytes:
    import json

    return json.dumps({name: value}).encode()


@pytest.fixture
def kim(house: House) -> str:
    """A signed-in session's token."""
    from argon2 import PasswordHasher

    accounts: Accounts = house.accounts
    accounts._passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    accounts.redeem(accounts.link(), "Kim Ek", PASSWORD)
    return accounts.sign_in("Kim Ek", PASSWORD)


@bounded
@given(data=st.data())
async def test_a_cookie_of_the_desk(client: httpx.AsyncClient, kim: str, data: st.DataObject) -> None:
    cookie = data.draw(anything | nearly(kim))
    headers = [(b"Cookie", b"desk=" + raw(cookie))]
    answer = await client.get("/desk", headers=headers)
    assert (answer.status_code, answer.headers.get("location")) == (303, "/desk/sign-in")
    assert (await client.get("/desk/waiting", headers=headers)).status_code == 401


@bounded
@given(data=st.data())
async def test_a_form_token_of_the_desk(house: House, client: httpx.AsyncClient, kim: str, data: st.DataObject) -> None:
    signed_in = house.accounts.session(kim)
    assert signed_in is not None
    token = data.draw(anything | nearly(signed_in.csrf))
    sent = token.encode("utf-8", "replace").decode()
    if sent.replace("\0", "") == signed_in.csrf:
        return  # a zero is taken out of every field: this is the right one
    answer = await client.post("/desk/sign-out", data={"form_token": sent}, headers={"Cookie": f"desk={kim}"})
    assert answer.status_code == 403
    assert house.accounts.session(kim) is not None


@bounded
@given(data=st.data())
async def test_a_one_time_link(house: House, client: httpx.AsyncClient, kim: str, data: st.DataObject) -> None:
    right = house.accounts.link()
    link = quote(data.draw(anything | nearly(right)), safe="", errors="replace")
    read: Callable[[httpx.Response], bool] = lambda answer: answer.status_code in (400, 404, 405, 410)  # noqa: E731
    assert read(await client.get(f"/desk/first/{link}"))
    fields = {"name": "Robin Al", "password": PASSWORD, "again": PASSWORD}
    assert read(await client.post(f"/desk/first/{link}", data=fields))
    assert house.accounts.link_is_open(right)


@bounded
@given(name=anything, password=anything)
async def test_a_name_and_a_password(client: httpx.AsyncClient, kim: str, name: str, password: str) -> None:
    page = await client.get("/desk/sign-in")
    token = page.text.split('name="form_token" value="')[1].split('"')[0]
    given_name, given_password = (text.encode("utf-8", "replace").decode() for text in (name, password))
    fields = {"form_token": token, "name": given_name, "password": given_password}
    answer = await client.post("/desk/sign-in", data=fields)
    assert answer.status_code in (403, 413, 429)
