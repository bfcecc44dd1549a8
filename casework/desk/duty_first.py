"""The question before anything ends with a report that is not made: the same for a chat and for a contact."""

from __future__ import annotations

import asyncio

from starlette.responses import Response

from casework.desk.guard import Call
from casework.desk.pages import Pages
from casework.desk.shelf import Shelf
from casework.duties import Duties


class DutyFirst:
    def __init__(self, duties: Duties, pages: Pages, shelf: Shelf) -> None:
        self._duties = duties
        self._pages = pages
        self._shelf = shelf

    async def asks(self, call: Call, sure: str | None, **sent: str) -> Response | None:
        """None where no report is due, or it was answered. `sent` is what else the form said, to be sent again."""
        duty = await asyncio.to_thread(self._duties.find, call.handover_id, call.user)
        checklist = self._shelf.checklists.get(duty.checklist) if duty is not None else None
        if sure or checklist is None:
            return None
        return self._pages.show(
            "not_reported.html",
            call=call,
            duty=duty,
            report=checklist.report,
            now=self._duties.now(),
            sent={"sure": "1", **sent},
        )
