"""The queue, and what is done with one request: look, claim, send the agreed SMS, note how a contact went."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from starlette.responses import RedirectResponse, Response

from casework.contact_note import TRY_AGAIN
from casework.desk.chat import ChatPages
from casework.desk.contacting import Contacting, Ways
from casework.desk.duty_first import DutyFirst
from casework.desk.forms import ContactForm, PlainForm, SmsForm
from casework.desk.guard import Call
from casework.desk.live import QUEUE, Live, held
from casework.desk.pages import Pages
from casework.desk.shelf import Shelf
from casework.handover import ContactNote, HandoverDesk
from casework.queue import MOST
from screening.events import HandoverKind


class QueuePages:
    """`on_change` gets a conversation's id after a caseworker changed it."""

    def __init__(
        self,
        handovers: HandoverDesk,
        pages: Pages,
        on_change: Callable[[str], None],
        contacting: Contacting,
        ways: Ways,
        chat: ChatPages,
        live: Live,
        shelf: Shelf,
    ) -> None:
        self._handovers = handovers
        self._pages = pages
        self._on_change = on_change
        self._contacting = contacting
        self._ways = ways
        self._chat = chat
        self._live = live
        self._shelf = shelf
        self._duty_first = DutyFirst(handovers.duties, pages, shelf)

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
            "now": self._handovers.now(),
        }

    async def handover(self, call: Call) -> Response:
        return await self._handover(call)

    async def claim(self, call: Call) -> Response:
        await call.form(PlainForm)
        self._on_change(await asyncio.to_thread(self._handovers.claim, call.handover_id, call.user))
        return self._back(call)

    async def take_over(self, call: Call) -> Response:
        """A chat whose caseworker is not there. Whoever comes second is told who has it."""
        await call.form(PlainForm)
        self._on_change(await asyncio.to_thread(self._handovers.taking_over.take_over, call.handover_id, call.user))
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
        if how not in TRY_AGAIN:
            sent = {"once": key or "", "how": how.value}
            asked = await self._duty_first.asks(call, form.data["sure"], **sent)
            if asked is not None:
                return asked
        self._on_change(await asyncio.to_thread(self._handovers.done, call.handover_id, call.user, how, key=key))
        return RedirectResponse("/desk", status_code=303)

    async def _handover(self, call: Call, *, status_code: int = 200, **shown: Any) -> Response:
        case = await asyncio.to_thread(self._handovers.case, call.handover_id, call.user)
        if case.item.kind is HandoverKind.CONTACT:
            return await self._contacting.page(call, case, status_code=status_code, **shown)
        return await self._chat.page(call, case, status_code=status_code, **shown)

    def _back(self, call: Call) -> Response:
        return RedirectResponse(f"/desk/handover/{call.handover_id}", status_code=303)
