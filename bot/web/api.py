"""The conversation API: JSON for front ends other than our page. Described at /api/openapi.json."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from sse_starlette import EventSourceResponse
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.talk.hearing import MAX_CHARACTERS, Heard
from bot.talk.invited import open_invited
from bot.talk.opening import Begun
from bot.talk.reply import NotTaken, Refusal
from bot.talk.turns import Turns
from bot.web.bell import Bell
from bot.web.guard import TooLarge
from bot.web.rates import Rate, Rates, tries_of_code
from casework.invitations import Invitations, NotOpened
from casework.unavailable import Unavailable
from safety.content import Channel
from screening.catalogue.agency import Agency

STATUS = {
    Refusal.FAILED: 503,
    Refusal.BUSY: 409,
    Refusal.TOO_LONG: 413,
    Refusal.UNREADABLE: 400,
    Refusal.WRONG_TYPE: 415,
    Refusal.UNKNOWN: 404,
    Refusal.WRONG_TOKEN: 401,
    Refusal.ENDED: 410,
    Refusal.TOO_MANY: 429,
    Refusal.NO_SUCH_CODE: 404,
    Refusal.INVITATION: 410,
}
LOOK_EVERY = 3.0
"""Seconds between looks at the records while somebody listens: how late news from another process can be."""
PRINTED = r"^[^\x00-\x1f\x7f]*$"
"""No control characters: PostgreSQL takes no zero in a text."""


Body = TypeVar("Body", bound=BaseModel)


class Opening(BaseModel):
    """Begins a conversation. Without a body: Swedish, no invitation."""

    model_config = ConfigDict(extra="forbid")

    locale: str = Field(default="sv", max_length=12)
    invitation: str | None = Field(default=None, max_length=200)


class ComingBack(BaseModel):
    """Goes on with a conversation that the person left, by their word and the digits that belong to it."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(max_length=60)


class Answering(BaseModel):
    """What the person did: words or a choice, never both.

    `reply_to` is the id of the message that was answered; an answer to an older one is not taken. `key` makes a retry
    safe: the same key is answered once.
    """

    model_config = ConfigDict(extra="forbid")

    text: str | None = Field(default=None, max_length=MAX_CHARACTERS)
    choice: str | None = Field(default=None, max_length=64, pattern=r"^[a-z_]+$")
    reply_to: str | None = Field(default=None, max_length=64, pattern=PRINTED)
    key: str | None = Field(default=None, max_length=128, pattern=PRINTED)

    @model_validator(mode="after")
    def _one(self) -> Answering:
        if (self.text is None) == (self.choice is None):
            raise ValueError("give either text or choice")
        return self


class ConversationApi:
    """The four endpoints of a conversation."""

    def __init__(self, turns: Turns, invitations: Invitations, bell: Bell, agency: Agency, rates: Rates) -> None:
        self._invitations = invitations
        self._turns = turns
        self._rates = rates
        self._bell = bell
        self._agency = agency

    async def open(self, request: Request) -> Response:
        try:
            opening = await _body(request, Opening, empty=True)
            if opening.locale not in self._turns.locales:
                raise NotTaken(Refusal.UNREADABLE)
            if self._rates.spent(Rate.OPEN, request):
                raise NotTaken(Refusal.TOO_MANY)
            self._rates.note(Rate.OPEN, request)
            begun = await self._begin(request, opening)
        except NotTaken as not_taken:
            return self.refuse(not_taken.refusal)
        return JSONResponse({"id": begun.id, "token": begun.token, **begun.reply.public()}, 201)

    async def _begin(self, request: Request, opening: Opening) -> Begun:
        if opening.invitation is None:
            programme = self._agency.default_programme
            return await self._turns.open(self._agency.id, programme, Channel.WEB, opening.locale)
        if self._rates.spent(Rate.INVITATION, request):
            raise NotTaken(Refusal.TOO_MANY)
        try:
            taken = await asyncio.to_thread(self._invitations.open_token, opening.invitation, Channel.WEB)
        except NotOpened:
            self._rates.note(Rate.INVITATION, request)
            raise NotTaken(Refusal.INVITATION) from None
        return await open_invited(self._turns, self._invitations, taken, self._agency, Channel.WEB)

    async def come_back(self, request: Request) -> Response:
        try:
            coming = await _body(request, ComingBack)
            begun = await come_back(self._turns, self._rates, request, coming.code)
        except NotTaken as not_taken:
            return self.refuse(not_taken.refusal)
        return JSONResponse({"id": begun.id, "token": begun.token, **begun.reply.public()}, 201)

    async def answer(self, request: Request) -> Response:
        try:
            heard = await self._heard(request)
            reply = await self._turns.take(str(request.path_params["id"]), heard, _token(request))
        except NotTaken as not_taken:
            return self.refuse(not_taken.refusal)
        return JSONResponse(reply.public())

    async def leave(self, request: Request) -> Response:
        try:
            await self._turns.leave(await self._admitted(request))
        except NotTaken as not_taken:
            return self.refuse(not_taken.refusal)
        return Response(status_code=204)

    async def events(self, request: Request) -> Response:
        try:
            conversation_id = str(request.path_params["id"])
            await self._turns.look(conversation_id, _token(request))
        except NotTaken as not_taken:
            return self.refuse(not_taken.refusal)
        return EventSourceResponse(self.news(conversation_id, _token(request)), ping=15)

    async def news(self, conversation_id: str, token: str) -> AsyncIterator[dict[str, str]]:
        """An event `reply` with what is on the screen, now and whenever it changes; `ended` at the end.

        It ends for whoever's token no longer opens the conversation: the person has come back somewhere else.
        """
        last = ""
        while True:
            try:
                reply = await self._turns.look(conversation_id, token)
            except NotTaken:
                yield {"event": "ended", "data": "{}"}
                return
            except Unavailable:
                await self._bell.wait(conversation_id, LOOK_EVERY)
                continue
            told = json.dumps(reply.public(), ensure_ascii=False)
            if told != last:
                last = told
                yield {"event": "reply", "data": told}
            await self._bell.wait(conversation_id, LOOK_EVERY)

    async def _heard(self, request: Request) -> Heard:
        """Raises NotTaken. A stranger is told so, whatever the body is."""
        try:
            answering = await _body(request, Answering)
        except NotTaken:
            await self._admitted(request)
            raise
        return Heard(answering.text, answering.choice, answering.reply_to, answering.key)

    async def _admitted(self, request: Request) -> str:
        conversation_id = str(request.path_params["id"])
        await self._turns.admit(conversation_id, _token(request))
        return conversation_id

    def refuse(self, refusal: Refusal) -> JSONResponse:
        """A calm sentence with a stable code. The message is neutral: it may be shown as it is."""
        sentence = self._turns.sentence(f"errors.{refusal.value}")
        message = {"id": f"error-{refusal.value}", "text": sentence, "class": "neutral", "sender": "assistant"}
        headers = {"WWW-Authenticate": "Bearer"} if refusal is Refusal.WRONG_TOKEN else None
        return JSONResponse(
            {"error": refusal.value, "message": sentence, "messages": [{**message, "choices": []}]},
            STATUS[refusal],
            headers,
        )


def _token(request: Request) -> str:
    """Raises NotTaken for a request without one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NotTaken(Refusal.WRONG_TOKEN)
    return token.strip()


async def come_back(turns: Turns, rates: Rates, request: Request, code: str) -> Begun:
    """By the code, as often as the rate allows. Raises NotTaken."""
    tries = tries_of_code(request, code)
    if any(rates.spent(rate, who) for rate, who in tries):
        raise NotTaken(Refusal.TOO_MANY)
    try:
        return await turns.come_back(code)
    except NotTaken as not_taken:
        if not_taken.refusal is Refusal.NO_SUCH_CODE:
            for rate, who in tries:
                rates.note(rate, who)
        raise


def is_json(request: Request) -> bool:
    """Whether the body says that it is JSON."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"


async def _body(request: Request, model: type[Body], *, empty: bool = False) -> Body:
    """The request's JSON as `model`. Raises NotTaken: too long, or unreadable in whatever way."""
    try:
        raw = await request.body()
    except TooLarge:
        raise NotTaken(Refusal.TOO_LONG) from None
    if empty and not raw.strip():
        return model()
    if not is_json(request):
        raise NotTaken(Refusal.WRONG_TYPE)
    try:
        return model.model_validate(json.loads(raw.decode("utf-8")))
    except ValidationError as error:
        long = any(problem["type"] == "string_too_long" for problem in error.errors(include_input=False))
        raise NotTaken(Refusal.TOO_LONG if long else Refusal.UNREADABLE) from None
    except (ValueError, RecursionError):
        raise NotTaken(Refusal.UNREADABLE) from None
