"""The carrier's three addresses. Only what it signed is heard; whatever goes wrong, it gets a document that ends calmly."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from bot.logs import place_of
from bot.phone import voice
from bot.phone.call_back import Bridge
from bot.phone.line import Line
from bot.phone.signature import Door, NotSetUp, NotSigned, Webhook
from bot.phone.sms import SmsDesk
from bot.phone.twiml import document
from bot.web.guard import TooLarge
from casework.contact.delivery import Delivery
from casework.contact.dispatcher import Dispatcher, InviteBySms
from casework.contact.orders import What
from casework.contact.usage import Unit, Usage
from safety.safe_contact import ContactWay, Ground, Refusal

log = logging.getLogger("enrum.phone")
NOTHING = document([])
CALL_IS_OVER = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
DELIVERED, NOT_DELIVERED = "delivered", frozenset({"failed", "undelivered"})


class Phone:
    """The endpoints. `line` and `sms` are None where the agency's language has no phone.yml or sms.yml.

    `delivery` is None where nothing can be sent: no account, no number of ours.
    """

    def __init__(
        self,
        door: Door,
        line: Line | None,
        sms: SmsDesk | None,
        delivery: Delivery | None,
        dispatcher: Dispatcher | None,
        bridge: Bridge | None = None,
        usage: Usage | None = None,
        by_message: frozenset[ContactWay] = frozenset(),
    ) -> None:
        self.by_message = by_message
        self._dispatcher = dispatcher
        self.bridge = bridge
        self._usage = usage
        self._door = door
        self._line = line
        self._sms = sms
        self.delivery = delivery

    async def voice(self, request: Request) -> Response:
        return await self._heard(request, self._voice if self._line else None)

    async def _voice(self, webhook: Webhook) -> str:
        assert self._line is not None
        if webhook["DialCallDuration"] and webhook["DialCallSid"]:
            await self._connected(webhook)
        return await voice.answer(self._line, webhook)

    async def sms(self, request: Request) -> Response:
        return await self._heard(request, self._sms_in if self._sms else None)

    async def call_back_desk(self, request: Request) -> Response:
        return await self._heard(request, self.bridge.desk if self.bridge else None)

    async def call_back_person(self, request: Request) -> Response:
        return await self._heard(request, self.bridge.person if self.bridge else None)

    async def status(self, request: Request) -> Response:
        return await self._heard(request, self._status)

    def send_by_plan(self, handover_id: str, key: str, who: str, *, remind: bool = False) -> Refusal | None:
        """Order the neutral message that a plan allows. The same `key` again orders nothing. `who` is for the audit trail."""
        if self._dispatcher is None:
            return Refusal.NO_PLAN
        if remind:
            return self._dispatcher.send_by_plan(handover_id, "reminder", key, who, Ground.REMINDER)
        return self._dispatcher.send_by_plan(handover_id, "call_me", key, who)

    @property
    def invite(self) -> InviteBySms | None:
        """Order the SMS of an invitation. None where no SMS can be sent."""
        return self._dispatcher.invite if self._dispatcher and ContactWay.SMS in self.by_message else None

    def warm(self) -> None:
        """Make the first words once, so that the first caller after a start does not wait for what is made then."""
        if self._line is not None:
            reply = self._line.greeting(self._line.agency.language)
            self._line.script_of(reply).goodbye(messages=reply.messages)

    async def _heard(self, request: Request, then: Callable[[Webhook], Awaitable[str]] | None) -> Response:
        """404 where no phone is set up, 403 for what is not signed, 413 for what is too long. No body says more."""
        try:
            webhook = await self._door.webhook(request)
        except NotSetUp:
            return _xml(NOTHING, 404)
        except NotSigned:
            return _xml(NOTHING, 403)
        except TooLarge:
            return _xml(NOTHING, 413)
        return _xml(await then(webhook)) if then is not None else _xml(NOTHING, 404)

    async def _sms_in(self, webhook: Webhook) -> str:
        """What is answered goes out by the dispatcher, never in this document."""
        assert self._sms is not None
        await self._sms.take(webhook)
        await self._forget(What.DELETE_MESSAGE, webhook["MessageSid"])
        return NOTHING

    async def _status(self, webhook: Webhook) -> str:
        """News come in any order and more than once. Only what is final means anything."""
        try:
            await self._news(webhook)
        except Exception as error:  # noqa: BLE001 - the carrier does not mind, and the sweep ends what is left
            log.error(
                "news of the carrier was lost",
                extra={"error": type(error).__name__, "place": place_of(error.__traceback__)},
            )
        return NOTHING

    async def _news(self, webhook: Webhook) -> None:
        call, message, news = webhook["CallSid"], webhook["MessageSid"], webhook["MessageStatus"]
        if call and webhook["CallStatus"] in CALL_IS_OVER:
            if await self._over(call, webhook) and self._usage is not None:
                unit = Unit.MINUTE_OUT if _ours(webhook) else Unit.MINUTE_IN
                await asyncio.to_thread(self._usage.minutes, unit, webhook["CallDuration"])
            await self._forget(What.DELETE_CALL, call)
        if message and self.delivery is not None and (news == DELIVERED or news in NOT_DELIVERED):
            await asyncio.to_thread(self.delivery.report, message, news == DELIVERED)

    async def _connected(self, webhook: Webhook) -> None:
        """A call to whoever has duty is over: its minutes count once. A failure here must not cost the answer."""
        try:
            assert self._line is not None
            first = await asyncio.to_thread(self._line.calls.over, webhook["DialCallSid"]) is not None
            if first and self._usage is not None:
                await asyncio.to_thread(self._usage.minutes, Unit.MINUTE_OUT, webhook["DialCallDuration"])
        except Exception as error:  # noqa: BLE001 - see above
            log.error("minutes were not counted", extra={"error": type(error).__name__})

    async def _over(self, call: str, webhook: Webhook) -> bool:
        """End what the call was. True where this is the first to say so."""
        if self._line is None:
            return False
        if not _ours(webhook):
            return await self._line.over(call)
        if self.bridge is not None and webhook.query.get("c"):
            name, leg = webhook.query["c"], webhook.query.get("g", "")
            await asyncio.to_thread(self.bridge.over, name, leg, webhook["CallStatus"])
        return await asyncio.to_thread(self._line.calls.over, call) is not None

    async def _forget(self, what: What, name: str) -> None:
        """Have the carrier's copy deleted. A failure here must not cost the answer."""
        if self.delivery is None or not name:
            return
        try:
            await asyncio.to_thread(self.delivery.forget, what, name)
        except Exception as error:  # noqa: BLE001 - see above
            log.error(
                "a deletion was not ordered",
                extra={"error": type(error).__name__, "place": place_of(error.__traceback__)},
            )


def _ours(webhook: Webhook) -> bool:
    """Whether we made the call."""
    return "c" in webhook.query or webhook["Direction"].startswith("outbound")


def _xml(text: str, status: int = 200) -> Response:
    return Response(text, status, media_type="text/xml; charset=utf-8")
