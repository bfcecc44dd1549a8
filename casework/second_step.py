"""The second step of signing in: a code from a phone (RFC 6238), or one of ten that were written down.

The secret is sealed under a lasting key, which is not in the database; the ten codes are kept as keyed hashes and work
once. A code of the phone counts once too, and three in a row: the one before, this one and the next (clocks differ).
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from datetime import datetime

import pyotp
from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session

from casework import desk_sessions, failed_sign_ins
from casework.audit import note
from casework.caseworker import Caseworker
from casework.keyed_hash import keyed
from casework.keys import seal, unseal
from casework.records import Records, RecoveryCode, User

KEY = "second step"
SECONDS = 30
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
"""Without signs that are mistaken for each other."""
CODES, CODE_LENGTH = 10, 12


class WrongCode(Exception):
    """Not the code, or one that was used before."""


class CodeLocked(Exception):
    """Too many wrong codes in a row. Passes by itself after 15 minutes."""


class SecondStep:
    """`now` gives aware times."""

    def __init__(self, records: Records, now: Callable[[], datetime]) -> None:
        self._records = records
        self._now = now

    def is_set_up(self, user: Caseworker) -> bool:
        with self._records.reading() as session:
            return session.get_one(User, user.id).totp is not None

    def offer(self, user: Caseworker) -> str:
        """The secret to be put into a phone, the same until it is confirmed. Base 32."""
        with self._records.session() as session:
            row = session.get_one(User, user.id, with_for_update=True)
            if row.totp_offered is None:
                row.totp_offered = self._sealed(user.id, pyotp.random_base32())
            return self._opened(user.id, row.totp_offered)

    def confirm(self, user: Caseworker, code: str) -> tuple[str, list[str]]:
        """From now on signing in takes a code. Returns a new session's token, the only one left, and the recovery codes.

        Raises WrongCode, CodeLocked.
        """
        at = self._now()
        self._failed(user.id, at, count=False)
        with self._records.reading() as session:
            offered = session.get_one(User, user.id).totp_offered
        step = None if offered is None else _step(self._opened(user.id, offered), code, 0, at)
        if step is None:
            self._failed(user.id, at)
            raise WrongCode
        codes = [_new_code() for _ in range(CODES)]
        with self._records.session() as session:
            row = session.get_one(User, user.id, with_for_update=True)
            row.totp, row.totp_offered, row.totp_step = offered, None, step
            session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
            session.add_all(RecoveryCode(code_hash=self._hash(user.id, one), user_id=user.id) for one in codes)
            desk_sessions.end_all(session, user.id)
            note(session, at, user.id, "second_step.set_up", user.id)
            return desk_sessions.begin(session, user.id, at), codes

    def check(self, user: Caseworker, token: str, code: str) -> str:
        """A new session's token in place of the one that waited for the code. Raises WrongCode, CodeLocked."""
        at = self._now()
        self._failed(user.id, at, count=False)
        with self._records.session() as session:
            how = self._used(session, user.id, code, at)
            if how:
                failed_sign_ins.forget(session, _counted_as(user.id))
                desk_sessions.drop(session, token)
                note(session, at, user.id, how, user.id)
                return desk_sessions.begin(session, user.id, at)
        self._failed(user.id, at)
        raise WrongCode

    def left(self, user: Caseworker) -> int:
        """How many recovery codes are left."""
        with self._records.reading() as session:
            return len(session.scalars(select(RecoveryCode.code_hash).filter_by(user_id=user.id)).all())

    def _used(self, session: Session, user_id: str, code: str, at: datetime) -> str:
        """What is noted of it, or nothing for a wrong code. Two at once with the same code: one wins."""
        row = session.get_one(User, user_id, with_for_update=True)
        step = None if row.totp is None else _step(self._opened(user_id, row.totp), code, row.totp_step, at)
        if step is not None:
            taken = session.execute(
                update(User).where(User.id == user_id, User.totp_step < step).values(totp_step=step)
            )
            assert isinstance(taken, CursorResult)
            return "second_step.passed" if taken.rowcount == 1 else ""
        written = session.execute(
            delete(RecoveryCode).where(
                RecoveryCode.code_hash == self._hash(user_id, code), RecoveryCode.user_id == user_id
            )
        )
        assert isinstance(written, CursorResult)
        return "second_step.recovered" if written.rowcount == 1 else ""

    def _failed(self, user_id: str, at: datetime, *, count: bool = True) -> None:
        """Count one failure, whatever network it comes from: whoever gets here knows the password. Raises CodeLocked."""
        with self._records.reading() as session:
            if failed_sign_ins.locked(session, _counted_as(user_id), at):
                raise CodeLocked
        if count:
            failed_sign_ins.add(self._records, _counted_as(user_id), at)

    def _hash(self, user_id: str, code: str) -> str:
        plain = "".join(sign for sign in code.lower() if sign.isalnum())
        return keyed(self._records.keys, "recovery", f"{user_id}:{plain}")

    def _sealed(self, user_id: str, secret: str) -> bytes:
        return seal(self._records.keys.lasting(KEY), secret.encode(), place(user_id))

    def _opened(self, user_id: str, sealed: bytes) -> str:
        return unseal(self._records.keys.lasting(KEY), sealed, place(user_id)).decode()


def reset(session: Session, user_id: str, at: datetime, by: str) -> None:
    """Take the second step away, for a phone that is lost together with the codes. Ends the sessions."""
    session.execute(update(User).where(User.id == user_id).values(totp=None, totp_offered=None, totp_step=0))
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    desk_sessions.end_all(session, user_id)
    note(session, at, by, "second_step.reset", user_id)


def place(user_id: str) -> str:
    """Where the sealed secret belongs."""
    return f"caseworker:{user_id}:totp"


def _step(secret: str, code: str, after: int, at: datetime) -> int | None:
    """The time step that the code is for, if it is one of three and later than `after`."""
    given = "".join(code.split())
    now = int(at.timestamp()) // SECONDS
    right = [step for step in (now - 1, now, now + 1) if hmac.compare_digest(_at(secret, step), given.encode())]
    return next((step for step in right if step > after), None)


def _at(secret: str, step: int) -> bytes:
    return pyotp.TOTP(secret, interval=SECONDS).generate_otp(step).encode()


def _new_code() -> str:
    signs = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    return "-".join(signs[n : n + 4] for n in range(0, CODE_LENGTH, 4))


def _counted_as(user_id: str) -> str:
    return failed_sign_ins.key_of(f"second step {user_id}", "")
