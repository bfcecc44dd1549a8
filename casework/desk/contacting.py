"""Contact by the plan from the desk: a call by the desk's phone, a reminder, a new plan. The dispatcher has the last word."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from starlette.responses import RedirectResponse, Response

from casework.caseworker import Caseworker
from casework.contact.call_backs import Progress
from casework.contact.stops import Lifted, NotLifted
from casework.desk.contact_forms import CallForm, LiftForm, PlanForm
from casework.desk.forms import SmsForm
from casework.desk.guard import Call
from casework.desk.live import Live, call_of, held
from casework.desk.pages import Pages
from casework.desk_view import Case
from casework.handover import HandoverDesk
from safety.safe_contact import ContactWay, Refusal, SafeContactPlan


@dataclass(frozen=True)
class Ways:
    """What the carrier can do for the desk. What it cannot is None, or empty.

    Messages are ordered with a handover's id, a key and who orders it, calls with a handover's id, the desk's number and a
    key; once for each key. The answer is why it may not be.
    """

    send: Callable[[str, str, str], Refusal | None] | None = None
    remind: Callable[[str, str, str], Refusal | None] | None = None
    by_message: frozenset[ContactWay] = frozenset()
    """Which of SMS and e-mail can be sent."""
    call: Callable[[str, str, str, str], Refusal | None] | None = None
    """(handover, the desk's number, who, key)"""
    desk_numbers: tuple[str, ...] = ()
    last_call: Callable[[str], Progress | None] | None = None
    agree: Callable[[str, Caseworker, SafeContactPlan], str] | None = None
    lift: Callable[[str, Caseworker, Lifted], str] | None = None
    """Lift the stop of a plan's number. Raises NotLifted."""
    plan_days: int = 90
    now: Callable[[], datetime] | None = None
    is_neutral: Callable[[str], bool] = lambda text: not text
    """Whether a word can be said to whoever answers. Where nobody judges, no word can."""


class Contacting:
    def __init__(
        self, handovers: HandoverDesk, pages: Pages, on_change: Callable[[str], None], ways: Ways, live: Live
    ) -> None:
        self._live = live
        self._handovers = handovers
        self._pages = pages
        self._on_change = on_change
        self._ways = ways

    async def page(self, call: Call, case: Case, *, status_code: int = 200, **shown: Any) -> Response:
        """The page of a request to be contacted."""
        ways, contact, asked = self._ways, case.item.contact, call.request.query_params
        last = await self._last_call(case.item.id)
        way = contact.way if contact is not None else None
        told = {
            "can_send": ways.send is not None and way in ways.by_message,
            "can_remind": ways.remind is not None and contact is not None and contact.remind and way in ways.by_message,
            "phones": ways.desk_numbers if ways.call is not None and way is ContactWay.CALL else (),
            "can_agree": ways.agree is not None,
            "can_lift": ways.lift is not None,
            "last_call": last,
            "mark": _mark(last),
            "ordered": next((name for name in ("sms", "call", "reminder", "plan", "lifted") if name in asked), ""),
        }
        return self._pages.show("contact.html", status_code=status_code, call=call, case=case, **told, **shown)

    async def call(self, call: Call) -> Response:
        """Have the carrier ring one of the desk's phones, and then the person."""
        form = await call.form(CallForm)
        case, phone = await self._mine(call), form.data["phone"] or ""
        if self._ways.call is None or not case.number or phone not in self._ways.desk_numbers:
            return await self.page(call, case, status_code=409)
        key = f"{call.handover_id}:{form.data['once'] or ''}"
        refused = await asyncio.to_thread(self._ways.call, call.handover_id, phone, call.user.id, key)
        if refused is not None:
            return await self.page(call, case, status_code=409, refused=refused)
        return self._to(call, "call")

    async def call_now(self, call: Call) -> Response:
        """How far the call is. With `mark`, the answer is held until it has come further, or for twenty seconds."""
        handover_id = call.handover_id
        await asyncio.to_thread(self._handovers.held_by, handover_id, call.user)

        async def now() -> str:
            return _mark(await self._last_call(handover_id))

        known = call.request.query_params.get("mark", "")
        await held(now, known, lambda seconds: self._live.wait(call_of(handover_id), seconds))
        last = await self._last_call(handover_id)
        return self._pages.show("call_now.html", call=call, last_call=last, mark=_mark(last))

    async def _last_call(self, handover_id: str) -> Progress | None:
        return await asyncio.to_thread(self._ways.last_call, handover_id) if self._ways.last_call else None

    async def remind(self, call: Call) -> Response:
        """The reminder that the person has asked for."""
        form, case = await call.form(SmsForm), await self._mine(call)
        if self._ways.remind is None:
            return await self.page(call, case, status_code=409)
        key = f"{call.handover_id}:remind:{form.data['once'] or ''}"
        refused = await asyncio.to_thread(self._ways.remind, call.handover_id, key, call.user.id)
        if refused is not None:
            return await self.page(call, case, status_code=409, refused=refused)
        return self._to(call, "reminder")

    async def plan(self, call: Call) -> Response:
        """What the person and the caseworker have agreed on now."""
        form, case = await call.form(PlanForm), await self._mine(call)
        ways = self._ways
        if ways.agree is None or ways.now is None:
            return await self.page(call, case, status_code=409)
        if not isinstance(form, PlanForm) or form.errors:
            return await self.page(call, case, status_code=422, problem="plan")
        plan = form.plan(ways.now() + timedelta(days=ways.plan_days))
        if not ways.is_neutral(plan.code_word):
            return await self.page(call, case, status_code=422, problem="code_word")
        self._on_change(await asyncio.to_thread(ways.agree, call.handover_id, call.user, plan))
        return self._to(call, "plan")

    async def lift(self, call: Call) -> Response:
        """The person's number takes messages again, as the person has said to the caseworker."""
        form, case = await call.form(LiftForm), await self._mine(call)
        if self._ways.lift is None:
            return await self.page(call, case, status_code=409)
        if form.errors:
            return await self.page(call, case, status_code=422, problem="lift")
        try:
            why = Lifted(form.data["why"])
            conversation_id = await asyncio.to_thread(self._ways.lift, call.handover_id, call.user, why)
        except NotLifted as refused:
            return await self.page(call, case, status_code=409, problem=f"lift_{refused.args[0]}")
        self._on_change(conversation_id)
        return self._to(call, "lifted")

    async def _mine(self, call: Call) -> Case:
        return await asyncio.to_thread(self._handovers.case, call.handover_id, call.user)

    def _to(self, call: Call, said: str) -> Response:
        return RedirectResponse(f"/desk/handover/{call.handover_id}?{said}", status_code=303)


def _mark(call: Progress | None) -> str:
    """Changes when the call has come further."""
    return f"{call.state.value}.{call.result.value if call.result else ''}" if call is not None else "none"
