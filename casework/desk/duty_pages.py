"""A duty to report after the request is over: its clock, whom to call, the form to print, and closing it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.responses import RedirectResponse, Response

from casework.desk.forms import DutyForm
from casework.desk.guard import Call
from casework.desk.live import QUEUE
from casework.desk.pages import Pages
from casework.desk.shelf import Shelf
from casework.duties import Duties, Duty, How
from casework.refusals import UnknownHandover
from casework.work import Work
from screening.catalogue.checklists import Checklist


class DutyPages:
    """`ring` wakes the queues that are open."""

    def __init__(self, duties: Duties, pages: Pages, shelf: Shelf, ring: Callable[[str], None]) -> None:
        self._duties = duties
        self._pages = pages
        self._shelf = shelf
        self._ring = ring

    async def duty(self, call: Call) -> Response:
        return await self._page(call)

    async def duty_report(self, call: Call) -> Response:
        """The form to fill in and print. What was erased is not in it."""
        duty, checklist = await self._find(call)
        back, work = f"/desk/duty/{call.handover_id}", Work(learnt_at=duty.learnt_at)
        return self._pages.show(
            "report.html", call=call, back=back, checklist=checklist, work=work, now=self._duties.now()
        )

    async def duty_close(self, call: Call) -> Response:
        form = await call.form(DutyForm)
        _, checklist = await self._find(call)
        if form.errors:
            return await self._page(call, status_code=422, problem="duty")
        await asyncio.to_thread(self._duties.close, call.handover_id, call.user, How(form.data["how"]), checklist)
        self._ring(QUEUE)
        return RedirectResponse("/desk", status_code=303)

    async def _page(self, call: Call, *, status_code: int = 200, problem: str | None = None) -> Response:
        duty, checklist = await self._find(call)
        return self._pages.show(
            "duty.html",
            status_code=status_code,
            call=call,
            duty=duty,
            checklist=checklist,
            hows=list(How),
            line=self._shelf.line,
            now=self._duties.now(),
            problem=problem,
        )

    async def _find(self, call: Call) -> tuple[Duty, Checklist]:
        """Raises UnknownHandover where it is closed, or not this caseworker's to see."""
        duty = await asyncio.to_thread(self._duties.find, call.handover_id, call.user)
        checklist = self._shelf.checklists.get(duty.checklist) if duty is not None else None
        if duty is None or checklist is None or checklist.report is None:
            raise UnknownHandover(call.handover_id)
        return duty, checklist
