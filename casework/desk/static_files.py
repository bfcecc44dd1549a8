"""Style, scripts and picture of the desk's pages."""

from __future__ import annotations

import asyncio

from starlette.responses import Response

from casework.desk.guard import Call
from casework.desk.pages import HERE, Pages

STATIC = {
    "desk.css": "text/css",
    "desk.js": "text/javascript",
    "call.js": "text/javascript",
    "chat.js": "text/javascript",
    "next.js": "text/javascript",
    "poll.js": "text/javascript",
    "desk.svg": "image/svg+xml",
    "desk-waiting.svg": "image/svg+xml",
    "calling.js": "text/javascript",
}


class StaticFiles:
    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    async def static(self, call: Call) -> Response:
        name = call.request.path_params["name"]
        if name not in STATIC:
            return self._pages.calm("missing", 404, call=call)
        body = await asyncio.to_thread((HERE / "static" / name).read_bytes)
        return Response(body, media_type=STATIC[name], headers={"Cache-Control": "no-cache"})
