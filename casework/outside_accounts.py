"""Accounts of those who sign in at the agency's own service: made at the first time, role and name as the service says."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import select

from casework import desk_sessions
from casework.audit import note
from casework.records import Records, User
from casework.roles import Role

LONGEST_NAME = 80


class NoRole(Exception):
    """The service knows the person, and says nothing that is a role here; or the account was closed here."""


@dataclass(frozen=True)
class Mapped:
    """Which of the service's claims mean what here. In each mapping the first that the person has counts for the role."""

    name_claim: str
    role_claim: str
    roles: Mapping[str, Role]
    office_claim: str = ""
    offices: Mapping[str, str] | None = None

    def role(self, claims: Mapping[str, Any]) -> Role | None:
        has = _values(claims, self.role_claim)
        return next((role for value, role in self.roles.items() if value in has), None)

    def offices_of(self, claims: Mapping[str, Any]) -> list[str] | None:
        """None if nobody's offices are limited. A person without one that is known has none of them."""
        if not self.office_claim or self.offices is None:
            return None
        has = _values(claims, self.office_claim)
        return sorted({office for value, office in self.offices.items() if value in has})


class OutsideAccounts:
    """`now` gives aware times."""

    def __init__(self, records: Records, mapped: Mapped, now: Callable[[], datetime]) -> None:
        self._records = records
        self._mapped = mapped
        self._now = now

    def sign_in(self, claims: Mapping[str, Any], *, instead_of: str = "") -> str:
        """A session token for the person of these claims, which were checked. Raises NoRole: then old sessions end too."""
        at = self._now()
        subject = sha256(f"{claims['iss']}\n{claims['sub']}".encode()).hexdigest()
        name = " ".join(str(claims.get(self._mapped.name_claim) or "").replace("\0", "").split())[:LONGEST_NAME]
        role, offices = self._mapped.role(claims), self._mapped.offices_of(claims)
        allowed = role is not None and bool(name) and offices != []
        with self._records.session() as session:
            user = session.scalar(select(User).where(User.subject_hash == subject).with_for_update())
            if user is not None and (not allowed or user.disabled):
                desk_sessions.end_all(session, user.id)
                note(session, at, user.id, "desk.refused_outside")
            elif role is not None and allowed:
                if user is None:
                    user = User(id=secrets.token_urlsafe(16), name_key=f"outside {subject}", password_hash="")
                    user.subject_hash, user.created, user.disabled = subject, at, False
                    session.add(user)
                user.name, user.role, user.offices = name, role.value, " ".join(offices or ())
                session.flush()
                desk_sessions.end(session, instead_of, at)
                token = desk_sessions.begin(session, user.id, at)
                note(session, at, user.id, "desk.signed_in_outside")
                return token
        raise NoRole


def _values(claims: Mapping[str, Any], claim: str) -> list[str]:
    """A claim as a list: a text counts as one, what is neither as none."""
    value = claims.get(claim)
    if isinstance(value, str):
        return [value]
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
