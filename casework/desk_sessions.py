"""Sessions at the desk: a random token in one browser's cookie, its hash here, 30 minutes without an act, 12 hours at most."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from casework.audit import note
from casework.caseworker import Caseworker
from casework.records import DeskSession, User
from casework.roles import ANSWERING

IDLE_LIMIT = timedelta(minutes=30)
SESSION_LIFE = timedelta(hours=12)
CODE, SET_UP = "code", "set_up"
"""What a session may wait for: the code of the second step, or that there is a second step at all."""


@dataclass(frozen=True)
class SignedIn:
    """A valid desk session."""

    user: Caseworker
    csrf: str = field(repr=False)
    waits_for: str = ""
    """Until it is empty, the session is good for nothing but what it waits for."""


def begin(session: Session, user_id: str, at: datetime, waits_for: str = "") -> str:
    """A new session's token. Those that are past their time go."""
    token = secrets.token_urlsafe(32)
    session.execute(delete(DeskSession).where(DeskSession.expires_at <= at))
    session.add(
        DeskSession(
            token_hash=hash_of(token),
            user_id=user_id,
            csrf=secrets.token_urlsafe(32),
            acted_at=at,
            seen_at=at,
            expires_at=at + SESSION_LIFE,
            waits_for=waits_for,
        )
    )
    return token


def find(session: Session, token: str, at: datetime) -> tuple[DeskSession, User] | None:
    """The session of the token with its caseworker, unless either is over."""
    row = session.get(DeskSession, hash_of(token))
    if row is None or row.expires_at <= at or at - row.acted_at >= IDLE_LIMIT:
        return None
    user = session.get(User, row.user_id)
    return None if user is None or user.disabled else (row, user)


def end(session: Session, token: str, at: datetime) -> None:
    """End the session. Unknown tokens are nothing to worry about."""
    row = session.get(DeskSession, hash_of(token))
    if row is not None:
        session.delete(row)
        note(session, at, row.user_id, "desk.signed_out")


def drop(session: Session, token: str) -> None:
    """Remove a session that another one takes the place of."""
    session.execute(delete(DeskSession).where(DeskSession.token_hash == hash_of(token)))


def end_all(session: Session, user_id: str) -> None:
    """End every session of a caseworker."""
    session.execute(delete(DeskSession).where(DeskSession.user_id == user_id))


def someone_present(session: Session, at: datetime, within: timedelta, office: str = "") -> bool:
    """Whether the page of somebody who can answer there gave a sign of life within that time."""
    query = of_those_who_answer(User.offices).where(
        DeskSession.seen_at > at - within, DeskSession.acted_at > at - IDLE_LIMIT, DeskSession.expires_at > at
    )
    return any(not office or not offices or office in offices.split() for offices in session.scalars(query))


def of_those_who_answer(*columns: Any) -> Select[Any]:
    """Columns of the sessions, and their users, of everybody who can answer a person and has signed in wholly."""
    return (
        select(*columns)
        .select_from(DeskSession)
        .join(User, User.id == DeskSession.user_id)
        .where(User.disabled.is_(False), User.role.in_(ANSWERING), DeskSession.waits_for == "")
    )


def hash_of(token: str) -> str:
    """What is kept of a token. It has 256 random bits, so that a plain hash is enough."""
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
