"""The applicant's page. Works as plain forms; with JavaScript the same routes give the conversation alone."""

from __future__ import annotations

import logging
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sse_starlette import EventSourceResponse
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.talk.hearing import Heard
from bot.talk.reply import NotTaken, Refusal, Reply
from bot.talk.turns import Turns
from bot.web.api import LOOK_EVERY, STATUS, come_back
from bot.web.bell import Bell
from bot.web.guard import TooLarge
from bot.web.last_look import SensitiveWords, is_neutral
from bot.web.rates import Rate, Rates
from bot.web.signs import Shown, Signs
from casework.presence import PresenceInMemory
from casework.unavailable import Unavailable
from safety.content import Channel
from screening.catalogue.agency import Agency
from screening.catalogue.content import Content

log = logging.getLogger("enrum.page")
COOKIE = "s"
TEMPLATES = Path(__file__).parent / "templates"
LOCALE = "sv"


class Page:
    """One page at one address: nothing in it, its title or its address says what is talked about."""

    def __init__(
        self,
        turns: Turns,
        bell: Bell,
        agency: Agency,
        content: Content,
        rates: Rates,
        sensitive_words: SensitiveWords,
        signs: Signs | None = None,
    ) -> None:
        self._turns = turns
        self._sensitive_words = sensitive_words
        self._rates = rates
        self._bell = bell
        self._signs = signs or Signs(turns, PresenceInMemory(), bell)
        self._agency = agency
        self._content = content
        self._templates = Environment(
            loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, auto_reload=False
        )

    async def show(self, request: Request) -> Response:
        """The page as it may be seen now. Opening it makes no conversation and sets no cookie."""
        session = _session(request)
        if session is None:
            return self._page(request, self._greeting())
        try:
            await self._turns.admit(*session)
            reply = await self._turns.look(session[0])
            return self._page(request, reply, signs=self._signs.of_desk(session[0], reply))
        except NotTaken as not_taken:
            if not_taken.refusal in (Refusal.UNKNOWN, Refusal.WRONG_TOKEN, Refusal.ENDED):
                return _forget(self._page(request, self._greeting()))
            return self.calm(not_taken.refusal)

    async def say(self, request: Request) -> Response:
        """An answer. The first one begins the conversation."""
        try:
            heard = await _heard(request)
        except NotTaken as not_taken:
            return await self._still(request, _session(request), not_taken.refusal)
        session = _session(request)
        try:
            if session is None:
                if self._rates.spent(Rate.OPEN, request):
                    raise NotTaken(Refusal.TOO_MANY)
                self._rates.note(Rate.OPEN, request)
                begun = await self._turns.open(self._agency.id, self._agency.default_programme, Channel.WEB, LOCALE)
                session = (begun.id, begun.token)
            else:
                await self._turns.admit(*session)
            self._signs.sent(session[0])
            reply = await self._turns.take(session[0], heard)
        except NotTaken as not_taken:
            return self.remember(request, await self._still(request, session, not_taken.refusal), session)
        if reply.left:
            return _forget(self._gone(request))
        if reply.ended:
            return _forget(self._page(request, reply))
        if not _wants_fragment(request):
            return self.remember(request, RedirectResponse("/", 303), session)
        shown = self._page(request, reply, signs=self._signs.of_desk(session[0], reply))
        return self.remember(request, shown, session)

    async def ask_for_code(self, request: Request) -> Response:
        """Where the person's word and digits are written."""
        return HTMLResponse(self._code_page())

    async def come_back(self, request: Request) -> Response:
        """Go on with what was left: a new cookie, and the privacy question."""
        try:
            form = await request.form(max_files=0, max_fields=4)
            code = _string(form.get("code")) or ""
            begun = await come_back(self._turns, self._rates, request, code)
        except NotTaken as not_taken:
            sentence = self._turns.sentence(f"errors.{not_taken.refusal.value}")
            return HTMLResponse(self._code_page(sentence), STATUS[not_taken.refusal])
        except (TooLarge, ValueError):
            return HTMLResponse(self._code_page(self._turns.sentence("errors.unreadable")), 400)
        return self.remember(request, RedirectResponse("/", 303), (begun.id, begun.token))

    def _code_page(self, notice: str | None = None) -> str:
        filled = self._filled(self._greeting(), notice)
        return self._templates.get_template("back.html").render(filled)

    async def leave(self, request: Request) -> Response:
        """The exit. Works with the cookie, or with the token in the form where the page has deleted the cookie."""
        try:
            given = (await request.form(max_files=0, max_fields=4)).get("s")
        except Exception:  # noqa: BLE001 - whatever the form is wrong in, the way out is open
            given = None
        session = _split(given if isinstance(given, str) else "") or _session(request)
        if session is not None:
            try:
                await self._turns.admit(*session)
                await self._turns.leave(session[0])
            except NotTaken:
                pass  # Nobody's conversation: the way out is the same.
        return _forget(self._gone(request))

    async def writing(self, request: Request) -> Response:
        """The person is writing to a caseworker. No words come along, and nothing is kept."""
        session = _session(request)
        try:
            if session is not None:
                await self._turns.admit(*session)
                await self._signs.writes(session[0])
        except NotTaken:
            pass  # It is over: there is nobody to tell.
        return Response(status_code=204)

    async def events(self, request: Request) -> Response:
        """Server-sent events: `refresh` when what is on the screen has changed without this page having done it, `writing`
        when the human begins or stops to write.
        """
        session = _session(request)
        if session is None:
            return Response(status_code=204)
        try:
            await self._turns.admit(*session)
        except NotTaken as not_taken:
            return Response(status_code=STATUS[not_taken.refusal])
        return EventSourceResponse(self.news(*session), ping=15)

    async def news(self, conversation_id: str, token: str) -> AsyncIterator[dict[str, str]]:
        """Ends, with a last `refresh`, for whoever's token no longer opens the conversation."""
        last, was_writing = None, False
        while True:
            try:
                await self._turns.admit(conversation_id, token)
                now, writing = await self._signs.news(conversation_id)
            except NotTaken:
                now, writing = ("over",), False
            except Unavailable:
                await self._bell.wait(conversation_id, LOOK_EVERY)
                continue
            if last is not None and now != last:
                yield {"event": "refresh", "data": ""}
            elif writing != was_writing:
                yield {"event": "writing", "data": "1" if writing else "0"}
            if now == ("over",):
                return
            last, was_writing = now, writing
            await self._bell.wait(conversation_id, LOOK_EVERY)

    def _greeting(self) -> Reply:
        return self._turns.greeting(self._agency.id, self._agency.default_programme, Channel.WEB, LOCALE)

    async def _still(self, request: Request, session: tuple[str, str] | None, refusal: Refusal) -> Response:
        """Show what is still pending, with a calm sentence on what did not work."""
        sentence = self._turns.sentence(f"errors.{refusal.value}")
        over = refusal in (Refusal.UNKNOWN, Refusal.WRONG_TOKEN, Refusal.ENDED)
        try:
            reply = self._greeting() if session is None or over else await self._turns.look(session[0])
        except NotTaken:
            reply, over = self._greeting(), True
        response = self._page(request, reply, notice=sentence, status=STATUS[refusal])
        return _forget(response) if over else response

    def _page(
        self,
        request: Request,
        reply: Reply,
        *,
        notice: str | None = None,
        status: int = 200,
        signs: Shown | None = None,
    ) -> Response:
        name = "conversation.html" if _wants_fragment(request) else "page.html"
        html = self._templates.get_template(name).render(self._filled(reply, notice, signs))
        if reply.gate != "open" and not is_neutral(html, self._sensitive_words):
            log.error("a page was held back", extra={"place": reply.stage})
            return self.calm(Refusal.FAILED)
        return HTMLResponse(html, status)

    def _filled(self, reply: Reply, notice: str | None, signs: Shown | None = None) -> dict[str, Any]:
        language = self._content.language
        waiting = reply.handover == "waiting"
        return {
            "words": self._content.page,
            "agency": {"name": self._agency.name},
            "locale": language.locale,
            "direction": language.direction,
            "exit_to": str(self._agency.exit_to),
            "messages": [message.public() for message in reply.messages],
            "choices": [
                {"id": choice.id, "label": choice.label, "everywhere": choice.everywhere} for choice in reply.choices
            ],
            "state": reply.state,
            "cover_line": self._turns.sentence("cover.line"),
            "cover_offered": any(choice.id == "cover" for choice in reply.choices),
            "may_come_back": not reply.last_seq and self._agency.gate.resume_hours > 0,
            "reply_to": reply.messages[-1].id if reply.messages else "",
            "expects": reply.expects,
            "text_hint": "",
            "idle_seconds": reply.idle_seconds,
            "notice": notice,
            "form_key": secrets.token_urlsafe(16),
            "no_script_refresh": 15 if waiting else reply.idle_seconds,
            "offline_help": reply.offline_help,
            "signs": signs or Shown(),
            "over": reply.ended,
        }

    def _gone(self, request: Request) -> Response:
        """A blank page that goes on to somewhere boring: a redirect would be stopped by our own form policy."""
        if _wants_fragment(request):
            return Response(status_code=204, headers={"X-Left": "1"})
        filled = {
            "exit_to": str(self._agency.exit_to),
            "words": self._content.page,
            "locale": LOCALE,
            "direction": "ltr",
        }
        return HTMLResponse(self._templates.get_template("leave.html").render(filled))

    def calm(self, refusal: Refusal) -> Response:
        sentence = self._turns.sentence(f"errors.{refusal.value}")
        return HTMLResponse(self.calm_page(sentence), STATUS[refusal])

    def invited(self, token: str) -> Response:
        """The page behind an invitation's link, before it is opened."""
        filled = self._filled(self._greeting(), None) | {"token": token}
        return HTMLResponse(self._templates.get_template("invited.html").render(filled))

    async def is_talking(self, request: Request) -> bool:
        """Whether this browser has a conversation that goes on."""
        session = _session(request)
        try:
            if session is not None:
                await self._turns.admit(*session)
                await self._turns.look(session[0])
        except NotTaken:
            return False
        return session is not None

    def calm_page(self, sentence: str) -> str:
        """A page for when something is not there or did not work: one neutral sentence and a way back."""
        filled = self._filled(self._greeting(), None) | {"title": self._content.page["title"], "sentence": sentence}
        return self._templates.get_template("calm.html").render(filled)

    def remember(self, request: Request, response: Response, session: tuple[str, str] | None) -> Response:
        """Set the session cookie. Scripts can read it on purpose: an exit without a network must be able to delete it."""
        if session is not None and _session(request) != session and "set-cookie" not in response.headers:
            secure = request.url.scheme == "https"
            response.set_cookie(COOKIE, ".".join(session), path="/", samesite="strict", secure=secure, httponly=False)
        return response


def _session(request: Request) -> tuple[str, str] | None:
    return _split(request.cookies.get(COOKIE, ""))


def _split(value: str) -> tuple[str, str] | None:
    conversation_id, _, token = value.partition(".")
    return (conversation_id, token) if conversation_id and token and len(value) < 200 else None


def _wants_fragment(request: Request) -> bool:
    return request.headers.get("x-fragment") == "1"


def _forget(response: Response) -> Response:
    response.delete_cookie(COOKIE, path="/", samesite="strict")
    return response


async def _heard(request: Request) -> Heard:
    """Raises NotTaken for a form that cannot be read."""
    try:
        form = await request.form(max_files=0, max_fields=8)
    except TooLarge:
        raise NotTaken(Refusal.TOO_LONG) from None
    except Exception:  # noqa: BLE001 - whatever a form can be wrong in, it is unreadable
        raise NotTaken(Refusal.UNREADABLE) from None
    text, choice = form.get("text"), form.get("choice")
    if isinstance(text, str) and "\N{REPLACEMENT CHARACTER}" in text:
        raise NotTaken(Refusal.UNREADABLE)
    if (text is None) == (choice is None):
        raise NotTaken(Refusal.UNREADABLE)
    return Heard(_string(text), _string(choice), _string(form.get("reply_to")), _string(form.get("key")))


def _string(value: object) -> str | None:
    return value[:4000].replace("\0", "") if isinstance(value, str) and value else None
