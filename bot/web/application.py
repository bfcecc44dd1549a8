"""The Starlette application: the applicant's side and the desk, errors as calm sentences, and the tasks beside them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from bot.composition import House
from bot.data_files import edits_of
from bot.logs import place_of
from bot.phone.routes import Phone
from bot.phone.setting_up import phone_of
from bot.reloading import Reloading
from bot.talk.reply import Refusal
from bot.web.api import STATUS, ConversationApi
from bot.web.desk import desk
from bot.web.doors import appearance_of, doors
from bot.web.guard import Guard, TooLarge
from bot.web.rates import Rates
from bot.web.tasks import lifespan_of
from casework.invitations import Invitations
from casework.unavailable import Unavailable

log = logging.getLogger("enrum.web")
STATIC = Path(__file__).parent / "static"


class Served(Starlette):
    """With the guard outside everything, the handler of unexpected errors too."""

    public_url = ""

    def build_middleware_stack(self) -> ASGIApp:
        return Guard(super().build_middleware_stack(), self.public_url)


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
        lifespan=lifespan_of(house, phone, reloading),
    )
    served.public_url = house.settings.public_url
    # A redirect to the address without its last slash would be built from the host name that the caller gave.
    served.router.redirect_slashes = False
    return served


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
