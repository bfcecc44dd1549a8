"""Who is to be invited again, by the agency's rule. Never what anybody answered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from casework.records.base import Base, Utc


class FollowUp(Base):
    """A case that is to be asked again. Case reference and claims are sealed; the hash finds it again."""

    __tablename__ = "follow_up"

    id: Mapped[str] = mapped_column(String(22), primary_key=True)
    case_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """Keyed hash of programme and case reference."""
    claims: Mapped[bytes] = mapped_column("claims_sealed", LargeBinary)
    occasion: Mapped[int]
    """The one that comes next."""
    due_at: Mapped[datetime] = mapped_column(Utc, index=True)
    """Midnight of the day, by the agency's clock: no hour that could tell when somebody was here."""
