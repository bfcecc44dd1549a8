"""The desk's endpoints. Each works through `Accounts` and `HandoverDesk`, off the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from secrets import token_urlsafe
from typing import Any

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from casework.accounts import Accounts, CommonPassword, NameTaken, WeakPassword
from casework.desk import cookies
from casework.desk.account_pages import AccountPages
from casework.desk.content_pages import ContentPages, ContentsDesk
from casework.desk.forms import (
    AccountForm,
    ContactForm,
    DeskForm,
    PasswordForm,
    PlainForm,
    SignInForm,
    SmsForm,
    WriteForm,
)
from casework.desk.guard import Call, Page, guarded
from casework.desk.outside_pages import Outside, OutsidePages
from casework.desk.pages import HERE, ItemText, Pages
from casework.desk.second_step_pages import SecondStepPages
from casework.desk.signing_in import Locked, Refused, SigningIn
from casework.desk.table import DESK_ROUTES
from casework.desk.tries import Tries
from casework.handover import ContactNote, HandoverDesk
from casework.requests import HandoverStatus
from safety.safe_contact import Refusal
from screening.events import HandoverKind

__all__ = ["desk_routes"]

SendSms = Callable[[str, str], Refusal | None]
"""A handover's id and a key for this order to why it may not go, or None."""

STATIC = {"desk.css": "text/css", "desk.js": "text/javascript", "desk.svg": "image/svg+xml"}


def desk_routes(
    handovers: HandoverDesk,
    accounts: Accounts,
    content: Mapping[str, Any],
    agency_name: str,
    on_change: Callable[[str], None],
    item_text: ItemText = lambda _instrument, _version, _item: "",
    tries: Tries | None = None,
    send_sms: SendSms | None = None,
    admin_words: Mapping[str, Any] | None = None,
    offices: Mapping[str, str] | None = None,
    base: str = "",
    outside: Outside | None = None,
    contents: ContentsDesk | None = None,
) -> list[Route]:
    """All routes of DESK_ROUTES. `content` is data/content/<lang>/desk.yml, `admin_words` desk_admin.yml; `tries` counts failures to sign in.

    `send_sms` orders the neutral SMS of a handover, once for each key; None where there is no carrier.
    `on_change` gets a conversation's id after a caseworker changed it, on the event loop.
    """
    pages = Pages(content, agency_name, item_text, admin_words, outside)
    rooms: list[object] = [
        SecondStepPages(accounts, pages, agency_name),
        AccountPages(accounts, pages, offices or {}, base),
        OutsidePages(outside, pages, base),
        ContentPages(contents, pages),
    ]
    desk: object = _Desk(handovers, accounts, pages, on_change, SigningIn(accounts, tries or Tries()), send_sms)
    return [
        Route(
            route.path,
            guarded(route, _page(route.name, [desk, *rooms]), accounts, pages),
            methods=list(route.methods),
            name=f"desk_{route.name}",
        )
        for route in DESK_ROUTES
    ]


def _page(name: str, rooms: Sequence[object]) -> Page:
    """The page of that name, in whichever room has it."""
    page: Page = next(getattr(room, name) for room in rooms if hasattr(room, name))
    return page


class _Desk:
    def __init__(
        self,
        handovers: HandoverDesk,
        accounts: Accounts,
        pages: Pages,
        on_change: Callable[[str], None],
        signing_in: SigningIn,
        send_sms: SendSms | None,
    ) -> None:
        self._send_sms = send_sms
        self._handovers = handovers
        self._accounts = accounts
        self._pages = pages
        self._on_change = on_change
        self._signing_in = signing_in

    async def static(self, call: Call) -> Response:
        name = call.request.path_params["name"]
        if name not in STATIC:
            return self._pages.calm("missing", 404, call=call)
        body = await asyncio.to_thread((HERE / "static" / name).read_bytes)
        return Response(body, media_type=STATIC[name], headers={"Cache-Control": "no-cache"})

    async def first(self, call: Call) -> Response:
        link = call.request.path_params["token"]
        if not await asyncio.to_thread(self._accounts.link_is_open, link):
            return self._pages.calm("link", 410, call=call)
        if call.request.method == "GET":
            return self._pages.show("first.html", call=call, form=AccountForm.of(call.form_token))
        form = await call.form(AccountForm)
        problem = _first_problem(form)
        if problem is None:
            try:
                await asyncio.to_thread(self._accounts.redeem, link, form.data["name"], form.data["password"])
                return RedirectResponse("/desk/sign-in?made", status_code=303)
            except NameTaken:
                problem = "name_taken"
            except WeakPassword as weak:
                problem = _weakness(weak)
        return self._pages.show("first.html", status_code=422, call=call, form=form, problem=problem)

    async def sign_in(self, call: Call) -> Response:
        if call.request.method == "GET":
            made = "made" in call.request.query_params
            return self._pages.show("sign_in.html", call=call, form=SignInForm.of(call.form_token), made=made)
        form = await call.form(SignInForm)
        try:
            name, password = form.data["name"] or "", form.data["password"] or ""
            token = await self._signing_in.sign_in(name, password, call.network, call.token)
        except Refused:
            return self._pages.show("sign_in.html", status_code=403, call=call, form=form, problem="refused")
        except Locked:
            return self._pages.show("sign_in.html", status_code=429, call=call, form=form, problem="locked")
        # The queue, or where somebody else's work begins: the guard leads on.
        response = RedirectResponse("/desk", status_code=303)
        cookies.write(response, call.request, cookies.SESSION, token)
        return response

    async def password(self, call: Call) -> Response:
        if call.request.method == "GET":
            changed = "changed" in call.request.query_params
            return self._pages.show("password.html", call=call, changed=changed)
        form = await call.form(PasswordForm)
        problem, status_code = _first_problem(form), 422
        if problem is None:
            try:
                current, new = form.data["current"] or "", form.data["password"]
                token = await self._signing_in.change_password(call.user, current, new, call.network)
                response = RedirectResponse("/desk/password?changed", status_code=303)
                cookies.write(response, call.request, cookies.SESSION, token)
                return response
            except Refused:
                problem, status_code = "current", 403
            except Locked:
                problem, status_code = "locked", 429
            except WeakPassword as weak:
                problem = _weakness(weak)
        return self._pages.show("password.html", status_code=status_code, call=call, problem=problem)

    async def sign_out(self, call: Call) -> Response:
        await call.form(PlainForm)
        await asyncio.to_thread(self._accounts.sign_out, call.token)
        response = RedirectResponse("/desk/sign-in", status_code=303)
        cookies.drop(response, call.request, cookies.SESSION)
        cookies.drop(response, call.request, cookies.FORM)
        return response

    async def queue(self, call: Call) -> Response:
        queue = await asyncio.to_thread(self._handovers.queue, call.user)
        return self._pages.show("queue.html", call=call, queue=queue)

    async def waiting(self, call: Call) -> Response:
        queue = await asyncio.to_thread(self._handovers.queue, call.user, by_itself=True)
        return self._pages.show("lists.html", call=call, queue=queue)

    async def handover(self, call: Call) -> Response:
        return await self._handover(call)

    async def messages(self, call: Call) -> Response:
        after = call.request.query_params.get("after", "")
        after_seq = int(after) if after.isascii() and after.isdigit() and len(after) < 10 else 0
        status = await asyncio.to_thread(self._handovers.status, call.handover_id)
        messages = await asyncio.to_thread(self._handovers.transcript, call.handover_id, call.user, after_seq)
        return self._pages.show("messages.html", messages=messages, status=status)

    async def claim(self, call: Call) -> Response:
        await call.form(PlainForm)
        self._on_change(await asyncio.to_thread(self._handovers.claim, call.handover_id, call.user))
        return self._back(call)

    async def write(self, call: Call) -> Response:
        form = await call.form(WriteForm)
        try:
            text, key = form.data["text"] or "", form.data["key"] or None
            await asyncio.to_thread(self._handovers.write, call.handover_id, call.user, text, key=key)
        except ValueError:
            return await self._handover(call, status_code=422, problem="text", text=form.data["text"] or "")
        self._on_change(await asyncio.to_thread(self._handovers.conversation_id, call.handover_id))
        return self._back(call)

    async def hand_back(self, call: Call) -> Response:
        await call.form(PlainForm)
        self._on_change(await asyncio.to_thread(self._handovers.hand_back, call.handover_id, call.user))
        return RedirectResponse("/desk", status_code=303)

    async def end(self, call: Call) -> Response:
        await call.form(PlainForm)
        self._on_change(await asyncio.to_thread(self._handovers.end, call.handover_id, call.user))
        return RedirectResponse("/desk", status_code=303)

    async def sms(self, call: Call) -> Response:
        """The one neutral SMS of the plan. The dispatcher has the last word, and says why not."""
        form = await call.form(SmsForm)
        case = await asyncio.to_thread(self._handovers.case, call.handover_id, call.user)
        if self._send_sms is None or not case.number:
            return await self._handover(call, status_code=409)
        key = f"{call.handover_id}:{form.data['once'] or ''}"
        refused = await asyncio.to_thread(self._send_sms, call.handover_id, key)
        if refused is not None:
            return await self._handover(call, status_code=409, refused=refused)
        return RedirectResponse(f"/desk/handover/{call.handover_id}?sms", status_code=303)

    async def contacted(self, call: Call) -> Response:
        form = await call.form(ContactForm)
        if form.errors:
            return await self._handover(call, status_code=422, problem="how")
        how = ContactNote(form.data["how"])
        self._on_change(await asyncio.to_thread(self._handovers.done, call.handover_id, call.user, how))
        return RedirectResponse("/desk", status_code=303)

    async def _handover(self, call: Call, *, status_code: int = 200, **shown: Any) -> Response:
        case = await asyncio.to_thread(self._handovers.case, call.handover_id, call.user)
        if case.item.kind is HandoverKind.CONTACT:
            sms = {
                "can_sms": self._send_sms is not None and case.item.contact is not None,
                "once": token_urlsafe(12),
                "ordered": "sms" in call.request.query_params,
            }
            return self._pages.show("contact.html", status_code=status_code, call=call, case=case, **sms, **shown)
        messages = []
        if case.item.claimed_by == call.user.id and case.item.status is HandoverStatus.CLAIMED:
            messages = await asyncio.to_thread(self._handovers.transcript, call.handover_id, call.user)
        return self._pages.show("chat.html", status_code=status_code, call=call, case=case, messages=messages, **shown)

    def _back(self, call: Call) -> Response:
        return RedirectResponse(f"/desk/handover/{call.handover_id}", status_code=303)


def _first_problem(form: DeskForm) -> str | None:
    """What is wrong first, as a key of the desk's words."""
    return next((messages[0] for messages in form.errors.values()), None)


def _weakness(weak: WeakPassword) -> str:
    return "password_common" if isinstance(weak, CommonPassword) else "password_length"
