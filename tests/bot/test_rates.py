"""How often something may be tried: counted in memory and in a real Redis alike."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext

import pytest
from starlette.requests import Request

from bot.web.rates import Rate, Rates
from casework.desk.tries import Tries
from tests.redis import redis_dump, redis_server


def asked_from(host: str) -> Request:
    return Request({"type": "http", "client": (host, 1), "headers": []})


@pytest.fixture(params=["memory", "redis"])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    with redis_server() if request.param == "redis" else nullcontext("") as url:
        yield url


def test_five_wrong_codes_and_then_a_rest(url: str) -> None:
    rates = Rates(url)
    here, there = asked_from("198.51.100.7"), asked_from("198.51.100.8")
    for _ in range(5):
        assert not rates.spent(Rate.CODE, here)
        rates.note(Rate.CODE, here)
    assert rates.spent(Rate.CODE, here)
    assert not rates.spent(Rate.CODE, there)
    assert not rates.spent(Rate.OPEN, here)


def test_all_together_have_a_limit_too(url: str) -> None:
    rates = Rates(url)
    for n in range(60):
        rates.note(Rate.CODE, asked_from(f"198.51.100.{n}"))
    assert rates.spent(Rate.CODE, asked_from("203.0.113.9"))


def test_a_household_is_one_address() -> None:
    rates = Rates()
    for n in range(5):
        rates.note(Rate.CODE, asked_from(f"2001:db8:1:2:{n}::1"))
    assert rates.spent(Rate.CODE, asked_from("2001:db8:1:2:ffff::9"))
    assert not rates.spent(Rate.CODE, asked_from("2001:db8:1:3::1"))


def test_two_processes_count_together() -> None:
    with redis_server() as url:
        one, two = Rates(url, b"shared"), Rates(url, b"shared")
        here = asked_from("198.51.100.7")
        for rates in (one, two, one, two, one):
            rates.note(Rate.CODE, here)
        assert two.spent(Rate.CODE, here)


def test_two_processes_count_failures_to_sign_in_together() -> None:
    with redis_server() as url:
        one, two = Tries(url, b"shared"), Tries(url, b"shared")
        for n in range(60):
            assert not two.spent("Kim Ek", "198.51.100.7")
            (one, two)[n % 2].failed(f"namn {n}", "198.51.100.7")
        assert one.spent("Kim Ek", "198.51.100.7") and two.spent("Kim Ek", "198.51.100.7")
        assert not two.spent("Kim Ek", "203.0.113.9")
        for n in range(100):
            (one, two)[n % 2].failed("Kim  EK", f"203.0.113.{n}")
        assert two.spent("kim ek", "192.0.2.1")
        dump = redis_dump(url)
        assert b"sign-in" in dump
        assert not [word for word in (b"198.51.100.7", b"203.0.113", b"kim", b"Kim") if word in dump]


def test_without_the_store_failures_to_sign_in_are_counted_here() -> None:
    tries = Tries("redis://127.0.0.1:1/0")
    for _ in range(60):
        assert not tries.spent("Kim Ek", "198.51.100.7")
        tries.failed("Kim Ek", "198.51.100.7")
    assert tries.spent("Kim Ek", "198.51.100.7")


def test_without_the_store_codes_rest_and_conversations_begin() -> None:
    rates = Rates("redis://127.0.0.1:1/0")
    here = asked_from("198.51.100.7")
    rates.note(Rate.OPEN, here)
    assert not rates.spent(Rate.OPEN, here)
    assert rates.spent(Rate.CODE, here)
    assert rates.spent(Rate.PHONE_CODE, "+46701740605")
    rates.note(Rate.INVITATION, here)
    assert not rates.spent(Rate.INVITATION, here)
