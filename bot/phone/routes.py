"""The carrier's three addresses. Only what it signed is heard; whatever goes wrong, it gets a document that ends calmly."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from bot.phone import voice
from bot.phone.line import Line
from bot.phone.signature import Door, NotSetUp, NotSigned, Webhook
from bot.phone.twiml import document
from bot.web.guard import TooLarge

NOTHING = document([])
CALL_IS_OVER = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})


class Phone:
    """The endpoints. `line` is None where the agency's language has no phone.yml: then there is no phone."""

    def __init__(self, door: Door, line: Line | None) -> None:
        self._door = door
        self._line = line

    async def voice(self, request: Request) -> Response:
        return await self._heard(request, self._voice)

    async def status(self, request: Request) -> Response:
        return await self._heard(request, self._status)

    async def _heard(self, request: Request, then: Callable[[Webhook, Line], Awaitable[str]]) -> Response:
        """404 where no phone is set up, 403 for what is not signed, 413 for what is too long. No body says more."""
        try:
            webhook = await self._door.webhook(request)
        except NotSetUp:
            return _xml(NOTHING, 404)
        except NotSigned:
            return _xml(NOTHING, 403)
        except TooLarge:
            return _xml(NOTHING, 413)
        if self._line is None:
            return _xml(NOTHING, 404)
        return _xml(await then(webhook, self._line))

    @staticmethod
    async def _voice(webhook: Webhook, line: Line) -> str:
        return await voice.answer(line, webhook)

    @staticmethod
    async def _status(webhook: Webhook, line: Line) -> str:
        """News come in any order and more than once. Only the end of a call means anything."""
        if webhook["CallSid"] and webhook["CallStatus"] in CALL_IS_OVER:
            await line.over(webhook["CallSid"])
        return NOTHING


def _xml(text: str, status: int = 200) -> Response:
    return Response(text, status, media_type="text/xml; charset=utf-8")
