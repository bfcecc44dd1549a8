"""The part of the carrier's REST API that we use, on this machine: takes SMS and calls, deletes copies, and can be told to fail."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

ROOT = "/2010-04-01/Accounts/{account}"


@dataclass
class LocalApi:
    """`sent` is what people have got, `deleted` what we had removed. `failing` is the status of every answer, if set."""

    sent: list[tuple[str, str]] = field(default_factory=list)
    rung: list[dict[str, str]] = field(default_factory=list)
    """What was asked for each call."""
    deleted: list[str] = field(default_factory=list)
    failing: int = 0
    code: int = 20000
    """The carrier's own number for why."""

    def application(self) -> Starlette:
        return Starlette(
            routes=[
                Route(f"{ROOT}/Messages.json", self._send, methods=["POST"]),
                Route(f"{ROOT}/Calls.json", self._ring, methods=["POST"]),
                Route(f"{ROOT}/Messages/{{name}}.json", self._delete, methods=["DELETE"]),
                Route(f"{ROOT}/Calls/{{name}}.json", self._delete, methods=["DELETE"]),
            ]
        )

    async def _send(self, request: Request) -> Response:
        if self.failing:
            return JSONResponse({"code": self.code, "message": "no", "status": self.failing}, self.failing)
        form = await request.form()
        self.sent.append((str(form["To"]), str(form["Body"])))
        return JSONResponse({"sid": "SM" + secrets.token_hex(16), "status": "queued"}, 201)

    async def _ring(self, request: Request) -> Response:
        if self.failing:
            return JSONResponse({"code": self.code, "message": "no", "status": self.failing}, self.failing)
        form = await request.form()
        self.rung.append({name: str(value) for name, value in form.multi_items()})
        return JSONResponse({"sid": "CA" + secrets.token_hex(16), "status": "queued"}, 201)

    async def _delete(self, request: Request) -> Response:
        if self.failing:
            return JSONResponse({"code": self.code, "message": "no", "status": self.failing}, self.failing)
        self.deleted.append(str(request.path_params["name"]))
        return Response(status_code=204)
