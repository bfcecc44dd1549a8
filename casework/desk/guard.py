"""What stands before every page of the desk: who calls, how much is sent, what cannot be done, which headers go out."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from casework.accounts import Accounts, LinkRefused, SignedIn
from casework.caseworker import Caseworker
from casework.desk import cookies
from casework.desk.forms import DeskForm
from casework.desk.pages import HEADERS, Pages
from casework.desk.table import DeskRoute, MayCall
from casework.desk.way_in import NotYours, turned_away
from casework.handover import AlreadyClaimed, NotOpen, UnknownHandover
from casework.network import network_of

log = logging.getLogger("enrum.desk")
FORM_TOKEN = re.compile(r"[\w-]{43}", re.ASCII)
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

    @property
    def network(self) -> str:
        """Where the call comes from."""
        return network_of(self.request.client.host if self.request.client else "")

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
        token = cookies.read(request, cookies.SESSION)
        signed_in = None
        if token and (route.may_call is MayCall.CASEWORKER or route.knows_session):
            signed_in = await asyncio.to_thread(accounts.session, token, acting=not route.by_itself)
        form_token = signed_in.csrf if signed_in else _browsers_own(request)
        call = Call(request, token, signed_in, form_token)
        response = await _turned_away(route, call, pages) if route.may_call is MayCall.CASEWORKER else None
        if response is None:
            response = await _answer(page, call, pages)
            if signed_in is None and route.name != "static":
                cookies.write(response, request, cookies.FORM, form_token)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return endpoint


async def _turned_away(route: DeskRoute, call: Call, pages: Pages) -> Response | None:
    try:
        return turned_away(route, call.request, call.signed_in)
    except NotYours:
        log.warning("a page of another role was refused")
        return pages.calm("not_yours", 403, call=call)


def _browsers_own(request: Request) -> str:
    """The form token before signing in. What does not look like one of ours is replaced."""
    kept = cookies.read(request, cookies.FORM)
    return kept if FORM_TOKEN.fullmatch(kept) else secrets.token_urlsafe(32)


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
        log.warning("a form from elsewhere was refused")
        return pages.calm("form", 403, **shown)
    except TooBig:
        return pages.calm("too_big", 413, **shown)


async def _sent(request: Request) -> FormData:
    """The urlencoded body, without zeros, which PostgreSQL takes in no text. Uploads have no place: they are not parsed."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY:
            raise TooBig
    fields = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    return FormData([(name, value.replace("\0", "")) for name, value in fields])
