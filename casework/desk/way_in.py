"""Who gets no further, and where they are led instead."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from casework.accounts import SignedIn
from casework.desk.table import DeskRoute
from casework.desk_sessions import CODE, SET_UP
from casework.roles import Task, may

FROM_SCRIPT = "x-from-script"
HOMES = {Task.HANDOVERS: "/desk", Task.CONTENTS: "/desk/contents", Task.ACCOUNTS: "/desk/accounts"}
"""Where somebody with this task begins."""
STEPS = {CODE: "/desk/code", SET_UP: "/desk/second-step"}


class NotYours(Exception):
    """The caller's role does not have the task."""


def home_of(role: str) -> str:
    """The first page of a role."""
    return next((home for task, home in HOMES.items() if may(role, task)), "/desk/password")


def turned_away(route: DeskRoute, request: Request, signed_in: SignedIn | None) -> Response | None:
    """None for somebody who may call the route. Raises NotYours."""
    if signed_in is None:
        return _elsewhere(route, request, "/desk/sign-in", 401)
    if signed_in.waits_for and signed_in.waits_for not in route.while_waiting:
        return _elsewhere(route, request, STEPS.get(signed_in.waits_for, "/desk/sign-in"), 401)
    if may(signed_in.user.role, route.needs):
        return None
    if route.name == "queue":
        return RedirectResponse(home_of(signed_in.user.role), status_code=303)
    raise NotYours


def _elsewhere(route: DeskRoute, request: Request, where: str, status_code: int) -> Response:
    """A page leads on. What a script asked for only learns that it may not, and keeps its text."""
    if route.by_itself or FROM_SCRIPT in request.headers:
        return Response(status_code=status_code)
    return RedirectResponse(where, status_code=303)
