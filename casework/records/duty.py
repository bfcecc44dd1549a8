"""Reports that somebody at the desk is bound to make. No person and no answer: only which request, who learnt it, and when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from casework.records.base import Base, Utc


class ReportDuty(Base):
    """One duty, from the tick until it is closed. Then the row goes. It outlives the request it was learnt in."""

    __tablename__ = "report_duty"

    handover_id: Mapped[str] = mapped_column(String(22), primary_key=True)
    """The request's reference. The request itself may be gone."""
    checklist: Mapped[str] = mapped_column(String(40))
    user_id: Mapped[str] = mapped_column(ForeignKey("caseworker.id"), index=True)
    """Who ticked."""
    office: Mapped[str] = mapped_column(String(60))
    """Whose colleagues see it too. Empty: everybody's."""
    learnt_at: Mapped[datetime] = mapped_column(Utc)
    ends_at: Mapped[datetime] = mapped_column(Utc)
    """When the checklist's hours are over: a house rule, the law says at once."""
