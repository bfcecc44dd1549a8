"""News is written down in the transaction in which it happens, once for each way out that wants it."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy.orm import Session

from casework.out.way import Wants, What
from casework.records import Handover, Notice
from casework.records.database import WAYS_OUT


def tell(session: Session, handover: Handover, what: What, at: datetime) -> None:
    """Nothing is written where nobody wants to know."""
    wants: Wants = session.info.get(WAYS_OUT, {})
    news_id = secrets.token_urlsafe(16)
    for way in sorted(way for way, wanted in wants.items() if what in wanted):
        session.add(
            Notice(
                id=news_id,
                way=way,
                what=what.value,
                handover_id=handover.id,
                kind=handover.kind,
                at=at,
                status="waiting",
                next_at=at,
            )
        )
