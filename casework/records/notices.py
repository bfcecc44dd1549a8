"""The table of news that goes out of the desk."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from casework.records.base import Utc
from casework.records.errand import Errand


class Notice(Errand):
    """One piece of news for one way out. Ids and fixed words: nothing that anybody said, no number, no urgency."""

    __tablename__ = "notice"
    __table_args__ = (Index("ix_notice_status_next_at", "status", "next_at"),)
    under_way = "telling"

    id: Mapped[str] = mapped_column(String(22), primary_key=True)
    """The same for every way out, and for every try."""
    way: Mapped[str] = mapped_column(String(20), primary_key=True)
    what: Mapped[str] = mapped_column(String(30))
    """`handover.waiting` and so on."""
    handover_id: Mapped[str] = mapped_column(String(22), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    """Chat or contact."""
    at: Mapped[datetime] = mapped_column(Utc)
    status: Mapped[str] = mapped_column(String(10))
    reference: Mapped[str] = mapped_column(String(100), default="", server_default="")
    """What the other system calls it, where it said so."""
