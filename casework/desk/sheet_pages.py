"""Simple forms for what coordinators change often: a contact, a text, the agency's limits, its hours and its roster."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from casework.coordinator import Coordinator, Locked
from casework.desk.admin_forms import SheetForm
from casework.desk.content_pages import ContentsDesk
from casework.desk.guard import Call
from casework.desk.pages import Pages
from casework.sheets.ahead import days_ahead
from casework.sheets.filled import Filled, fill, open_sheet
from casework.sheets.rewriting import NotRewritten
from casework.sheets.sheet import LIMITS, ROSTER, Sheet
from screening.catalogue.document import Fault

ROSTER_AT = "/desk/contents/roster"


class SheetPages:
    """`contents` is None where nothing can be changed: then there are no such pages."""

    def __init__(self, contents: ContentsDesk | None, pages: Pages) -> None:
        self._contents = contents
        self._pages = pages

    async def sheet(self, call: Call) -> Response:
        """A form for one thing in one file."""
        query = call.request.query_params
        return await self._answer(call, query.get("path", ""), query.get("item", ""))

    async def roster(self, call: Call) -> Response:
        """Who is to be there when, when it is open, and the days ahead as they are then."""
        if self._contents is None:
            return self._pages.calm("missing", 404, call=call)
        return await self._answer(call, self._contents.coordinator.agency_file, ROSTER)

    async def _answer(self, call: Call, path: str, item: str) -> Response:
        if self._contents is None:
            return self._pages.calm("missing", 404, call=call)
        try:
            if call.request.method == "GET":
                return await self._opened(call, self._contents.coordinator, path, item)
            return await self._sent(call, self._contents, path, item)
        except Locked:
            return self._pages.calm("missing", 404, call=call)

    async def _opened(self, call: Call, coordinator: Coordinator, path: str, item: str) -> Response:
        sheet, before = await asyncio.to_thread(open_sheet, coordinator, path, item, call.user)
        saved = "saved" in call.request.query_params
        return await self._show(call, coordinator, sheet, before=before, saved=saved)

    async def _sent(self, call: Call, contents: ContentsDesk, path: str, item: str) -> Response:
        form, coordinator = await call.form(SheetForm), contents.coordinator
        sent, seen = form.sent, form.data["before"] or ""
        try:
            filled = await asyncio.to_thread(
                fill, coordinator, path, item, sent, seen, call.user, form.data["confirmed"] or ""
            )
        except NotRewritten:
            sheet, before = await asyncio.to_thread(open_sheet, coordinator, path, item, call.user)
            return await self._show(call, coordinator, sheet, 422, before=before, problem="not_written")
        if filled.fresh is not None:
            contents.saved(filled.fresh)
        elif filled.asks is not None:
            return await self._show(call, coordinator, filled.sheet, 409, before=seen, asks=filled.asks)
        elif filled.faults or filled.meanwhile:
            return await self._refused(call, coordinator, filled, seen)
        # What is not a field of the form is in the address. Where nothing was changed there is nothing more to say.
        at = ROSTER_AT if item == ROSTER else "/desk/contents/form"
        told = ({"path": path, "item": item} if item != ROSTER else {}) | ({"saved": "1"} if filled.fresh else {})
        return RedirectResponse(f"{at}?{urlencode(told)}", status_code=303)

    async def _refused(self, call: Call, coordinator: Coordinator, filled: Filled, seen: str) -> Response:
        """What was sent stays in the form. After a change by somebody else, it counts as made from what is there now."""
        before, problem, status = seen, "faults", 422
        if filled.meanwhile:
            sheet = filled.sheet
            _, before = await asyncio.to_thread(open_sheet, coordinator, sheet.path, sheet.title.item, call.user)
            problem, status = "meanwhile_form", 409
        return await self._show(
            call, coordinator, filled.sheet, status, before=before, problem=problem, faults=filled.faults
        )

    async def _show(
        self, call: Call, coordinator: Coordinator, sheet: Sheet, status_code: int = 200, **shown: Any
    ) -> Response:
        faults: tuple[Fault, ...] = shown.get("faults", ())
        groups = sheet.groups
        names = {field.name for group in groups for field in group.fields}
        by_field = {name: [one for one in faults if one.item == name and one.file == sheet.path] for name in names}
        more = {
            "sheet": sheet,
            "groups": groups,
            "by_field": by_field,
            "others": [one for one in faults if one.item not in names or one.file != sheet.path],
            "counts_from": _counts_from(sheet),
            "days": await self._days(call, coordinator) if sheet.title.item == ROSTER else (),
            "address": urlencode({"path": sheet.path, "item": sheet.title.item}),
            "file_address": urlencode({"path": sheet.path}),
            "is_roster": sheet.title.item == ROSTER,
        }
        given = {"problem": None, "saved": False, "asks": None} | shown | more
        return self._pages.show("sheet.html", status_code=status_code, call=call, **given)

    async def _days(self, call: Call, coordinator: Coordinator) -> Any:
        agency = await asyncio.to_thread(coordinator.agency)
        return days_ahead(agency, coordinator.now(), str(self._pages.words(call.request)["lang"]))


def _counts_from(sheet: Sheet) -> str:
    """The word for when a change counts, where that is not at once."""
    if sheet.title.item == ROSTER:
        return ""
    return "limits" if sheet.title.item == LIMITS else Coordinator.counts_from(sheet.path)
