"""Accounts: one-time links, signing in, lockout, sessions that end."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from casework.accounts import Accounts, LinkRefused, NameTaken, SignInLocked, SignInRefused, WeakPassword
from casework.passwords import Passwords
from casework.records import DeskSession, FailedSignIn, OneTimeLink, Records, User

NAME, PASSWORD = "Kim Ek", "en lång lösenfras"


def test_the_first_link_makes_one_account_once(accounts: Accounts) -> None:
    token = accounts.first_link()
    assert token is not None
    assert accounts.link_is_open(token)
    assert accounts.redeem(token, f"  {NAME} ", PASSWORD).name == NAME
    assert not accounts.link_is_open(token)
    with pytest.raises(LinkRefused):
        accounts.redeem(token, "Någon annan", PASSWORD)
    assert accounts.first_link() is None


def test_a_link_lives_for_24_hours(accounts: Accounts, clock) -> None:
    token = accounts.first_link()
    clock.pass_(hours=23, minutes=59)
    assert accounts.link_is_open(token)
    clock.pass_(minutes=1)
    with pytest.raises(LinkRefused):
        accounts.redeem(token, NAME, PASSWORD)


def test_a_new_first_link_replaces_the_old(accounts: Accounts) -> None:
    old, new = accounts.first_link(), accounts.first_link()
    assert (accounts.link_is_open(old), accounts.link_is_open(new)) == (False, True)


def test_a_weak_password_and_a_taken_name_leave_the_link_good(accounts: Accounts, kim) -> None:
    token = accounts.link()
    for password in ("elva tecken", "x" * 201):
        with pytest.raises(WeakPassword):
            accounts.redeem(token, "Robin Al", password)
    with pytest.raises(NameTaken):
        accounts.redeem(token, "kim  EK", PASSWORD)
    assert accounts.redeem(token, "Robin Al", "tolv tecken!").name == "Robin Al"


def test_signing_in_takes_the_right_name_and_password(accounts: Accounts, kim) -> None:
    signed_in = accounts.session(accounts.sign_in("KIM ek", PASSWORD))
    assert signed_in is not None and signed_in.user == kim
    for name, password in ((NAME, "fel lösenord här"), ("Okänd", PASSWORD), (NAME, ""), ("", "")):
        with pytest.raises(SignInRefused):
            accounts.sign_in(name, password)


def test_no_token_or_password_is_kept_as_it_is(accounts: Accounts, records: Records, kim) -> None:
    link = accounts.link()
    token = accounts.sign_in(NAME, PASSWORD)
    with pytest.raises(SignInRefused):
        accounts.sign_in("Hemligt Namn", PASSWORD)
    with records.reading() as session:
        kept = [
            str(vars(row))
            for table in (User, DeskSession, OneTimeLink, FailedSignIn)
            for row in session.scalars(select(table))
        ]
        assert session.scalars(select(User.password_hash)).one().startswith("$argon2id$")
    assert not [text for text in kept for secret in (link, token, PASSWORD, "Hemligt") if secret in text]


@pytest.mark.parametrize("name", [NAME, "Finns Inte"])
def test_ten_failures_lock_a_name_for_a_quarter_known_or_not(accounts: Accounts, kim, clock, name: str) -> None:
    for _ in range(10):
        with pytest.raises(SignInRefused):
            accounts.sign_in(name, "fel lösenord här")
    with pytest.raises(SignInLocked):
        accounts.sign_in(name, PASSWORD)
    clock.pass_(minutes=14, seconds=59)
    with pytest.raises(SignInLocked):
        accounts.sign_in(name, PASSWORD)
    clock.pass_(seconds=1)
    if name == NAME:
        assert accounts.sign_in(name, PASSWORD)
    else:
        with pytest.raises(SignInRefused):
            accounts.sign_in(name, PASSWORD)


def test_success_starts_the_count_again(accounts: Accounts, kim) -> None:
    for _ in range(2):
        for _ in range(9):
            with pytest.raises(SignInRefused):
                accounts.sign_in(NAME, "fel lösenord här")
        assert accounts.sign_in(NAME, PASSWORD)


def test_an_unknown_name_costs_the_same_work(accounts: Accounts, kim, monkeypatch) -> None:
    checked = []
    real = PasswordHasher.verify

    def verify(self, kept: str, password: str) -> bool:
        checked.append(kept.split("$")[1:4])
        return real(self, kept, password)

    monkeypatch.setattr(PasswordHasher, "verify", verify)
    for name in (NAME, "Finns Inte"):
        with pytest.raises(SignInRefused):
            accounts.sign_in(name, "fel lösenord här")
    known, unknown = checked
    assert known == unknown


def test_the_real_hash_is_argon2id_and_costs_what_the_standard_says() -> None:
    kept = Passwords().hash(PASSWORD)
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")  # RFC 9106, second recommendation
    assert Passwords().check(kept, PASSWORD)
    assert not Passwords().check(kept, PASSWORD + "!")
    assert not Passwords().check(None, "nobody has this password")


def test_a_session_ends_after_half_an_hour_without_an_act(accounts: Accounts, kim, clock) -> None:
    token = accounts.sign_in(NAME, PASSWORD)
    clock.pass_(minutes=29)
    assert accounts.session(token)
    clock.pass_(minutes=29)
    assert accounts.session(token, acting=False)  # an open page asks for news: that is no act
    clock.pass_(minutes=1)
    assert accounts.session(token, acting=False) is None
    assert accounts.session(token) is None


def test_a_session_ends_after_12_hours_whatever_happens(accounts: Accounts, kim, clock) -> None:
    token = accounts.sign_in(NAME, PASSWORD)
    for _ in range(36):
        assert accounts.session(token)
        clock.pass_(minutes=20)
    assert accounts.session(token) is None


def test_signing_out_ends_the_session_and_leaves_the_other(accounts: Accounts, kim) -> None:
    here, there = accounts.sign_in(NAME, PASSWORD), accounts.sign_in(NAME, PASSWORD)
    accounts.sign_out(here)
    accounts.sign_out("unknown")
    assert accounts.session(here) is None
    assert accounts.session(there) is not None


def test_a_disabled_account_is_out_at_once(accounts: Accounts, records: Records, kim) -> None:
    token = accounts.sign_in(NAME, PASSWORD)
    with records.session() as session:
        session.get_one(User, kim.id).disabled = True
    assert accounts.session(token) is None
    with pytest.raises(SignInRefused):
        accounts.sign_in(NAME, PASSWORD)
