"""Invitations from the desk: a new one for a case, and who is to be invited again. Only an SMS that was asked for is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError as NoClaims
from starlette.responses import Response

from casework.audit import Why, note
from casework.claims import Claims, NewClaims, told_too_much
from casework.contact.dispatcher import InviteBySms
from casework.contact.stops import Lifted, NotLifted, Stops
from casework.desk.guard import Call
from casework.desk.invite_forms import FollowUpForm, InviteForm, LiftOfInvitationForm, QrForm
from casework.desk.pages import Pages
from casework.follow_ups import FollowUps
from casework.invitations import Invitations, Issued, NotOpened
from casework.records import Records
from safety.content import Channel
from safety.safe_contact import Refusal
from screening.catalogue.agency import Programme
from screening.journey.phone_number import e164


@dataclass(frozen=True)
class Inviting:
    """What the desk needs to invite. `base` is the public address, empty where it is the one that was asked for.

    `by_sms` is None where no SMS can be sent. `offers_sms`: the agency has decided that invitations may go by SMS.
    """

    records: Records
    invitations: Invitations
    follow_ups: FollowUps
    programmes: Sequence[Programme]
    locales: Sequence[str]
    qr: Callable[[str], str]
    base: str = ""
    by_sms: InviteBySms | None = None
    offers_sms: bool = False

    @property
    def sends_sms(self) -> bool:
        return self.offers_sms and self.by_sms is not None

    @property
    def names(self) -> dict[str, str]:
        """What people call a programme."""
        return {programme.id: programme.name for programme in self.programmes}


class InvitingPages:
    def __init__(self, inviting: Inviting, pages: Pages) -> None:
        self._inviting = inviting
        self._pages = pages
        self._stops = Stops(inviting.records, inviting.follow_ups.now)

    async def invite(self, call: Call) -> Response:
        """A new invitation for a case. Link and code are shown this once."""
        if call.request.method == "GET":
            return await self._form(call)
        form = await call.form(InviteForm)
        told = {name: (form.data[name] or "").strip() for name in ("case", "programme", "locale")}
        known = told["programme"] in {programme.id for programme in self._inviting.programmes}
        try:
            claims = NewClaims.model_validate({**told, "channels": (Channel.WEB, Channel.VOICE), "asks": True})
        except NoClaims as refused:
            too_telling = told_too_much(refused.errors(include_input=False))
            if too_telling is not None:
                # Not shown again either: a page is read by whoever passes.
                emptied = told | {"case": ""}
                return await self._form(call, status_code=422, problem=f"case_{too_telling}", told=emptied)
            known = False
        if form.errors or not known:
            problem = "number" if known and "number" in form.errors else "invite"
            return await self._form(call, status_code=422, problem=problem, told=told)
        return await self._issue(call, claims, form.dialled)

    async def follow_ups(self, call: Call) -> Response:
        """Who is due, and whose SMS did not go; what the caseworker decides about one."""
        inviting = self._inviting
        if call.request.method == "GET":
            return await self._list(call)
        form = await call.form(FollowUpForm)
        follow_up_id, what = form.data["id"] or "", form.data["what"] or ""
        if what == "take_back":
            taken = await asyncio.to_thread(inviting.invitations.revoke, follow_up_id, who=call.user.id)
            return await self._list(call, done=what) if taken else await self._list(call, status_code=409)
        if what == "invite" and form.errors:
            return await self._list(call, status_code=422, problem="number")
        due = await asyncio.to_thread(inviting.follow_ups.get, follow_up_id)
        if due is None:
            return await self._list(call, status_code=409)
        match what:
            case "invite":
                # A caseworker who invites asks for the questions: the programme may ask on indication only.
                return await self._issue(call, due.claims.model_copy(update={"asks": True}), form.dialled)
            case "put_off":
                await asyncio.to_thread(inviting.follow_ups.put_off, follow_up_id)
            case "end":
                await asyncio.to_thread(inviting.follow_ups.end, follow_up_id)
            case _:
                return await self._list(call, status_code=422)
        await self._noted(call, f"follow_up.{what}", follow_up_id)
        return await self._list(call, done=what)

    async def qr(self, call: Call) -> Response:
        """The link that was just shown as a QR code, to print."""
        form = await call.form(QrForm)
        link = form.data["link"] or ""
        if form.errors or not link.startswith(f"{self._base(call)}/i/"):
            return await self._form(call, status_code=422, problem="invite")
        return Response(self._inviting.qr(link), media_type="image/svg+xml")

    async def lift_and_send(self, call: Call) -> Response:
        """The stop of one number is lifted on the person's word, and the link that was just shown goes there."""
        form, by_sms = await call.form(LiftOfInvitationForm), self._inviting.by_sms
        link = form.data["link"] or ""
        token = link.removeprefix(f"{self._base(call)}/i/")
        try:
            invitation_id = await asyncio.to_thread(self._inviting.invitations.look, token)
        except NotOpened:
            return await self._form(call, status_code=409, problem="lift_invitation")
        if form.errors or by_sms is None:
            problem = "lift_number" if "number" in form.errors else "lift"
            return self._pages.show("lift.html", status_code=422, call=call, link=link, problem=problem)
        number, why = e164(form.data["number"]) or "", Lifted(form.data["why"])
        try:
            await asyncio.to_thread(self._stops.lift_of_invitation, number, invitation_id, call.user, why)
        except NotLifted as refused:
            problem = f"lift_{refused.args[0]}"
            return self._pages.show("lift.html", status_code=409, call=call, link=link, problem=problem)
        not_sent = await asyncio.to_thread(by_sms, number, link, invitation_id, call.user.id)
        return self._pages.show("lift.html", call=call, lifted=True, refused=not_sent)

    async def _issue(self, call: Call, claims: Claims, number: str = "") -> Response:
        """Make it, and send the link to `number` if one is given and it may go."""
        issued: Issued = await asyncio.to_thread(self._inviting.invitations.issue, claims, who=call.user.id)
        link, by_sms = f"{self._base(call)}/i/{issued.token}", self._inviting.by_sms
        shown: dict[str, Any] = {"issued": issued, "link": link, "claims": claims}
        if number:
            refused: Refusal | None = Refusal.NO_SMS_INVITATIONS
            if by_sms is not None:
                refused = await asyncio.to_thread(by_sms, number, link, issued.id, call.user.id)
            may_lift = refused is Refusal.DO_NOT_CONTACT and await asyncio.to_thread(self._stops.may_lift, number)
            shown |= {"sms": True, "refused": refused, "may_lift": may_lift}
        return self._pages.show("invitation.html", call=call, **shown)

    async def _list(
        self, call: Call, *, status_code: int = 200, done: str = "", problem: str | None = None
    ) -> Response:
        inviting = self._inviting
        due = await asyncio.to_thread(inviting.follow_ups.due)
        not_sent = await asyncio.to_thread(inviting.invitations.not_sent)
        await self._noted(call, "follow_ups.seen", "")
        told = {"due": due, "not_sent": not_sent, "names": inviting.names, "offers_sms": inviting.sends_sms}
        shown = {"done": done, "problem": problem}
        return self._pages.show("follow_ups.html", status_code=status_code, call=call, **told, **shown)

    async def _form(self, call: Call, *, status_code: int = 200, **shown: Any) -> Response:
        inviting = self._inviting
        waiting = len(await asyncio.to_thread(inviting.invitations.not_sent))
        told = {"programmes": inviting.programmes, "locales": inviting.locales, "offers_sms": inviting.sends_sms}
        return self._pages.show("invite.html", status_code=status_code, call=call, not_sent=waiting, **told, **shown)

    def _base(self, call: Call) -> str:
        return self._inviting.base or str(call.request.base_url).rstrip("/")

    async def _noted(self, call: Call, what: str, about: str) -> None:
        def write() -> None:
            with self._inviting.records.session() as session:
                note(session, self._inviting.follow_ups.now(), call.user.id, what, about, Why.FOLLOW_UP)

        await asyncio.to_thread(write)
