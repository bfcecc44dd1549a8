"""How often something may be tried: counted in memory and in a real Redis alike."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext

import pytest
from starlette.requests import Request

from bot.web.rates import Rate, Rates, tries_of_code
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


def wrong(rates: Rates, request: Request, code: str) -> bool:
    """Try a wrong code. Returns whether it was looked at."""
    tries = tries_of_code(request, code)
    if any(rates.spent(rate, who) for rate, who in tries):
        return False
    for rate, who in tries:
        rates.note(rate, who)
    return True


def test_who_guesses_at_home_locks_no_other_word_and_no_other_place(url: str) -> None:
    rates = Rates(url)
    home, elsewhere = asked_from("198.51.100.7"), asked_from("203.0.113.9")
    assert [wrong(rates, home, f"krokodil {n:04}") for n in range(6)] == [True] * 5 + [False]
    assert [wrong(rates, home, typed) for typed in ("Kroko-dil 0007", "0008krokodil")] == [False, False]
    assert wrong(rates, home, "kantarell 1234")
    assert wrong(rates, elsewhere, "krokodil 1234")


def test_other_words_give_an_address_no_more_tries_an_hour(url: str) -> None:
    rates, home = Rates(url), asked_from("198.51.100.7")
    assert [wrong(rates, home, f"gissning{chr(97 + n)} 1234") for n in range(21)] == [True] * 20 + [False]
    assert not wrong(rates, home, "inte en kod")
    assert wrong(rates, asked_from("203.0.113.9"), "kantarell 1234")


def test_what_can_be_no_code_locks_no_word(url: str) -> None:
    rates, home = Rates(url), asked_from("198.51.100.7")
    assert [wrong(rates, home, typed) for typed in ("a", "b", "", "1234", "kantarell", "x")] == [True] * 5 + [False]
    assert wrong(rates, home, "kantarell 1234")


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
