"""The chat: the page itself, its news, writing, quick replies, and the three ways it ends for a caseworker."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from typing import Any

from starlette.responses import RedirectResponse, Response

from casework.desk.duty_first import DutyFirst
from casework.desk.forms import EndForm, PassOnForm, PlainForm, ReplyForm, WriteForm
from casework.desk.guard import Call
from casework.desk.live import Live, held
from casework.desk.pages import Pages
from casework.desk.shelf import Shelf
from casework.desk_view import Case
from casework.handover import HandoverDesk
from casework.messages import StoredMessage
from casework.passing_on import NobodyThere, PassingOn, To
from casework.presence import Side
from casework.privacy_now import PrivacyNow
from casework.refusals import AlreadyClaimed, NotOpen
from casework.requests import HandoverStatus
from casework.ticking import Ticking
from safety.content import ContentClass, Sender

Changed = Callable[[str], None]


class ChatPages:
    """`changed` gets a conversation's id after the caseworker changed it."""

    def __init__(
        self,
        handovers: HandoverDesk,
        passing_on: PassingOn,
        ticking: Ticking,
        pages: Pages,
        live: Live,
        shelf: Shelf,
        changed: Changed,
    ) -> None:
        self._handovers = handovers
        self._passing_on = passing_on
        self._ticking = ticking
        self._pages = pages
        self._live = live
        self._shelf = shelf
        self._changed = changed
        self._duty_first = DutyFirst(handovers.duties, pages, shelf)

    async def page(self, call: Call, case: Case, *, status_code: int = 200, **shown: Any) -> Response:
        """The chat's page. `case` is one that this caseworker may see."""
        mine = case.item.claimed_by == call.user.id and case.item.status is HandoverStatus.CLAIMED
        if not mine:
            duty = await asyncio.to_thread(self._handovers.duties.find, case.item.id, call.user)
            return self._pages.show("chat.html", status_code=status_code, call=call, case=case, duty=duty, **shown)
        messages = await asyncio.to_thread(self._handovers.transcript, case.item.id, call.user)
        self._seen(case.conversation_id, messages[-1].seq if messages else 0)
        privacy = await self._live.privacy(case.conversation_id)
        return self._pages.show(
            "chat.html",
            status_code=status_code,
            call=call,
            case=case,
            duty=None,
            messages=messages,
            replies=self._shelf.replies(case.item.locale),
            there=await asyncio.to_thread(self._passing_on.there, case.item.id, call.user),
            checklists=self._shelf.in_order,
            line=self._shelf.line,
            work=await asyncio.to_thread(self._ticking.work, case.item.id),
            now=self._handovers.now(),
            **self._now(case.conversation_id, case.item.status, privacy, messages),
            **shown,
        )

    async def messages(self, call: Call) -> Response:
        """What is new. With `mark`, the answer is held until there is something, or for twenty seconds."""
        asked = call.request.query_params
        after_seq, seen = _number(asked.get("after", "")), _number(asked.get("seen", ""))
        conversation_id, _, last_seq = await asyncio.to_thread(self._handovers.chat_mark, call.handover_id)
        if 0 < seen <= last_seq:
            with suppress(AlreadyClaimed, NotOpen):
                await asyncio.to_thread(self._handovers.held_by, call.handover_id, call.user)
                self._seen(conversation_id, seen)
        mark = await held(
            lambda: self._mark(call.handover_id, conversation_id),
            asked.get("mark", ""),
            lambda seconds: self._live.wait(conversation_id, seconds),
        )
        try:
            messages = await asyncio.to_thread(self._handovers.transcript, call.handover_id, call.user, after_seq)
        except AlreadyClaimed as taken:
            if "mark" not in asked:
                raise
            return self._pages.show("taken.html", call=call, name=taken.name)
        status = await asyncio.to_thread(self._handovers.status, call.handover_id)
        privacy = await self._live.privacy(conversation_id)
        now = self._now(conversation_id, status, privacy, messages)
        return self._pages.show("messages.html", call=call, messages=messages, mark=mark, **now)

    async def writing(self, call: Call) -> Response:
        """The caseworker is writing. Only the one who has the chat can say so; nothing is kept."""
        await call.form(PlainForm)
        case = await asyncio.to_thread(self._handovers.held_by, call.handover_id, call.user)
        self._live.presence.writes(case, Side.DESK)
        self._live.ring(case)
        return Response(status_code=204)

    async def write(self, call: Call) -> Response:
        form = await call.form(WriteForm)
        try:
            text, key = form.data["text"] or "", form.data["key"] or None
            await asyncio.to_thread(self._handovers.write, call.handover_id, call.user, text, key=key)
        except ValueError:
            case = await asyncio.to_thread(self._handovers.case, call.handover_id, call.user)
            return await self.page(call, case, status_code=422, problem="text", text=form.data["text"] or "")
        return await self._written(call)

    async def reply(self, call: Call) -> Response:
        """Send a quick reply. A sensitive one only while the person has confirmed that they are alone."""
        form = await call.form(ReplyForm)
        case = await asyncio.to_thread(self._handovers.case, call.handover_id, call.user)
        reply = self._shelf.reply(form.data["reply"] or "", case.item.locale)
        if reply is None:
            return await self.page(call, case, status_code=422, problem="reply")
        if not reply.is_neutral and not (await self._live.privacy(case.conversation_id)).is_open:
            return await self.page(call, case, status_code=409, problem="not_private")
        await asyncio.to_thread(
            self._handovers.write,
            call.handover_id,
            call.user,
            reply.text,
            key=form.data["key"] or None,
            content_class=ContentClass.NEUTRAL if reply.is_neutral else ContentClass.SENSITIVE,
        )
        return await self._written(call)

    async def pass_on(self, call: Call) -> Response:
        form = await call.form(PassOnForm)
        case = await asyncio.to_thread(self._handovers.case, call.handover_id, call.user)
        if form.errors:
            return await self.page(call, case, status_code=422, problem="to")
        try:
            to, colleague = To(form.data["to"]), form.data["colleague"] or ""
            changed = await asyncio.to_thread(
                self._passing_on.pass_on, call.handover_id, call.user, to, colleague if to is To.COLLEAGUE else ""
            )
        except NobodyThere:
            return await self.page(call, case, status_code=422, problem="nobody_there")
        return self._over(changed)

    async def hand_back(self, call: Call) -> Response:
        form = await call.form(EndForm)
        return await self._duty_first.asks(call, form.data["sure"]) or self._over(
            await asyncio.to_thread(self._handovers.hand_back, call.handover_id, call.user)
        )

    async def end(self, call: Call) -> Response:
        form = await call.form(EndForm)
        return await self._duty_first.asks(call, form.data["sure"]) or self._over(
            await asyncio.to_thread(self._handovers.end, call.handover_id, call.user)
        )

    async def _written(self, call: Call) -> Response:
        conversation_id = await asyncio.to_thread(self._handovers.conversation_id, call.handover_id)
        self._live.presence.stops(conversation_id, Side.DESK)
        self._changed(conversation_id)
        return RedirectResponse(f"/desk/handover/{call.handover_id}", status_code=303)

    def _over(self, conversation_id: str) -> Response:
        self._live.presence.stops(conversation_id, Side.DESK)
        self._changed(conversation_id)
        return RedirectResponse("/desk", status_code=303)

    def _seen(self, conversation_id: str, seq: int) -> None:
        """The caseworker has had everything up to `seq` on the screen."""
        if self._live.presence.read(conversation_id, Side.DESK, seq):
            self._live.ring(conversation_id)

    def _now(
        self, conversation_id: str, status: HandoverStatus, privacy: PrivacyNow, messages: list[StoredMessage]
    ) -> dict[str, Any]:
        presence = self._live.presence
        return {
            "status": status,
            "privacy": privacy,
            "writing": status is HandoverStatus.CLAIMED and presence.is_writing(conversation_id, Side.PERSON),
            "read_to": presence.read_to(conversation_id, Side.PERSON),
            "mine_last": max((one.seq for one in messages if one.sender is Sender.HUMAN), default=0),
        }

    async def _mark(self, handover_id: str, conversation_id: str) -> str:
        """Changes when the page would look different."""
        standing = await asyncio.to_thread(self._handovers.chat_mark, handover_id)
        presence = self._live.presence
        privacy = await self._live.privacy(conversation_id)
        signs = (presence.is_writing(conversation_id, Side.PERSON), presence.read_to(conversation_id, Side.PERSON))
        return sha256(repr((standing, signs, privacy)).encode()).hexdigest()[:16]


def _number(given: str) -> int:
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0
