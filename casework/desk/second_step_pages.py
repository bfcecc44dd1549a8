"""The pages of the second step: asked for after the password, and set up with a phone."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pyotp
import segno
from starlette.responses import RedirectResponse, Response

from casework.accounts import Accounts
from casework.desk import cookies
from casework.desk.admin_forms import CodeForm
from casework.desk.guard import Call
from casework.desk.pages import Pages
from casework.desk.way_in import home_of
from casework.second_step import CodeLocked, WrongCode


class SecondStepPages:
    def __init__(self, accounts: Accounts, pages: Pages, agency_name: str) -> None:
        self._accounts = accounts
        self._step = accounts.second_step
        self._pages = pages
        self._agency_name = agency_name
        self._turn = asyncio.Lock()
        """Tries that are made at once are all counted."""

    async def code(self, call: Call) -> Response:
        if call.request.method == "GET":
            return self._pages.show("code.html", call=call)
        form = await call.form(CodeForm)
        try:
            async with self._turn:
                token = await asyncio.to_thread(self._step.check, call.user, call.token, form.data["code"] or "")
        except WrongCode:
            return self._pages.show("code.html", status_code=403, call=call, problem="wrong")
        except CodeLocked:
            return self._pages.show("code.html", status_code=429, call=call, problem="locked")
        response = RedirectResponse(home_of(call.user.role), status_code=303)
        cookies.write(response, call.request, cookies.SESSION, token)
        return response

    async def second_step(self, call: Call) -> Response:
        if call.request.method == "GET":
            return await self._show(call)
        form = await call.form(CodeForm)
        if await asyncio.to_thread(self._step.is_set_up, call.user):
            return await self._show(call, status_code=409)
        try:
            async with self._turn:
                token, codes = await asyncio.to_thread(self._step.confirm, call.user, form.data["code"] or "")
        except WrongCode:
            return await self._show(call, status_code=403, problem="wrong")
        except CodeLocked:
            return await self._show(call, status_code=429, problem="locked")
        # Shown once, in this answer. Its buttons belong to the new session.
        signed_in = await asyncio.to_thread(self._accounts.session, token)
        call = replace(call, token=token, signed_in=signed_in, form_token=signed_in.csrf if signed_in else "")
        home = home_of(call.user.role)
        response = self._pages.show("codes.html", call=call, codes=codes, home=home)
        cookies.write(response, call.request, cookies.SESSION, token)
        return response

    async def _show(self, call: Call, *, status_code: int = 200, problem: str | None = None) -> Response:
        if await asyncio.to_thread(self._step.is_set_up, call.user):
            left = await asyncio.to_thread(self._step.left, call.user)
            return self._pages.show("second_step.html", status_code=status_code, call=call, left=left, secret="")
        secret = await asyncio.to_thread(self._step.offer, call.user)
        address = pyotp.TOTP(secret).provisioning_uri(name=call.user.name, issuer_name=self._agency_name)
        rows = [list(row) for row in segno.make(address, error="m").matrix_iter(border=4)]
        dark = [(x, y) for y, row in enumerate(rows) for x, bit in enumerate(row) if bit]
        qr = "".join(f"M{x} {y}h1v1h-1z" for x, y in dark)
        grouped = " ".join(secret[n : n + 4] for n in range(0, len(secret), 4))
        shown = {"secret": grouped, "qr": qr, "size": len(rows)}
        return self._pages.show("second_step.html", status_code=status_code, call=call, problem=problem, **shown)
