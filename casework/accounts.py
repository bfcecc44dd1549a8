"""Accounts of caseworkers: one-time links, signing in, sessions."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from casework import desk_sessions, failed_sign_ins, second_step
from casework.account_links import LINK_LIFE, AccountLinks
from casework.audit import OPERATOR, note
from casework.caseworker import Caseworker
from casework.desk_sessions import SESSION_LIFE, SignedIn, hash_of, someone_present
from casework.passwords import MAX_LENGTH, MIN_LENGTH, CommonPassword, Passwords, WeakPassword
from casework.records import DeskSession, OneTimeLink, Records, User
from casework.roles import Role
from casework.second_step import SecondStep
from casework.staff import Staff

__all__ = [
    "LINK_LIFE",
    "MAX_LENGTH",
    "MIN_LENGTH",
    "SESSION_LIFE",
    "Accounts",
    "CommonPassword",
    "LinkRefused",
    "NameTaken",
    "SignInLocked",
    "SignInRefused",
    "SignedIn",
    "WeakPassword",
    "someone_present",
]

SEEN_STEP = timedelta(seconds=30)
"""A sign of life is written at most this often: an open page asks every other second."""


class LinkRefused(Exception):
    """The one-time link is unknown, used or past its time."""


class NameTaken(Exception):
    """Somebody has this name at the desk already."""


class SignInRefused(Exception):
    """Wrong name or password: it is not said which."""


class SignInLocked(Exception):
    """Too many failures in a row for this name from this network. Passes by itself after 15 minutes."""


class Accounts:
    """`now` gives aware times. Roles in `two_steps` must set up a second step before they get any further.

    Where `passwords_count` is false everybody signs in at the agency's own service: no link and no password opens.
    """

    def __init__(
        self,
        records: Records,
        now: Callable[[], datetime],
        passwords: Passwords | None = None,
        two_steps: Collection[str] = (),
        *,
        passwords_count: bool = True,
    ) -> None:
        self._records = records
        self._now = now
        self._passwords = passwords or Passwords()
        self._two_steps = frozenset(two_steps)
        self._passwords_count = passwords_count
        self.second_step = SecondStep(records, now)
        self.staff = Staff(records, now)
        self.links = AccountLinks(records, now)

    def first_link(self, now: datetime | None = None) -> str | None:
        """A link token for the first account, valid 24 hours, or None if there is an account.

        None too where no link opens. Tokens are not kept, so that one cannot be shown twice: a new one replaces an unused one.
        """
        with self._records.session() as session:
            if not self._passwords_count or session.scalar(select(User.id).limit(1)) is not None:
                return None
            session.execute(delete(OneTimeLink).where(OneTimeLink.used_at.is_(None)))
            return self._link(session, now or self._now(), "first")

    def link(self, role: Role = Role.CASEWORKER, offices: Collection[str] = (), *, by: str = "") -> str:
        """A link token for one more account, valid 24 hours. `by` is the administrator's id."""
        at = self._now()
        with self._records.session() as session:
            note(session, at, by, "account.invited", role.value)
            return self._link(session, at, "account", role, offices)

    def link_is_open(self, token: str) -> bool:
        """Whether the link can still be redeemed."""
        if not self._passwords_count:
            return False
        with self._records.reading() as session:
            link = session.get(OneTimeLink, hash_of(token))
            return link is not None and link.used_at is None and link.expires_at > self._now()

    def redeem(self, token: str, name: str, password: str) -> Caseworker:
        """Make an account. Raises LinkRefused, WeakPassword, NameTaken: after the last two the link is still good."""
        if not self.link_is_open(token):
            raise LinkRefused
        name = _one_line(name)
        password_hash = self._passwords.hash(password, name)
        at = self._now()
        try:
            with self._records.session() as session:
                used = session.execute(
                    update(OneTimeLink)
                    .where(OneTimeLink.token_hash == hash_of(token), OneTimeLink.used_at.is_(None))
                    .values(used_at=at)
                )
                assert isinstance(used, CursorResult)
                if used.rowcount != 1:
                    raise LinkRefused
                link = session.get_one(OneTimeLink, hash_of(token))
                user = User(
                    id=secrets.token_urlsafe(16),
                    name=name,
                    name_key=_name_key(name),
                    role=link.role,
                    offices=link.offices,
                    password_hash=password_hash,
                    created=at,
                )
                session.add(user)
                session.flush()
                note(session, at, user.id, "account.made", user.id)
        except IntegrityError:
            raise NameTaken from None
        return caseworker_of(user)

    def sign_in(self, name: str, password: str, *, network: str = "", instead_of: str = "") -> str:
        """A session token for the cookie. Raises SignInRefused, SignInLocked.

        `network` is where the call comes from; `instead_of` is the token that the browser had, whose session ends.
        """
        at = self._now()
        user = self._checked(_name_key(name), password, network, at)
        renewed = self._passwords.renewed(user.password_hash, password)
        with self._records.session() as session:
            if renewed is not None:
                session.execute(update(User).where(User.id == user.id).values(password_hash=renewed))
            desk_sessions.end(session, instead_of, at)
            token = desk_sessions.begin(session, user.id, at, self._missing(user))
            note(session, at, user.id, "desk.signed_in")
        return token

    def _missing(self, user: User) -> str:
        """What a session of this caseworker waits for after the password."""
        if user.totp is not None:
            return desk_sessions.CODE
        return desk_sessions.SET_UP if user.role in self._two_steps else ""

    def change_password(self, user: Caseworker, current: str, new: str, *, network: str = "") -> str:
        """The token of a new session, the only one that the caseworker has afterwards.

        Raises SignInRefused for a wrong current password, SignInLocked, WeakPassword, CommonPassword.
        """
        at = self._now()
        self._checked(_name_key(user.name), current, network, at)
        password_hash = self._passwords.hash(new, user.name)
        with self._records.session() as session:
            session.execute(update(User).where(User.id == user.id).values(password_hash=password_hash))
            desk_sessions.end_all(session, user.id)
            token = desk_sessions.begin(session, user.id, at)
            note(session, at, user.id, "account.password_changed", user.id)
        return token

    def close(self, name: str) -> bool:
        """Close an account for good and end its sessions. False for a name that has none. What is claimed stays claimed."""
        at = self._now()
        with self._records.session() as session:
            user = session.scalar(select(User).where(User.name_key == _name_key(name), User.disabled.is_(False)))
            if user is None:
                return False
            user.disabled = True
            desk_sessions.end_all(session, user.id)
            note(session, at, "", "account.closed", user.id)
        return True

    def take_second_step(self, name: str) -> bool:
        """For a command: phone and codes are lost. Ends the sessions. False for a name that has no open account."""
        with self._records.session() as session:
            user = session.scalar(select(User).where(User.name_key == _name_key(name), User.disabled.is_(False)))
            if user is None:
                return False
            second_step.reset(session, user.id, self._now(), OPERATOR)
        return True

    def session(self, token: str, *, acting: bool = True) -> SignedIn | None:
        """Who the token belongs to, or None. `acting` is false for a page that only asks for news by itself."""
        at = self._now()
        with self._records.reading() as session:
            found = desk_sessions.find(session, token, at)
            if found is None:
                return None
            row, user = found
            signed_in = SignedIn(caseworker_of(user), row.csrf, row.waits_for)
            stale = at - (row.acted_at if acting else row.seen_at) >= SEEN_STEP
        if stale:
            times = {"seen_at": at, "acted_at": at} if acting else {"seen_at": at}
            with self._records.session() as session:
                session.execute(update(DeskSession).where(DeskSession.token_hash == hash_of(token)).values(times))
        return signed_in

    def sign_out(self, token: str) -> None:
        """End the session. Unknown tokens are nothing to worry about."""
        with self._records.session() as session:
            desk_sessions.end(session, token, self._now())

    def _checked(self, name_key: str, password: str, network: str, at: datetime) -> User:
        """The caseworker of that name, if the password is right. Raises SignInRefused, SignInLocked."""
        key = failed_sign_ins.key_of(name_key, network)
        with self._records.reading() as session:
            if failed_sign_ins.locked(session, key, at):
                raise SignInLocked
            user = session.scalar(select(User).where(User.name_key == name_key, User.disabled.is_(False)))
        if not self._passwords_count:
            user = None
        # Outside a transaction: it is slow on purpose.
        # Who signs in elsewhere has no password, and none is right.
        if not self._passwords.check((user.password_hash or None) if user else None, password) or user is None:
            failed_sign_ins.add(self._records, key, at)
            raise SignInRefused
        with self._records.session() as session:
            failed_sign_ins.forget(session, key)
        return user

    def _link(
        self,
        session: Session,
        at: datetime,
        purpose: str,
        role: Role = Role.CASEWORKER,
        offices: Collection[str] = (),
    ) -> str:
        token = secrets.token_urlsafe(32)
        row = OneTimeLink(token_hash=hash_of(token), purpose=purpose, expires_at=at + LINK_LIFE)
        row.role, row.offices = role.value, " ".join(sorted(offices))
        session.add(row)
        return token


def caseworker_of(user: User) -> Caseworker:
    return Caseworker(user.id, user.name, user.role, frozenset(user.offices.split()))


def _one_line(name: str) -> str:
    # A zero is no letter of a name, and PostgreSQL takes none.
    return " ".join(name.encode("utf-8", "replace").decode("utf-8").replace("\0", "").split())


def _name_key(name: str) -> str:
    return unicodedata.normalize("NFKC", _one_line(name)).casefold()[:80]
