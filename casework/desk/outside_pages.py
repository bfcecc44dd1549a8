"""Signing in at the agency's own service: there, and back again."""

from __future__ import annotations

import asyncio
import json
import logging
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from starlette.responses import RedirectResponse, Response

from casework.desk import cookies
from casework.desk.guard import Call
from casework.desk.pages import Pages
from casework.keys import KeyService, Unreadable, seal, unseal
from casework.outside_accounts import NoRole, OutsideAccounts
from casework.outside_service import Cancelled, OutsideService, ServiceFailed, Try

log = logging.getLogger("enrum.desk")
KEY = "outside sign-in"
LASTS = timedelta(minutes=10)


@dataclass(frozen=True)
class Outside:
    """The service as the desk needs it. `name` is on the button; `only`: nobody signs in with a password."""

    name: str
    only: bool
    service: OutsideService
    accounts: OutsideAccounts
    keys: KeyService
    now: Callable[[], datetime]


class OutsidePages:
    """`outside` is None where no service is set up: then there are no such pages."""

    def __init__(self, outside: Outside | None, pages: Pages, base: str) -> None:
        self._outside = outside
        self._pages = pages
        self._base = base

    async def outside(self, call: Call) -> Response:
        """To the service. What was remembered of this try is in a sealed cookie: nothing is kept here."""
        if self._outside is None:
            return self._pages.calm("missing", 404, call=call)
        try:
            url, one = await self._outside.service.begin(self._back_to(call))
        except ServiceFailed as failed:
            return self._failed(call, failed)
        response = RedirectResponse(url, status_code=303)
        cookies.write(response, call.request, cookies.OUTSIDE, self._sealed(self._outside, one), samesite="lax")
        return response

    async def outside_back(self, call: Call) -> Response:
        """From the service. The page that follows leads on by itself: a redirect would come without our strict cookie."""
        if self._outside is None:
            return self._pages.calm("missing", 404, call=call)
        one = self._opened(self._outside, cookies.read(call.request, cookies.OUTSIDE))
        try:
            if one is None:
                raise ServiceFailed("no try")
            claims = await self._outside.service.finish(one, self._back_to(call), dict(call.request.query_params))
            before = cookies.read(call.request, cookies.SESSION)
            token = await asyncio.to_thread(self._outside.accounts.sign_in, claims, instead_of=before)
        except Cancelled:
            response = self._pages.show("outside.html", call=call, what="cancelled")
        except ServiceFailed as failed:
            response = self._failed(call, failed)
        except NoRole:
            log.warning("signing in outside was refused")
            response = self._pages.show("outside.html", status_code=403, call=call, what="no_role")
        else:
            response = self._pages.show("outside.html", call=call, what="done")
            cookies.write(response, call.request, cookies.SESSION, token)
        cookies.drop(response, call.request, cookies.OUTSIDE)
        return response

    def _failed(self, call: Call, failed: ServiceFailed) -> Response:
        log.warning("signing in outside failed", extra={"error": str(failed.args[0])})
        return self._pages.show("outside.html", status_code=502, call=call, what="failed")

    def _back_to(self, call: Call) -> str:
        return f"{self._base or str(call.request.base_url).rstrip('/')}/desk/outside/back"

    def _sealed(self, outside: Outside, one: Try) -> str:
        plain = json.dumps(asdict(one) | {"until": (outside.now() + LASTS).timestamp()}).encode()
        return urlsafe_b64encode(seal(outside.keys.lasting(KEY), plain, KEY)).decode()

    def _opened(self, outside: Outside, kept: str) -> Try | None:
        try:
            told = json.loads(unseal(outside.keys.lasting(KEY), urlsafe_b64decode(kept.encode()), KEY))
        except (Unreadable, ValueError):
            return None
        until = told.pop("until")
        return Try(**told) if outside.now().timestamp() < until else None
