"""What a table of errands has: whatever is to be delivered elsewhere, and may have to be tried again."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from casework.records.base import Base, Utc


class Errand(Base):
    """One errand. `casework.errands` takes it, tries again and puts it aside."""

    __abstract__ = True

    under_way: ClassVar[str]
    """The status of one that a process has taken."""
    status: Mapped[str] = mapped_column(String(12))
    tries: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(Utc)
    """When it is due; for one that is under way, when whoever took it is taken for dead."""
