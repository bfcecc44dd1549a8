"""The coordinator's pages: what can be changed, what expires soon, editing with history, and a preview of any path."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from starlette.responses import RedirectResponse, Response

from casework.coordinator import Coordinator, Locked, Refused, name_of
from casework.desk.admin_forms import ContentForm, RevertForm
from casework.desk.file_names import kind_of
from casework.desk.guard import Call
from casework.desk.pages import Pages
from casework.desk.preview_screen import Asked, Preview
from casework.edits import Meanwhile, mark
from casework.sheets.sheet import titles
from casework.to_confirm import Unconfirmed
from screening.catalogue.load import Catalogue


@dataclass(frozen=True)
class ContentsDesk:
    """What the pages work through. `saved` gets the new catalogue, on the event loop."""

    coordinator: Coordinator
    preview: Preview
    saved: Callable[[Catalogue], None]


class ContentPages:
    """`contents` is None where nothing can be changed: then there are no such pages."""

    def __init__(self, contents: ContentsDesk | None, pages: Pages) -> None:
        self._contents = contents
        self._pages = pages

    async def contents(self, call: Call) -> Response:
        if self._contents is None:
            return self._pages.calm("missing", 404, call=call)
        coordinator = self._contents.coordinator
        files = await asyncio.to_thread(coordinator.files, call.user)
        contacts = await asyncio.to_thread(coordinator.contacts)
        check_days = await asyncio.to_thread(lambda: coordinator.check_days)
        # In the order of the words, which is that of a conversation.
        order = list(self._pages.admin_words(call.request)["file_names"])
        files = sorted(files, key=lambda file: (_place(order, kind_of(file.path)), file.path))
        shown: dict[str, Any] = {"files": files, "contacts": contacts, "check_days": check_days}
        return self._pages.show("contents.html", call=call, **shown)

    async def content(self, call: Call) -> Response:
        """One file: its text in a form, and its history."""
        path = call.request.query_params.get("path", "")
        if call.request.method == "GET":
            return await self._file(call, path, saved="saved" in call.request.query_params)
        form = await call.form(ContentForm)
        text, seen, yes = form.data["text"] or "", form.data["before"] or "", form.data["confirmed"] or ""
        return await self._changed(call, path, text, lambda desk: desk.save(path, text, seen, call.user, yes))

    async def content_revert(self, call: Call) -> Response:
        path = call.request.query_params.get("path", "")
        form = await call.form(RevertForm)
        n, seen = form.data["n"] if not form.errors else -1, form.data["before"] or ""
        yes = form.data["confirmed"] or ""
        return await self._changed(call, path, None, lambda desk: desk.revert(path, n, seen, call.user, yes), reverts=n)

    async def preview(self, call: Call) -> Response:
        """A path of a conversation, in the address: going back is the browser's back. Nothing is kept."""
        if self._contents is None:
            return self._pages.calm("missing", 404, call=call)
        query, preview = call.request.query_params, self._contents.preview
        asked = Asked(
            query.get("locale", "sv"),
            query.get("channel", "web"),
            query.get("programme", ""),
            query.get("there", "yes") == "yes",
            tuple(query.get("path", "").split(",")) if query.get("path") else (),
        )
        screen = await asyncio.to_thread(preview.show, asked)
        kept = {
            "locale": asked.locale,
            "channel": asked.channel,
            "programme": asked.programme,
            "there": "yes" if asked.somebody_there else "no",
        }

        def to(path: tuple[str, ...], *more: str) -> str:
            return f"/desk/contents/preview?{urlencode(kept | {'path': ','.join((*path, *more))})}"

        shown: dict[str, Any] = {"asked": asked, "screen": screen, "possible": preview.possible(), "to": to}
        return self._pages.show("preview.html", call=call, **shown)

    async def _changed(
        self,
        call: Call,
        path: str,
        text: str | None,
        change: Callable[[Coordinator], Catalogue],
        reverts: int | None = None,
    ) -> Response:
        """`text` is what was written, `reverts` the change that the file is to be as after."""
        if self._contents is None:
            return self._pages.calm("missing", 404, call=call)
        try:
            fresh = await asyncio.to_thread(change, self._contents.coordinator)
        except Locked:
            return self._pages.calm("missing", 404, call=call)
        except Unconfirmed as asks:
            return await self._file(call, path, 409, text=text, asks=asks, reverts=reverts)
        except Meanwhile:
            return await self._file(call, path, 409, text=text, problem="meanwhile")
        except Refused as refused:
            return await self._file(call, path, 422, text=text, problem="faults", faults=refused.faults)
        self._contents.saved(fresh)
        return RedirectResponse(f"/desk/contents/file?path={quote(path)}&saved", status_code=303)

    async def _file(self, call: Call, path: str, status_code: int = 200, **shown: Any) -> Response:
        if self._contents is None:
            return self._pages.calm("missing", 404, call=call)
        coordinator = self._contents.coordinator
        try:
            now = await asyncio.to_thread(coordinator.text, path, call.user)
        except Locked:
            return self._pages.calm("missing", 404, call=call)
        versions = await asyncio.to_thread(coordinator.versions, path)
        given = {"problem": None, "faults": (), "saved": False, "text": None, "asks": None, "reverts": None} | shown
        text = now if given["text"] is None else given["text"]
        # After a refusal the person's own text stays in the form, and counts as made from what was seen then.
        before = mark(now)
        address = f"path={quote(path)}"
        more = given | {
            "counts_from": coordinator.counts_from(path),
            "path": path,
            "name": name_of(path, now),
            "text": text,
            "before": before,
            "versions": versions,
            "titles": titles(path, now),
            "address": address,
        }
        return self._pages.show("content.html", status_code=status_code, call=call, **more)


def _place(order: list[str], kind: str) -> int:
    """What has no name comes last."""
    return order.index(kind) if kind in order else len(order)
