"""Tables of those who sign in at the desk."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from casework.records.base import Base, Utc


class User(Base):
    """A caseworker. (The table is not called `user`: PostgreSQL keeps that word.)"""

    __tablename__ = "caseworker"

    id: Mapped[str] = mapped_column(String(22), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    name_key: Mapped[str] = mapped_column(String(80), unique=True)
    """The name folded for comparison."""
    role: Mapped[str] = mapped_column(String(20))
    offices: Mapped[str] = mapped_column(String(400), default="", server_default="")
    """Ids with spaces between. Empty: all offices."""
    password_hash: Mapped[str] = mapped_column(String(200))
    """Empty: signs in elsewhere."""
    subject_hash: Mapped[str | None] = mapped_column(String(64), index=True, unique=True)
    """Who it is at the agency's own sign-in service (issuer and subject)."""
    totp: Mapped[bytes | None] = mapped_column("totp_sealed", LargeBinary)
    """The secret of the second step. None: there is no second step."""
    totp_offered: Mapped[bytes | None] = mapped_column("totp_offered_sealed", LargeBinary)
    """A secret that has been shown and not yet confirmed."""
    totp_step: Mapped[int] = mapped_column(default=0, server_default="0")
    """The time step of the last code that was taken: no code counts twice."""
    created: Mapped[datetime] = mapped_column(Utc)
    disabled: Mapped[bool] = mapped_column(default=False)


class DeskSession(Base):
    """A signed-in browser. The token itself is only in the cookie."""

    __tablename__ = "desk_session"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("caseworker.id"), index=True)
    csrf: Mapped[str] = mapped_column(String(43))
    acted_at: Mapped[datetime] = mapped_column(Utc)
    """The last thing the caseworker did: the idle limit counts from here."""
    seen_at: Mapped[datetime] = mapped_column(Utc, index=True)
    """The last sign of an open page, polling included: presence counts from here."""
    expires_at: Mapped[datetime] = mapped_column(Utc)
    waits_for: Mapped[str] = mapped_column(String(10), default="", server_default="")
    """What is missing before the session counts: `code`, `set_up`, or nothing."""


class RecoveryCode(Base):
    """One of the codes that stand in for a lost phone, as a keyed hash. Gone when it is used."""

    __tablename__ = "recovery_code"

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("caseworker.id"), index=True)


class OneTimeLink(Base):
    """A link that makes one account, once."""

    __tablename__ = "one_time_link"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(20))
    role: Mapped[str] = mapped_column(String(20), default="caseworker", server_default="caseworker")
    offices: Mapped[str] = mapped_column(String(400), default="", server_default="")
    expires_at: Mapped[datetime] = mapped_column(Utc)
    used_at: Mapped[datetime | None] = mapped_column(Utc)


class FailedSignIn(Base):
    """Failures in a row for one name, known or not, from one network. Neither is kept itself."""

    __tablename__ = "failed_sign_in"

    name_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    n: Mapped[int]
    locked_until: Mapped[datetime | None] = mapped_column(Utc)
    last_at: Mapped[datetime | None] = mapped_column(Utc)
