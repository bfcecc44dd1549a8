"""Invitations for an agency's own system. Every request is signed; described at /api/openapi.json."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated

import segno
from pydantic import AfterValidator, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.web.api import is_json
from bot.web.guard import TooLarge
from casework.agency_requests import AgencyRequests, NotFromTheAgency, SeenBefore
from casework.audit import AGENCY
from casework.claims import Claims, NewClaims, told_too_much
from casework.contact.dispatcher import InviteBySms
from casework.contact.invitation_sms import Became
from casework.invitations import Invitations
from screening.catalogue.agency import Agency
from screening.journey.phone_number import e164

TIME, SIGNATURE = "x-enrum-time", "x-enrum-signature"


def _dialled(typed: str) -> str:
    number = e164(typed)
    if number is None:
        raise ValueError("is no number")
    return number


Number = Annotated[str, Field(max_length=40), AfterValidator(_dialled)]
"""As +46… or as it is dialled in Sweden; +46… afterwards."""


class Inviting(NewClaims):
    """Asks for an invitation. `days` is how long it can be opened."""

    days: int = Field(default=14, ge=1, le=90)
    qr: bool = False
    """Give the link as a QR code too, as SVG to be printed."""
    sms: Number | None = Field(default=None, repr=False)
    """Send the link by SMS to this number, if that may be done now."""

    def claims(self) -> Claims:
        return Claims(**self.model_dump(exclude={"days", "qr", "sms"}))


def qr_svg(link: str) -> str:
    """The link as a QR code that stands being folded. Nothing beside it says what it is for."""
    svg: str = segno.make(link, error="q").svg_inline(scale=4, border=4)
    return svg


class InvitationApi:
    """`requests` is None where no secret is set up: then there is no such API. `by_sms` is None where no SMS can be sent."""

    def __init__(
        self,
        invitations: Invitations,
        requests: AgencyRequests | None,
        agency: Agency,
        base: str,
        by_sms: InviteBySms | None = None,
    ) -> None:
        self._by_sms = by_sms
        self._invitations = invitations
        self._requests = requests
        self._agency = agency
        self._base = base

    async def invite(self, request: Request) -> Response:
        refused, body = await self._checked(request)
        if refused is not None:
            return refused
        if "content-type" in request.headers and not is_json(request):
            return _refuse("wrong_type", 415)
        try:
            inviting = Inviting.model_validate(json.loads(body.decode("utf-8")))
            self._agency.programme(inviting.programme)
        except ValidationError as error:
            return _refused_fields(error)
        except (ValueError, KeyError, RecursionError):
            return _refuse("unreadable", 400)
        if inviting.sms and self._by_sms is None:
            return _refuse("no_sms", 400)
        issued = await asyncio.to_thread(self._invitations.issue, inviting.claims(), inviting.days, who=AGENCY)
        link = f"{self._base or str(request.base_url).rstrip('/')}/i/{issued.token}"
        told = {"id": issued.id, "link": link, "code": issued.code, "expires_at": issued.expires_at.isoformat()}
        if inviting.qr:
            told["qr"] = qr_svg(link)
        if inviting.sms and self._by_sms is not None:
            refused_sms = await asyncio.to_thread(self._by_sms, inviting.sms, link, issued.id, AGENCY)
            told["sms"] = refused_sms.value if refused_sms is not None else Became.ORDERED.value
        return JSONResponse(told, 201)

    async def status(self, request: Request) -> Response:
        refused, _ = await self._checked(request)
        if refused is not None:
            return refused
        invitation_id = str(request.path_params["id"])
        status = await asyncio.to_thread(self._invitations.status, invitation_id)
        if status is None:
            return _refuse("unknown", 404)
        sms = await asyncio.to_thread(self._invitations.sms, invitation_id)
        return JSONResponse({"status": status} | ({"sms": sms} if sms is not None else {}))

    async def revoke(self, request: Request) -> Response:
        refused, _ = await self._checked(request)
        if refused is not None:
            return refused
        revoked = await asyncio.to_thread(self._invitations.revoke, str(request.path_params["id"]), who=AGENCY)
        return Response(status_code=204) if revoked else _refuse("unknown", 404)

    async def _checked(self, request: Request) -> tuple[Response | None, bytes]:
        if self._requests is None:
            return _refuse("unknown", 404), b""
        try:
            body = await request.body()
        except TooLarge:
            return _refuse("too_long", 413), b""
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        time, given = request.headers.get(TIME, ""), request.headers.get(SIGNATURE, "")
        try:
            await asyncio.to_thread(self._requests.check, time, given, request.method, path, body)
        except NotFromTheAgency:
            return _refuse("wrong_signature", 401), b""
        except SeenBefore:
            return _refuse("seen_before", 409), b""
        return None, body


def _refused_fields(error: ValidationError) -> Response:
    """A reference that tells who it is about has a reason of its own. What was sent is never said back."""
    why = told_too_much(error.errors(include_input=False, include_url=False))
    if why is None:
        return _refuse("unreadable", 400)
    return JSONResponse({"error": f"looks_like_a_{why}", "field": "case"}, 422)


def _refuse(error: str, status: int) -> Response:
    return JSONResponse({"error": error}, status)
