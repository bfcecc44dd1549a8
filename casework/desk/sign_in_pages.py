"""Into the desk with a name and a password, a new password, and out again."""

from __future__ import annotations

import asyncio

from starlette.responses import RedirectResponse, Response

from casework.accounts import Accounts, CommonPassword, NameTaken, WeakPassword
from casework.desk import cookies
from casework.desk.forms import AccountForm, DeskForm, PasswordForm, PlainForm, SignInForm
from casework.desk.guard import Call
from casework.desk.pages import Pages
from casework.desk.signing_in import Locked, Refused, SigningIn


class SignInPages:
    def __init__(self, accounts: Accounts, pages: Pages, signing_in: SigningIn) -> None:
        self._accounts = accounts
        self._pages = pages
        self._signing_in = signing_in

    async def first(self, call: Call) -> Response:
        link = call.request.path_params["token"]
        if not await asyncio.to_thread(self._accounts.link_is_open, link):
            return self._pages.calm("link", 410, call=call)
        if call.request.method == "GET":
            return self._first(call, AccountForm.of(call.form_token))
        form = await call.form(AccountForm)
        assert isinstance(form, AccountForm)
        problem = _first_problem(form)
        if problem is None and form.first_name:
            return self._first(call, form, suggested=form.first_name)
        if problem is None:
            try:
                await asyncio.to_thread(self._accounts.redeem, link, form.data["name"], form.data["password"])
                return RedirectResponse("/desk/sign-in?made", status_code=303)
            except NameTaken:
                problem = "name_taken"
            except WeakPassword as weak:
                problem = _weakness(weak)
        return self._first(call, form, problem)

    def _first(self, call: Call, form: DeskForm, problem: str | None = None, *, suggested: str = "") -> Response:
        """The form for an account. The name is asked about once, and then taken as it is written."""
        asked = bool(suggested or form.data["asked_name"])
        shown = {"form": form, "problem": problem, "suggested": suggested, "asked_name": asked}
        return self._pages.show("first.html", status_code=422 if problem or suggested else 200, call=call, **shown)

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


def _first_problem(form: DeskForm) -> str | None:
    """What is wrong first, as a key of the desk's words."""
    return next((messages[0] for messages in form.errors.values()), None)


def _weakness(weak: WeakPassword) -> str:
    return "password_common" if isinstance(weak, CommonPassword) else "password_length"
