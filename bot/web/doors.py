"""The applicant's side: every route with who may call it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.composition import House, follow_ups_of
from bot.phone.routes import Phone
from bot.phone.setting_up import phone_of
from bot.settings import agency_secret
from bot.web.api import ConversationApi
from bot.web.appearance import Appearance
from bot.web.invitation_api import InvitationApi
from bot.web.invited import InvitedPage
from bot.web.openapi import describe
from bot.web.page import Page
from bot.web.rates import Rates
from bot.web.signs import Signs
from casework.agency_requests import AgencyRequests
from casework.invitations import Invitations


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
    follow_ups = follow_ups_of(house.agency, house.records, house.now)
    issuing = Invitations(house.records, house.now, follow_ups, house.catalogue.is_neutral)
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


def _agency_requests(house: House) -> AgencyRequests | None:
    secret = agency_secret(house.settings)
    return AgencyRequests(house.records, secret, house.now) if secret else None


async def _openapi(request: Request) -> Response:
    return JSONResponse(describe())


async def _ready(request: Request) -> Response:
    """For whoever watches the process. Served only once everything is loaded."""
    return JSONResponse({"ready": True})
