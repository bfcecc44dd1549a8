"""What stands before every page of the desk: who calls, how much is sent, what cannot be done, which headers go out."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from casework.accounts import Accounts, LinkRefused, SignedIn
from casework.caseworker import Caseworker
from casework.desk.forms import DeskForm
from casework.desk.pages import HEADERS, Pages
from casework.desk.table import DeskRoute, MayCall
from casework.handover import AlreadyClaimed, NotOpen, UnknownHandover

COOKIE = "desk"
FORM_COOKIE = "desk-form"
"""Before signing in, the form token belongs to the browser."""
FROM_SCRIPT = "x-from-script"
MAX_BODY = 64 * 1024


class TooBig(Exception):
    """More was sent than any form of the desk can hold."""


class WrongForm(Exception):
    """The form did not come from this session."""


@dataclass(frozen=True)
class Call:
    """One call of a desk page by somebody who may make it."""

    request: Request
    token: str = field(repr=False)
    """The session's token, empty if nobody is signed in."""
    signed_in: SignedIn | None
    form_token: str = field(repr=False)

    @property
    def user(self) -> Caseworker:
        """The caller. For routes that only caseworkers may call."""
        if self.signed_in is None:
            raise LookupError("nobody is signed in")
        return self.signed_in.user

    @property
    def handover_id(self) -> str:
        return str(self.request.path_params["id"])

    async def form(self, kind: type[DeskForm]) -> DeskForm:
        """The form that was sent, validated. Raises WrongForm, TooBig."""
        form = kind.of(self.form_token, await _sent(self.request))
        form.validate()
        if not form.from_this_session:
            raise WrongForm
        return form


Page = Callable[[Call], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


def guarded(route: DeskRoute, page: Page, accounts: Accounts, pages: Pages) -> Endpoint:
    """The page behind the guard."""

    async def endpoint(request: Request) -> Response:
        token = request.cookies.get(COOKIE, "")
        signed_in = None
        if token and route.may_call is MayCall.CASEWORKER:
            signed_in = await asyncio.to_thread(accounts.session, token, acting=not route.by_itself)
        if signed_in is None and route.may_call is MayCall.CASEWORKER:
            response = _sign_in_first(route, request)
        else:
            form_token = signed_in.csrf if signed_in else request.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(32)
            response = await _answer(page, Call(request, token, signed_in, form_token), pages)
            if signed_in is None and route.name != "static":
                set_cookie(response, request, FORM_COOKIE, form_token)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return endpoint


def set_cookie(response: Response, request: Request, name: str, value: str) -> None:
    """A cookie for this visit: not for scripts, not for other sites, not beyond the desk."""
    response.set_cookie(
        name, value, path="/desk", httponly=True, samesite="strict", secure=request.url.scheme == "https"
    )


def drop_cookie(response: Response, name: str) -> None:
    response.delete_cookie(name, path="/desk", httponly=True, samesite="strict")


async def _answer(page: Page, call: Call, pages: Pages) -> Response:
    shown = {"call": call}
    try:
        return await page(call)
    except UnknownHandover:
        return pages.calm("missing", 404, **shown)
    except AlreadyClaimed as refused:
        return pages.calm("claimed", 409, name=refused.name, **shown)
    except NotOpen as refused:
        return pages.calm("over", 409, status=refused.status, **shown)
    except LinkRefused:
        return pages.calm("link", 410, **shown)
    except WrongForm:
        return pages.calm("form", 403, **shown)
    except TooBig:
        return pages.calm("too_big", 413, **shown)


def _sign_in_first(route: DeskRoute, request: Request) -> Response:
    """A page goes to the sign-in page. What a script asked for only learns that it may not, and keeps its text."""
    if route.by_itself or FROM_SCRIPT in request.headers:
        return Response(status_code=401)
    return RedirectResponse("/desk/sign-in", status_code=303)


async def _sent(request: Request) -> FormData:
    """The urlencoded body. The desk has no uploads, so nothing else is parsed."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY:
            raise TooBig
    fields: list[tuple[str, str | UploadFile]] = []
    fields += parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    return FormData(fields)
