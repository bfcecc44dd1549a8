"""What to do next: checklists that are ticked, the clock of a duty to report, and the form to print. Nothing sends itself."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.responses import RedirectResponse, Response

from casework.desk.forms import TickForm
from casework.desk.guard import Call
from casework.desk.pages import Pages
from casework.desk.shelf import Shelf
from casework.desk.way_in import FROM_SCRIPT
from casework.handover import HandoverDesk
from casework.refusals import UnknownHandover
from casework.ticking import Ticking


class NextStepPages:
    def __init__(self, handovers: HandoverDesk, ticking: Ticking, pages: Pages, shelf: Shelf) -> None:
        self._handovers = handovers
        self._ticking = ticking
        self._pages = pages
        self._shelf = shelf

    async def next_steps(self, call: Call) -> Response:
        """All the checklists on a page of their own."""
        await asyncio.to_thread(self._handovers.held_by, call.handover_id, call.user)
        work = await asyncio.to_thread(self._ticking.work, call.handover_id)
        return self._pages.show(
            "next.html",
            call=call,
            handover_id=call.handover_id,
            checklists=self._shelf.in_order,
            line=self._shelf.line,
            work=work,
            now=self._handovers.now(),
        )

    async def tick(self, call: Call) -> Response:
        """Keep what is ticked in one checklist. What a script sends is answered with the clock alone."""
        form = await call.form(TickForm)
        checklist = self._shelf.checklists.get(call.request.path_params["checklist"])
        if checklist is None:
            raise UnknownHandover(call.handover_id)
        steps = frozenset(form.data["done"] or ())
        work = await asyncio.to_thread(self._ticking.tick, call.handover_id, call.user, checklist, steps)
        if FROM_SCRIPT in call.request.headers:
            shown: dict[str, Any] = {"handover_id": call.handover_id, "checklist": checklist, "work": work}
            return self._pages.show("clock.html", call=call, now=self._handovers.now(), **shown)
        return RedirectResponse(f"/desk/handover/{call.handover_id}/next#{checklist.id}", status_code=303)

    async def report(self, call: Call) -> Response:
        """The form of a duty to report, to fill in and print. What is written there stays in the browser."""
        await asyncio.to_thread(self._handovers.held_by, call.handover_id, call.user)
        checklist = self._shelf.checklists.get(call.request.path_params["checklist"])
        if checklist is None or checklist.report is None:
            raise UnknownHandover(call.handover_id)
        work = await asyncio.to_thread(self._ticking.work, call.handover_id)
        return self._pages.show(
            "report.html",
            call=call,
            back=f"/desk/handover/{call.handover_id}",
            checklist=checklist,
            work=work,
            now=self._handovers.now(),
        )
