"""Accounts: one-time links, signing in, lockout, sessions that end."""

from __future__ import annotations

import unicodedata

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from casework.accounts import (
    Accounts,
    CommonPassword,
    LinkRefused,
    NameTaken,
    SignInLocked,
    SignInRefused,
    WeakPassword,
)
from casework.passwords import Passwords, common_parts, is_common
from casework.records import AuditEntry, DeskSession, FailedSignIn, OneTimeLink, Records, User

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
    for password in ("elva tecken", "sju    tecken", "x" * 129):
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


@pytest.mark.parametrize(
    "password",
    [
        "password12345",
        "PassWord2024!",
        "lösenord1234",
        "Sommar2025Sommar",
        "1q2w3e4r5t6y",
        "qwertyuiopåå",
        "aaaaaaaaaaaaaa",
        "123456789012",
        "Arbetsförmedlingen1",
        "Kim Ek Kim Ek 1",
    ],
)
def test_what_is_easy_to_guess_is_no_password(accounts: Accounts, password: str) -> None:
    link = accounts.link()
    with pytest.raises(CommonPassword):
        accounts.redeem(link, "Kim Ek", password)
    assert accounts.link_is_open(link)


@pytest.mark.parametrize(
    "password",
    ["en lång lösenfras", "x7Kp2mQ9vL4w", "😀🐈🌲🚲🎈🍎🧀🎲🐟🌙☕🧦", "ኣነ ድማ ኣሎኹ ኣብዚ", "å" + "bcdefgh " * 15],
)
def test_any_other_signs_are_a_password_whole(accounts: Accounts, password: str) -> None:
    accounts.redeem(accounts.link(), "Kim Ek", password)
    assert accounts.sign_in("Kim Ek", password)
    for almost in (password[:-1], password + "x"):
        with pytest.raises(SignInRefused):
            accounts.sign_in("Kim Ek", almost)


def test_the_list_is_as_it_is_compared() -> None:
    parts = common_parts()
    assert len(parts) > 200
    assert [part for part in parts if part != unicodedata.normalize("NFKC", part.strip()).casefold()] == []
    assert len(set(parts)) == len(parts)
    assert all(is_common(part) for part in parts if len(part) >= 12)


def test_an_older_hash_is_renewed_when_the_caseworker_signs_in(accounts: Accounts, records: Records, kim) -> None:
    cheap = kept_hash(records)
    dearer = Accounts(records, accounts._now, Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)))
    with pytest.raises(SignInRefused):
        dearer.sign_in(NAME, "fel lösenord här")
    assert kept_hash(records) == cheap
    assert dearer.sign_in(NAME, PASSWORD)
    renewed = kept_hash(records)
    assert "m=16,t=2" in renewed and "m=8,t=1" in cheap
    assert dearer.sign_in(NAME, PASSWORD)
    assert kept_hash(records) == renewed


def kept_hash(records: Records) -> str:
    with records.reading() as session:
        return session.scalars(select(User.password_hash)).one()


def test_a_changed_password_leaves_one_session_and_a_line_in_the_trail(accounts: Accounts, records, kim) -> None:
    here, there = accounts.sign_in(NAME, PASSWORD), accounts.sign_in(NAME, PASSWORD)
    token = accounts.change_password(kim, PASSWORD, "en annan och nyare mening")
    assert accounts.session(token) is not None
    assert (accounts.session(here), accounts.session(there)) == (None, None)
    with pytest.raises(SignInRefused):
        accounts.sign_in(NAME, PASSWORD)
    with records.reading() as session:
        assert "account.password_changed" in session.scalars(select(AuditEntry.what)).all()


@pytest.mark.parametrize("strange", ["\0", "\ud800", "a\0b", "'; drop table caseworker; --"])
def test_strange_signs_are_refused_like_any_wrong_name(accounts: Accounts, kim, strange: str) -> None:
    with pytest.raises(SignInRefused):
        accounts.sign_in(strange, strange)
    with pytest.raises(LinkRefused):
        accounts.redeem(strange, strange, PASSWORD)
    assert accounts.session(strange) is None
    accounts.sign_out(strange)


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


def test_a_closed_account_is_out_at_once_and_its_name_stays_its_own(accounts: Accounts, records, kim) -> None:
    token = accounts.sign_in(NAME, PASSWORD)
    assert not accounts.close("Finns Inte")
    assert accounts.session(token) is not None
    assert accounts.close("  kim EK ")
    assert accounts.session(token) is None
    with pytest.raises(SignInRefused):
        accounts.sign_in(NAME, PASSWORD)
    with pytest.raises(SignInRefused):
        accounts.change_password(kim, PASSWORD, "en annan och nyare mening")
    with pytest.raises(NameTaken):
        accounts.redeem(accounts.link(), NAME, PASSWORD)
    assert not accounts.close(NAME)
    with records.reading() as session:
        assert "account.closed" in session.scalars(select(AuditEntry.what)).all()
