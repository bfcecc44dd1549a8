"""The Starlette application: every route with who may call it, errors as calm sentences, and the sweep in the background."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import count
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from bot import data_files
from bot.composition import House, follow_ups_of, open_now, outside_of
from bot.data_files import edits_of
from bot.logs import place_of
from bot.phone.routes import Phone
from bot.phone.setting_up import desk_ways, phone_of
from bot.reloading import Reloading
from bot.settings import agency_secret
from bot.talk.preview import JourneyPreview
from bot.talk.reply import Refusal
from bot.talk.waiting import Waiting
from bot.ways_out import messenger_of
from bot.web.api import STATUS, ConversationApi
from bot.web.appearance import Appearance
from bot.web.guard import Guard, TooLarge
from bot.web.invitation_api import InvitationApi, qr_svg
from bot.web.invited import InvitedPage
from bot.web.openapi import describe
from bot.web.page import Page
from bot.web.rates import Rates
from bot.web.signs import Signs
from casework import retention
from casework.agency_requests import AgencyRequests
from casework.desk.inviting import Inviting
from casework.desk.shelf import Shelf
from casework.invitations import Invitations
from casework.out.delivery import Messenger
from casework.unavailable import Unavailable

log = logging.getLogger("enrum.web")
STATIC = Path(__file__).parent / "static"
SWEEP_EVERY = 60.0
RETENTION_EVERY = 60
"""Sweeps."""
DELIVER_EVERY = 2.0
LOOK_FOR_CHANGES_EVERY = 15.0


class MayCall(StrEnum):
    """Who may call a route."""

    ANYONE = "anyone"
    PERSON = "the person, with the conversation's token"
    LINK = "one-time link"
    AGENCY = "the agency's own system, with its signature"
    CARRIER = "the telephone carrier, with its signature"
    CASEWORKER = "caseworker"


@dataclass(frozen=True)
class Door:
    """One route of ours. `tests/bot/test_routes.py` holds this table against what is served."""

    path: str
    methods: tuple[str, ...]
    may_call: MayCall
    endpoint: Callable[[Request], Any]


def appearance_of(house: House) -> Appearance:
    """How the applicant's page looks in this house."""
    return Appearance(house.turns, house.agency, house.catalogue.languages["sv"], house.catalogue.sensitive_words)


def doors(house: House, phone: Phone | None = None) -> list[Door]:
    """The applicant's side: page, API and phone."""
    rates = Rates(house.settings.redis_url, house.records.keys.lasting("rates"))
    signs = Signs(house.turns, house.presence, house.bell)
    appearance = appearance_of(house)
    page = Page(house.turns, house.bell, house.agency, rates, appearance, signs)
    invitations = Invitations(house.records, house.now)
    api = ConversationApi(house.turns, invitations, house.bell, house.agency, rates)
    invited = InvitedPage(house.turns, invitations, page, appearance, house.agency, rates)
    issuing = Invitations(house.records, house.now, follow_ups_of(house.agency, house.records, house.now))
    phone, base = phone or phone_of(house), house.settings.public_url.rstrip("/")
    inviting = InvitationApi(issuing, _agency_requests(house), house.agency, base, phone.invite)
    return [
        Door("/", ("GET",), MayCall.ANYONE, page.show),
        Door("/say", ("POST",), MayCall.ANYONE, page.say),
        Door("/back", ("GET",), MayCall.ANYONE, page.ask_for_code),
        Door("/back", ("POST",), MayCall.ANYONE, page.come_back),
        Door("/leave", ("POST",), MayCall.ANYONE, page.leave),
        Door("/events", ("GET",), MayCall.PERSON, page.events),
        Door("/writing", ("POST",), MayCall.PERSON, page.writing),
        Door("/api/openapi.json", ("GET",), MayCall.ANYONE, _openapi),
        Door("/api/conversations", ("POST",), MayCall.ANYONE, api.open),
        Door("/api/conversations/back", ("POST",), MayCall.ANYONE, api.come_back),
        Door("/api/conversations/{id}", ("DELETE",), MayCall.PERSON, api.leave),
        Door("/api/conversations/{id}/messages", ("POST",), MayCall.PERSON, api.answer),
        Door("/api/conversations/{id}/events", ("GET",), MayCall.PERSON, api.events),
        Door("/i/{token}", ("GET",), MayCall.LINK, invited.show),
        Door("/i/{token}", ("POST",), MayCall.LINK, invited.open),
        Door("/api/invitations", ("POST",), MayCall.AGENCY, inviting.invite),
        Door("/api/invitations/{id}", ("GET",), MayCall.AGENCY, inviting.status),
        Door("/api/invitations/{id}", ("DELETE",), MayCall.AGENCY, inviting.revoke),
        Door("/twilio/voice", ("POST",), MayCall.CARRIER, phone.voice),
        Door("/twilio/sms", ("POST",), MayCall.CARRIER, phone.sms),
        Door("/twilio/call-back/desk", ("POST",), MayCall.CARRIER, phone.call_back_desk),
        Door("/twilio/call-back/person", ("POST",), MayCall.CARRIER, phone.call_back_person),
        Door("/twilio/status", ("POST",), MayCall.CARRIER, phone.status),
        Door("/ready", ("GET",), MayCall.ANYONE, _ready),
    ]


class Served(Starlette):
    """With the guard outside everything, the handler of unexpected errors too."""

    public_url = ""

    def build_middleware_stack(self) -> ASGIApp:
        return Guard(super().build_middleware_stack(), self.public_url)


def _agency_requests(house: House) -> AgencyRequests | None:
    secret = agency_secret(house.settings)
    return AgencyRequests(house.records, secret, house.now) if secret else None


def application(house: House, phone: Phone | None = None) -> Starlette:
    """Everything that is served, in one process. `phone` in place of the one that the settings make."""
    phone = phone or phone_of(house)
    routes: list[BaseRoute] = [
        Route(door.path, door.endpoint, methods=list(door.methods)) for door in doors(house, phone)
    ]
    routes.append(Mount("/static", StaticFiles(directory=STATIC)))
    reloading = Reloading(house.catalogue, edits_of(house.settings.home))
    routes += desk(house, phone, reloading)
    served = Served(
        routes=routes,
        exception_handlers={
            HTTPException: _not_here(house),  # type: ignore[dict-item]
            TooLarge: _failed(house, Refusal.TOO_LONG),
            Unavailable: _failed(house, Refusal.FAILED),
            Exception: _failed(house, Refusal.FAILED),
        },
        lifespan=_lifespan(house, phone, reloading),
    )
    served.public_url = house.settings.public_url
    # A redirect to the address without its last slash would be built from the host name that the caller gave.
    served.router.redirect_slashes = False
    return served


def desk(house: House, phone: Phone, reloading: Reloading) -> list[BaseRoute]:
    """The caseworker's side."""
    from casework.coordinator import Coordinator
    from casework.desk import desk_routes
    from casework.desk.content_pages import ContentsDesk
    from casework.desk.live import Live
    from casework.desk.tries import Tries

    return list(
        desk_routes(
            handovers=house.handovers,
            accounts=house.accounts,
            content=house.catalogue.desk["sv"],
            agency_name=house.agency.name,
            on_change=house.bell.changed,
            ways=desk_ways(house, phone),
            inviting=_inviting(house, phone),
            item_text=lambda name, version, number: _item_text(house, name, version, number),
            tries=Tries(house.settings.redis_url, house.records.keys.lasting("rates")),
            live=Live(house.presence, house.bell.wait, house.bell.ring, house.turns.privacy),
            shelf=_shelf(house),
            offices={office.id: office.name for office in house.agency.offices},
            base=house.settings.public_url.rstrip("/"),
            contents=ContentsDesk(
                Coordinator(
                    house.records, edits_of(house.settings.home), data_files.read(), house.agency.id, house.now
                ),
                JourneyPreview(house.catalogue, house.agency, house.now),
                reloading.saved,
            ),
            outside=outside_of(house.settings, house.records, house.now),
            admin_words=house.catalogue.desk_admin,
        )
    )


def _inviting(house: House, phone: Phone) -> Inviting:
    follow_ups = follow_ups_of(house.agency, house.records, house.now)
    return Inviting(
        house.records,
        Invitations(house.records, house.now, follow_ups),
        follow_ups,
        house.agency.programmes,
        sorted(house.catalogue.languages, key=lambda locale: locale != house.agency.language),
        qr_svg,
        house.settings.public_url.rstrip("/"),
        phone.invite,
        offers_sms=house.agency.phone.invite_by_sms,
    )


def _shelf(house: House) -> Shelf:
    """What the desk takes from the data."""
    languages = house.catalogue.languages
    return Shelf(
        languages=house.catalogue.desk,
        quick_replies={locale: content.quick_replies for locale, content in languages.items()},
        checklists=house.catalogue.checklists,
        agency=lambda: house.catalogue.agencies[house.agency.id],
        line=lambda line_id: house.catalogue.line_text(line_id, house.now().date()),
    )


def _item_text(house: House, name: str, version: str, number: int) -> str:
    """The item's words for the desk; empty where they are not here, and then the desk shows the number."""
    instrument = house.catalogue.instruments.get((name, version, "sv"))
    return instrument.item(number).text if instrument is not None else ""


async def _openapi(request: Request) -> Response:
    return JSONResponse(describe())


async def _ready(request: Request) -> Response:
    """For whoever watches the process. Served only once everything is loaded."""
    return JSONResponse({"ready": True})


def _not_here(house: House) -> Callable[[Request, HTTPException], Response]:
    appearance = appearance_of(house)

    def answer(request: Request, error: HTTPException) -> Response:
        sentence = house.turns.sentence("errors.unknown" if error.status_code == 404 else "errors.unreadable")
        if request.url.path.startswith("/api/"):
            return JSONResponse({"error": "not_found", "message": sentence, "messages": []}, error.status_code)
        return HTMLResponse(appearance.calm_page(sentence), error.status_code, headers=error.headers)

    return answer


def _failed(house: House, refusal: Refusal) -> Callable[[Request, Exception], Response]:
    """Our fault, or a body too large. The log gets the kind of error and the route, never its text."""
    rates = Rates()
    appearance = appearance_of(house)
    invitations = Invitations(house.records, house.now)
    api = ConversationApi(house.turns, invitations, house.bell, house.agency, rates)

    def answer(request: Request, error: Exception) -> Response:
        if refusal is Refusal.FAILED:
            log.error("request failed", extra={"error": type(error).__name__, "place": place_of(error.__traceback__)})
        if request.url.path.startswith("/api/"):
            return api.refuse(refusal)
        return HTMLResponse(appearance.calm_page(house.turns.sentence(f"errors.{refusal.value}")), STATUS[refusal])

    return answer


def _lifespan(
    house: House, phone: Phone, reloading: Reloading
) -> Callable[[Starlette], contextlib.AbstractAsyncContextManager[None]]:
    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await asyncio.to_thread(phone.warm)
        words = house.catalogue.desk_admin["sv"]["out"]
        messenger = messenger_of(house.settings, house.records, house.agency, words, house.now)
        tasks = [
            asyncio.create_task(work)
            for work in (_sweep(house), _deliver(phone), _tell(messenger), _reload(reloading), _tell_waiting(house))
        ]
        yield
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        house.records.close()

    return lifespan


async def _deliver(phone: Phone) -> None:
    """Carry out what was ordered of the carrier."""
    while phone.delivery is not None:
        try:
            await asyncio.to_thread(phone.delivery.run)
        except Exception as error:  # noqa: BLE001 - what could not be sent now may be sent in a moment
            log.error("delivery failed", extra={"error": type(error).__name__, "place": place_of(error.__traceback__)})
        await asyncio.sleep(DELIVER_EVERY)


async def _tell(messenger: Messenger) -> None:
    """Tell other systems what is new."""
    while messenger.has_ways:
        try:
            await asyncio.to_thread(messenger.run)
        except Exception as error:  # noqa: BLE001 - what could not be told now may be told in a moment
            log.error("telling failed", extra={"error": type(error).__name__, "place": place_of(error.__traceback__)})
        await asyncio.sleep(DELIVER_EVERY)


async def _tell_waiting(house: House) -> None:
    """Tell those who wait for a human when nobody is there any more."""
    is_open = open_now(house.catalogue, house.agency.id)
    waiting = Waiting(house.records, house.turns, house.handovers.someone_present, is_open, house.agency.default_office)
    while True:
        await asyncio.sleep(LOOK_FOR_CHANGES_EVERY)
        try:
            await waiting.look(house.now())
        except Exception as error:  # noqa: BLE001 - who could not be told now may be told in a moment
            log.error("waiting failed", extra={"error": type(error).__name__, "place": place_of(error.__traceback__)})


async def _reload(reloading: Reloading) -> None:
    """Take over what another process saved."""
    while True:
        await asyncio.sleep(LOOK_FOR_CHANGES_EVERY)
        try:
            await reloading.look()
        except Exception as error:  # noqa: BLE001 - what is there goes on
            log.error("reloading failed", extra={"error": type(error).__name__, "place": place_of(error.__traceback__)})


async def _sweep(house: House) -> None:
    """End what went silent (outcome interrupted, keys destroyed) and what ran out.

    Once an hour remove all that is past its time.
    """
    idle = timedelta(minutes=house.agency.gate.session_minutes)
    for n in count():
        try:
            await asyncio.to_thread(house.intake.expire, idle, house.now())
            if n % RETENTION_EVERY == 0:
                await asyncio.to_thread(retention.run, house.records, house.agency.keep, house.now())
        except Exception as error:  # noqa: BLE001 - the sweep must go on tomorrow
            log.error("sweep failed", extra={"error": type(error).__name__, "place": place_of(error.__traceback__)})
        await asyncio.sleep(SWEEP_EVERY)
