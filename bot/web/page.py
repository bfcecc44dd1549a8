"""The applicant's page. Works as plain forms; with JavaScript the same routes give the conversation alone."""

from __future__ import annotations

from collections.abc import AsyncIterator

from sse_starlette import EventSourceResponse
from starlette.requests import Request
from starlette.responses import Response

from bot.talk.hearing import Heard
from bot.talk.reply import NotTaken, Refusal
from bot.talk.turns import Turns
from bot.web.api import LOOK_EVERY, STATUS, come_back
from bot.web.appearance import LOCALE, Appearance, is_looked_at_anew, wants_fragment
from bot.web.bell import Bell
from bot.web.guard import TooLarge
from bot.web.rates import Rate, Rates
from bot.web.session_cookie import (
    forget,
    has_just_answered,
    remember,
    session_of,
    split,
    to_the_page,
    used_up,
)
from bot.web.signs import Signs
from casework.presence import PresenceInMemory
from casework.unavailable import Unavailable
from safety.content import Channel
from screening.catalogue.agency import Agency


class Page:
    """One page at one address."""

    def __init__(
        self, turns: Turns, bell: Bell, agency: Agency, rates: Rates, appearance: Appearance, signs: Signs | None = None
    ) -> None:
        self._turns = turns
        self._rates = rates
        self._bell = bell
        self._signs = signs or Signs(turns, PresenceInMemory(), bell)
        self._agency = agency
        self._appearance = appearance

    async def show(self, request: Request) -> Response:
        """The page as it may be seen now. Opening it makes no conversation and sets no cookie.

        What is sensitive or private is put away first, where it is not the answer to what the person has just done, and not
        news to a page that has been on the screen all the time: who opens it need not be the person.
        """
        return used_up(request, await self._shown(request))

    async def _shown(self, request: Request) -> Response:
        session = session_of(request)
        if session is None:
            return self._appearance.page(request, self._appearance.greeting())
        news = wants_fragment(request) and not is_looked_at_anew(request)
        look = self._turns.look if news or has_just_answered(request) else self._turns.look_anew
        try:
            reply = await look(*session)
            return self._appearance.page(request, reply, signs=self._signs.of_desk(session[0], reply))
        except NotTaken as not_taken:
            if not_taken.refusal in (Refusal.UNKNOWN, Refusal.WRONG_TOKEN, Refusal.ENDED):
                return forget(self._appearance.page(request, self._appearance.greeting()))
            return self._appearance.calm(not_taken.refusal)

    async def say(self, request: Request) -> Response:
        """An answer. The first one begins the conversation."""
        try:
            heard = await _heard(request)
        except NotTaken as not_taken:
            return await self._still(request, session_of(request), not_taken.refusal)
        session = session_of(request)
        try:
            if session is None:
                if self._rates.spent(Rate.OPEN, request):
                    raise NotTaken(Refusal.TOO_MANY)
                self._rates.note(Rate.OPEN, request)
                begun = await self._turns.open(self._agency.id, self._agency.default_programme, Channel.WEB, LOCALE)
                session = (begun.id, begun.token)
            self._signs.sent(session[0])
            reply = await self._turns.take(session[0], heard, session[1])
        except NotTaken as not_taken:
            return remember(request, await self._still(request, session, not_taken.refusal), session)
        if reply.left:
            return forget(self._appearance.gone(request))
        if reply.ended:
            return forget(self._appearance.page(request, reply))
        if not wants_fragment(request):
            return to_the_page(request, session)
        shown = self._appearance.page(request, reply, signs=self._signs.of_desk(session[0], reply))
        return remember(request, shown, session)

    async def ask_for_code(self, request: Request) -> Response:
        """Where the person's word and digits are written."""
        return self._appearance.code()

    async def come_back(self, request: Request) -> Response:
        """Go on with what was left: a new cookie, and the privacy question."""
        try:
            form = await request.form(max_files=0, max_fields=4)
            code = _string(form.get("code")) or ""
            begun = await come_back(self._turns, self._rates, request, code)
        except NotTaken as not_taken:
            sentence = self._turns.sentence(f"errors.{not_taken.refusal.value}")
            return self._appearance.code(sentence, STATUS[not_taken.refusal])
        except (TooLarge, ValueError):
            return self._appearance.code(self._turns.sentence("errors.unreadable"), 400)
        return to_the_page(request, (begun.id, begun.token))

    async def leave(self, request: Request) -> Response:
        """The exit. Works with the cookie, or with the token in the form where the page has deleted the cookie."""
        try:
            given = (await request.form(max_files=0, max_fields=4)).get("s")
        except Exception:  # noqa: BLE001 - whatever the form is wrong in, the way out is open
            given = None
        session = split(given if isinstance(given, str) else "") or session_of(request)
        if session is not None:
            try:
                await self._turns.admit(*session)
                await self._turns.leave(session[0])
            except NotTaken:
                pass  # Nobody's conversation: the way out is the same.
        return forget(self._appearance.gone(request))

    async def writing(self, request: Request) -> Response:
        """The person is writing to a caseworker. No words come along, and nothing is kept."""
        session = session_of(request)
        try:
            if session is not None:
                await self._signs.writes(*session)
        except NotTaken:
            pass  # It is over: there is nobody to tell.
        return Response(status_code=204)

    async def events(self, request: Request) -> Response:
        """Server-sent events: `refresh` when what is on the screen has changed without this page having done it, `writing`
        when the human begins or stops to write.
        """
        session = session_of(request)
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
                now, writing = await self._signs.news(conversation_id, token)
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

    async def _still(self, request: Request, session: tuple[str, str] | None, refusal: Refusal) -> Response:
        """Show what is still pending, with a calm sentence on what did not work."""
        sentence = self._turns.sentence(f"errors.{refusal.value}")
        over = refusal in (Refusal.UNKNOWN, Refusal.WRONG_TOKEN, Refusal.ENDED)
        try:
            reply = self._appearance.greeting() if session is None or over else await self._turns.look(session[0])
        except NotTaken:
            reply, over = self._appearance.greeting(), True
        response = self._appearance.page(request, reply, notice=sentence, status=STATUS[refusal])
        return forget(response) if over else response

    async def is_talking(self, request: Request) -> bool:
        """Whether this browser has a conversation that goes on."""
        session = session_of(request)
        try:
            if session is not None:
                await self._turns.look(*session)
        except NotTaken:
            return False
        return session is not None


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
