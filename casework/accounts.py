"""Accounts of caseworkers: one-time links, signing in, sessions."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from casework.audit import note
from casework.caseworker import Caseworker
from casework.passwords import MAX_LENGTH, MIN_LENGTH, Passwords, WeakPassword
from casework.records import DeskSession, FailedSignIn, OneTimeLink, Records, User

__all__ = [
    "MAX_LENGTH",
    "MIN_LENGTH",
    "Accounts",
    "LinkRefused",
    "NameTaken",
    "SignInLocked",
    "SignInRefused",
    "SignedIn",
    "WeakPassword",
]

LINK_LIFE = timedelta(hours=24)
MAX_FAILURES = 10
LOCKED_FOR = timedelta(minutes=15)
IDLE_LIMIT = timedelta(minutes=30)
SESSION_LIFE = timedelta(hours=12)
SEEN_STEP = timedelta(seconds=30)
"""A sign of life is written at most this often: an open page asks every other second."""


class LinkRefused(Exception):
    """The one-time link is unknown, used or past its time."""


class NameTaken(Exception):
    """Somebody has this name at the desk already."""


class SignInRefused(Exception):
    """Wrong name or password: it is not said which."""


class SignInLocked(Exception):
    """Too many failures in a row for this name. Passes by itself after 15 minutes."""


@dataclass(frozen=True)
class SignedIn:
    """A valid desk session."""

    user: Caseworker
    csrf: str = field(repr=False)


class Accounts:
    """`now` gives aware times."""

    def __init__(self, records: Records, now: Callable[[], datetime], passwords: Passwords | None = None) -> None:
        self._records = records
        self._now = now
        self._passwords = passwords or Passwords()

    def first_link(self, now: datetime | None = None) -> str | None:
        """A link token for the first account, valid 24 hours, or None if there is an account.

        Tokens are not kept, so that one cannot be shown twice: a new one replaces an unused one.
        """
        with self._records.session() as session:
            if session.scalar(select(User.id).limit(1)) is not None:
                return None
            session.execute(delete(OneTimeLink).where(OneTimeLink.used_at.is_(None)))
            return self._link(session, now or self._now(), "first")

    def link(self) -> str:
        """A link token for one more account, valid 24 hours."""
        with self._records.session() as session:
            return self._link(session, self._now(), "account")

    def link_is_open(self, token: str) -> bool:
        """Whether the link can still be redeemed."""
        with self._records.reading() as session:
            link = session.get(OneTimeLink, _hash(token))
            return link is not None and link.used_at is None and link.expires_at > self._now()

    def redeem(self, token: str, name: str, password: str) -> Caseworker:
        """Make an account. Raises LinkRefused, WeakPassword, NameTaken; the link stays good after the last two."""
        if not self.link_is_open(token):
            raise LinkRefused
        password_hash = self._passwords.hash(password)
        at = self._now()
        name = " ".join(name.split())
        try:
            with self._records.session() as session:
                used = session.execute(
                    update(OneTimeLink)
                    .where(OneTimeLink.token_hash == _hash(token), OneTimeLink.used_at.is_(None))
                    .values(used_at=at)
                )
                assert isinstance(used, CursorResult)
                if used.rowcount != 1:
                    raise LinkRefused
                user = User(
                    id=secrets.token_urlsafe(16),
                    name=name,
                    name_key=_name_key(name),
                    role="caseworker",
                    password_hash=password_hash,
                    created=at,
                )
                session.add(user)
                session.flush()
                note(session, at, user.id, "account.made", user.id)
        except IntegrityError:
            raise NameTaken from None
        return _caseworker(user)

    def sign_in(self, name: str, password: str) -> str:
        """A session token for the cookie. Raises SignInRefused, SignInLocked."""
        at = self._now()
        name_key = _name_key(name)
        with self._records.reading() as session:
            failed = session.get(FailedSignIn, _hash(name_key))
            if failed is not None and failed.locked_until is not None and failed.locked_until > at:
                raise SignInLocked
            user = session.scalar(select(User).where(User.name_key == name_key, User.disabled.is_(False)))
        # Outside a transaction: it is slow on purpose.
        if not self._passwords.check(user.password_hash if user else None, password) or user is None:
            self._count_failure(name_key, at)
            raise SignInRefused
        token = secrets.token_urlsafe(32)
        with self._records.session() as session:
            session.execute(delete(FailedSignIn).where(FailedSignIn.name_hash == _hash(name_key)))
            session.execute(delete(DeskSession).where(DeskSession.expires_at <= at))
            session.add(
                DeskSession(
                    token_hash=_hash(token),
                    user_id=user.id,
                    csrf=secrets.token_urlsafe(32),
                    acted_at=at,
                    seen_at=at,
                    expires_at=at + SESSION_LIFE,
                )
            )
            note(session, at, user.id, "desk.signed_in")
        return token

    def session(self, token: str, *, acting: bool = True) -> SignedIn | None:
        """Who the token belongs to, or None. `acting` is false for a page that only asks for news by itself."""
        at = self._now()
        with self._records.reading() as session:
            row, user = _live(session, token, at)
            if row is None or user is None:
                return None
            signed_in = SignedIn(_caseworker(user), row.csrf)
            stale = at - (row.acted_at if acting else row.seen_at) >= SEEN_STEP
        if stale:
            times = {"seen_at": at, "acted_at": at} if acting else {"seen_at": at}
            with self._records.session() as session:
                session.execute(update(DeskSession).where(DeskSession.token_hash == _hash(token)).values(times))
        return signed_in

    def sign_out(self, token: str) -> None:
        """End the session. Unknown tokens are nothing to worry about."""
        with self._records.session() as session:
            row = session.get(DeskSession, _hash(token))
            if row is not None:
                session.delete(row)
                note(session, self._now(), row.user_id, "desk.signed_out")

    def _link(self, session: Session, at: datetime, purpose: str) -> str:
        token = secrets.token_urlsafe(32)
        session.add(OneTimeLink(token_hash=_hash(token), purpose=purpose, expires_at=at + LINK_LIFE))
        return token

    def _count_failure(self, name_key: str, at: datetime) -> None:
        try:
            self._add_failure(name_key, at)
        except IntegrityError:  # two first failures at once: now there is a row to count in
            self._add_failure(name_key, at)

    def _add_failure(self, name_key: str, at: datetime) -> None:
        with self._records.session() as session:
            failed = session.get(FailedSignIn, _hash(name_key), with_for_update=True)
            if failed is None:
                failed = FailedSignIn(name_hash=_hash(name_key), n=0)
                session.add(failed)
            failed.n += 1
            failed.last_at = at
            if failed.n >= MAX_FAILURES:
                failed.n = 0
                failed.locked_until = at + LOCKED_FOR
                note(session, at, "", "desk.sign_in_locked")


def someone_present(session: Session, at: datetime, within: timedelta) -> bool:
    """Whether a signed-in caseworker's page gave a sign of life within that time."""
    query = (
        select(DeskSession.token_hash)
        .join(User, User.id == DeskSession.user_id)
        .where(
            User.disabled.is_(False),
            DeskSession.seen_at > at - within,
            DeskSession.acted_at > at - IDLE_LIMIT,
            DeskSession.expires_at > at,
        )
    )
    return session.scalar(query.limit(1)) is not None


def _live(session: Session, token: str, at: datetime) -> tuple[DeskSession | None, User | None]:
    row = session.get(DeskSession, _hash(token))
    if row is None or row.expires_at <= at or at - row.acted_at >= IDLE_LIMIT:
        return None, None
    user = session.get(User, row.user_id)
    return (None, None) if user is None or user.disabled else (row, user)


def _caseworker(user: User) -> Caseworker:
    return Caseworker(user.id, user.name, user.role)


def _name_key(name: str) -> str:
    return unicodedata.normalize("NFKC", " ".join(name.split())).casefold()[:80]


def _hash(token: str) -> str:
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
