"""The administrator's pages: who has an account, invitations, closing, a lost second step. Nothing about handovers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from starlette.responses import RedirectResponse, Response

from casework.accounts import Accounts
from casework.desk.admin_forms import InviteForm
from casework.desk.forms import PlainForm
from casework.desk.guard import Call
from casework.desk.pages import Pages
from casework.roles import ANSWERING, Role
from casework.staff import NotThis

STATUS = {"own": 409, "gone": 404}


class AccountPages:
    """`offices` are the agency's own, id to name. `base` is our address, where it is not the one that was asked for."""

    def __init__(self, accounts: Accounts, pages: Pages, offices: Mapping[str, str], base: str) -> None:
        self._accounts = accounts
        self._staff = accounts.staff
        self._pages = pages
        self._offices = offices
        self._base = base

    async def accounts(self, call: Call) -> Response:
        return await self._show(call)

    async def account_invite(self, call: Call) -> Response:
        """The link is in this answer alone: it is not kept, so it cannot be shown again."""
        form = await call.form(InviteForm)
        if form.errors:
            return await self._show(call, status_code=422, problem="role")
        role, offices = Role(form.data["role"]), self._known(form)
        token = await asyncio.to_thread(self._accounts.link, role, offices, by=call.user.id)
        base = self._base or str(call.request.base_url).rstrip("/")
        return await self._show(call, link=f"{base}/desk/first/{token}", link_role=role.value)

    async def link_withdraw(self, call: Call) -> Response:
        """A link that nobody has used opens nothing any more."""
        await call.form(PlainForm)
        link_id = str(call.request.path_params["id"])
        if not await asyncio.to_thread(self._accounts.links.withdraw, link_id, call.user):
            return await self._show(call, status_code=404, problem="link_gone")
        return RedirectResponse("/desk/accounts?withdrawn", status_code=303)

    async def account_change(self, call: Call) -> Response:
        form = await call.form(InviteForm)
        if form.errors:
            return await self._show(call, status_code=422, problem="role")
        role, offices = Role(form.data["role"]), self._known(form)
        return await self._done(call, lambda user_id: self._staff.change(user_id, role, offices, call.user))

    async def account_close(self, call: Call) -> Response:
        await call.form(PlainForm)
        return await self._done(call, lambda user_id: self._staff.close(user_id, call.user))

    async def account_reset(self, call: Call) -> Response:
        await call.form(PlainForm)
        return await self._done(call, lambda user_id: self._staff.take_second_step(user_id, call.user))

    async def _done(self, call: Call, act: Callable[[str], None]) -> Response:
        try:
            await asyncio.to_thread(act, str(call.request.path_params["id"]))
        except NotThis as refused:
            problem = str(refused.args[0])
            return await self._show(call, status_code=STATUS[problem], problem=problem)
        return RedirectResponse("/desk/accounts", status_code=303)

    async def _show(self, call: Call, *, status_code: int = 200, **shown: Any) -> Response:
        members = await asyncio.to_thread(self._staff.members, call.user)
        links = await asyncio.to_thread(self._accounts.links.open)
        answering = [member for member in members if member.role in ANSWERING]
        unmanned = [
            name
            for office, name in self._offices.items()
            if not any(not member.offices or office in member.offices for member in answering)
        ]
        shown = {"problem": None, "link": None, "members": members, "links": links, "unmanned": unmanned} | shown
        shown["withdrawn"] = "withdrawn" in call.request.query_params
        roles = [role.value for role in Role]
        return self._pages.show(
            "accounts.html", status_code=status_code, call=call, offices=self._offices, roles=roles, **shown
        )

    def _known(self, form: InviteForm) -> list[str]:
        return [office for office in form.data["offices"] or () if office in self._offices]
