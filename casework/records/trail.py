"""Tables of what was done (audit) and how often (counters)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from casework.records.base import Base, Utc


class AuditEntry(Base):
    """Who did what about which record. No content."""

    __tablename__ = "audit"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Utc)
    who: Mapped[str] = mapped_column(String(22))
    what: Mapped[str] = mapped_column(String(40))
    about: Mapped[str] = mapped_column(String(40), index=True)
    why: Mapped[str] = mapped_column(String(20), server_default="")
    hash: Mapped[str] = mapped_column(String(64))


class AuditTip(Base):
    """The newest entry: one row, locked while the next is written. And where the chain begins: what was before is trimmed."""

    __tablename__ = "audit_tip"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
    from_seq: Mapped[int] = mapped_column(server_default="0")
    """The last entry that was trimmed; 0 when all are there."""
    from_hash: Mapped[str] = mapped_column(String(64), server_default="0" * 64)


class Counter(Base):
    """An anonymous figure (promise P10)."""

    __tablename__ = "counter"

    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    """`2026-11`, Swedish time"""
    agency: Mapped[str] = mapped_column(String(60), primary_key=True)
    region: Mapped[str] = mapped_column(String(60), primary_key=True)
    programme: Mapped[str] = mapped_column(String(60), primary_key=True)
    channel: Mapped[str] = mapped_column(String(10), primary_key=True)
    locale: Mapped[str] = mapped_column(String(20), primary_key=True)
    sex: Mapped[str] = mapped_column(String(10), primary_key=True)
    age_band: Mapped[str] = mapped_column(String(20), primary_key=True)
    occasion: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    what: Mapped[str] = mapped_column(String(80), primary_key=True)
    n: Mapped[int]


class Counted(Base):
    """What was counted and is not among the figures yet, sealed: see `casework.counting`. Without a place in any order."""

    __tablename__ = "counted"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - SQLAlchemy's own form

    id: Mapped[str] = mapped_column(String(22), primary_key=True)
    counts: Mapped[bytes] = mapped_column("counts_sealed", LargeBinary)


class CountingBatch(Base):
    """The batch that is being counted in: one row, locked while a batch is closed."""

    __tablename__ = "counting_batch"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(22))
    """Its key has the owner `counting:<name>`."""
