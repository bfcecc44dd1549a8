"""The desk's endpoints. Each works through `Accounts` and `HandoverDesk`, off the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from casework.accounts import Accounts, CommonPassword, NameTaken, WeakPassword
from casework.desk import cookies
from casework.desk.account_pages import AccountPages
from casework.desk.chat import ChatPages
from casework.desk.contacting import Contacting, Ways
from casework.desk.content_pages import ContentPages, ContentsDesk
from casework.desk.forms import (
    AccountForm,
    ContactForm,
    DeskForm,
    PasswordForm,
    PlainForm,
    SignInForm,
    SmsForm,
)
from casework.desk.guard import Call, Page, guarded
from casework.desk.inviting import Inviting, InvitingPages
from casework.desk.language import LanguagePages
from casework.desk.live import QUEUE, Live, held
from casework.desk.next_steps import NextStepPages
from casework.desk.outside_pages import Outside, OutsidePages
from casework.desk.pages import HERE, ItemText, Pages
from casework.desk.second_step_pages import SecondStepPages
from casework.desk.sheet_pages import SheetPages
from casework.desk.shelf import HOME, Shelf
from casework.desk.signing_in import Locked, Refused, SigningIn
from casework.desk.table import DESK_ROUTES
from casework.desk.tries import Tries
from casework.handover import ContactNote, HandoverDesk
from casework.queue import MOST
from screening.events import HandoverKind

__all__ = ["desk_routes"]

STATIC = {
    "desk.css": "text/css",
    "desk.js": "text/javascript",
    "chat.js": "text/javascript",
    "next.js": "text/javascript",
    "poll.js": "text/javascript",
    "desk.svg": "image/svg+xml",
}


def desk_routes(
    handovers: HandoverDesk,
    accounts: Accounts,
    content: Mapping[str, Any],
    agency_name: str,
    on_change: Callable[[str], None],
    item_text: ItemText = lambda _instrument, _version, _item: "",
    tries: Tries | None = None,
    ways: Ways | None = None,
    inviting: Inviting | None = None,
    live: Live | None = None,
    shelf: Shelf | None = None,
    admin_words: Mapping[str, Mapping[str, Any]] | None = None,
    offices: Mapping[str, str] | None = None,
    base: str = "",
    outside: Outside | None = None,
    contents: ContentsDesk | None = None,
) -> list[Route]:
    """All routes of DESK_ROUTES; those that invite where `inviting` is given. `admin_words` is desk_admin.yml.

    `content` is data/content/<lang>/desk.yml; `shelf` may have the words in other languages too. `tries` counts
    failures to sign in. `ways` is what the carrier can do for the desk; None where there is none.
    `on_change` gets a conversation's id after a caseworker changed it, on the event loop.
    """
    live, shelf, ways = live or Live(), shelf or Shelf(), ways or Ways()
    pages = Pages({HOME: content, **shelf.languages}, agency_name, item_text, admin_words, outside)
    ticking = handovers.ticking
    chat = ChatPages(handovers, handovers.passing_on, ticking, pages, live, shelf, on_change)
    contacting = Contacting(handovers, pages, on_change, ways)
    signing_in = SigningIn(accounts, tries or Tries())
    desk = _Desk(handovers, accounts, pages, on_change, signing_in, contacting, ways, chat, live, shelf)
    groups: list[object] = [
        desk,
        chat,
        contacting,
        NextStepPages(handovers, ticking, pages, shelf),
        LanguagePages(pages),
        SecondStepPages(accounts, pages, agency_name),
        AccountPages(accounts, pages, offices or {}, base),
        OutsidePages(outside, pages, base),
        ContentPages(contents, pages),
        SheetPages(contents, pages),
    ]
    if inviting is not None:
        groups.append(InvitingPages(inviting, pages))
    return [
        Route(
            route.path,
            guarded(route, _page(groups, route.name), accounts, pages),
            methods=list(route.methods),
            name=f"desk_{route.name}",
        )
        for route in DESK_ROUTES
        if inviting is not None or not route.invites
    ]


def _page(groups: Iterable[object], name: str) -> Page:
    """The page of that name, in the group that has it."""
    page: Page = next(getattr(group, name) for group in groups if hasattr(group, name))
    return page


class _Desk:
    def __init__(
        self,
        handovers: HandoverDesk,
        accounts: Accounts,
        pages: Pages,
        on_change: Callable[[str], None],
        signing_in: SigningIn,
        contacting: Contacting,
        ways: Ways,
        chat: ChatPages,
        live: Live,
        shelf: Shelf,
    ) -> None:
        self._contacting = contacting
        self._ways = ways
        self._chat = chat
        self._live = live
        self._shelf = shelf
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
        mark = await asyncio.to_thread(self._handovers.queue_mark)
        queue = await asyncio.to_thread(self._handovers.queue, call.user)
        return self._pages.show("queue.html", call=call, queue=queue, mark=mark, **await self._today(call))

    async def waiting(self, call: Call) -> Response:
        """The lists alone. With `mark`, the answer is held until the queue has changed, or for twenty seconds.

        With `contacts`, the list of contacts is left out where it is still the one with that mark.
        """
        mark = await held(
            lambda: asyncio.to_thread(self._handovers.queue_mark),
            call.request.query_params.get("mark", ""),
            lambda seconds: self._live.wait(QUEUE, seconds),
        )
        known = call.request.query_params.get("contacts", "")
        queue = await asyncio.to_thread(self._handovers.queue, call.user, by_itself=True, known=known)
        return self._pages.show("lists.html", call=call, queue=queue, mark=mark, **await self._today(call))

    async def _today(self, call: Call) -> dict[str, Any]:
        """Whether the desk is open, and who is there."""
        colleagues = await asyncio.to_thread(self._handovers.passing_on.colleagues)
        return {
            "today": self._shelf.today(self._handovers.now()),
            "present": [one.name for one in colleagues if one.present],
            "show_at_most": MOST,
        }

    async def handover(self, call: Call) -> Response:
        return await self._handover(call)

    async def claim(self, call: Call) -> Response:
        await call.form(PlainForm)
        self._on_change(await asyncio.to_thread(self._handovers.claim, call.handover_id, call.user))
        return self._back(call)

    async def sms(self, call: Call) -> Response:
        """The one neutral SMS of the plan. The dispatcher has the last word, and says why not."""
        form = await call.form(SmsForm)
        case = await asyncio.to_thread(self._handovers.case, call.handover_id, call.user)
        if self._ways.send is None or not case.number:
            return await self._handover(call, status_code=409)
        key = f"{call.handover_id}:{form.data['once'] or ''}"
        refused = await asyncio.to_thread(self._ways.send, call.handover_id, key, call.user.id)
        if refused is not None:
            return await self._handover(call, status_code=409, refused=refused)
        return RedirectResponse(f"/desk/handover/{call.handover_id}?sms", status_code=303)

    async def contacted(self, call: Call) -> Response:
        form = await call.form(ContactForm)
        if form.errors:
            return await self._handover(call, status_code=422, problem="how")
        how, key = ContactNote(form.data["how"]), form.data["once"] or None
        self._on_change(await asyncio.to_thread(self._handovers.done, call.handover_id, call.user, how, key=key))
        return RedirectResponse("/desk", status_code=303)

    async def _handover(self, call: Call, *, status_code: int = 200, **shown: Any) -> Response:
        case = await asyncio.to_thread(self._handovers.case, call.handover_id, call.user)
        if case.item.kind is HandoverKind.CONTACT:
            return await self._contacting.page(call, case, status_code=status_code, **shown)
        return await self._chat.page(call, case, status_code=status_code, **shown)

    def _back(self, call: Call) -> Response:
        return RedirectResponse(f"/desk/handover/{call.handover_id}", status_code=303)


def _first_problem(form: DeskForm) -> str | None:
    """What is wrong first, as a key of the desk's words."""
    return next((messages[0] for messages in form.errors.values()), None)


def _weakness(weak: WeakPassword) -> str:
    return "password_common" if isinstance(weak, CommonPassword) else "password_length"
