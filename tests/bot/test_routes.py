"""Every address, and who may call it. A new one that is not listed here fails."""

from __future__ import annotations

import re

import httpx
import pytest
from starlette.routing import Mount, Route

from bot.composition import House
from bot.web.application import application
from bot.web.doors import MayCall, doors
from casework.desk import DESK_ROUTES
from casework.desk import MayCall as DeskMayCall

PUBLIC = {
    "/",
    "/say",
    "/leave",
    "/back",
    "/api/conversations/back",
    "/api/openapi.json",
    "/api/conversations",
    "/ready",
    "/desk/sign-in",
    "/desk/language/{language}",
    "/desk/outside",
    "/desk/outside/back",
    "/desk/static/{name}",
}


def served(house: House) -> set[tuple[str, str]]:
    return {
        (route.path, method)
        for route in application(house).routes
        if isinstance(route, Route)
        for method in route.methods or ()
        if method != "HEAD"
    }


def test_every_route_says_who_may_call_it(house: House) -> None:
    ours = {(door.path, method) for door in doors(house) for method in door.methods}
    desk = {(route.path, method) for route in DESK_ROUTES for method in route.methods}
    assert served(house) == ours | desk
    carrier = {door.path for door in doors(house) if door.may_call is MayCall.CARRIER}
    agency = {door.path for door in doors(house) if door.may_call is MayCall.AGENCY}
    assert agency == {path for path, _ in ours if path.startswith("/api/invitations")}
    assert carrier == {path for path, _ in ours if path.startswith("/twilio/")}
    mounts = [route.path for route in application(house).routes if isinstance(route, Mount)]
    assert mounts == ["/static"]


def test_only_these_are_open_to_anyone(house: House) -> None:
    anyone = {door.path for door in doors(house) if door.may_call is MayCall.ANYONE}
    anyone |= {route.path for route in DESK_ROUTES if route.may_call is DeskMayCall.ANYONE}
    assert anyone == PUBLIC


async def test_the_desk_lets_nobody_in_without_signing_in(client: httpx.AsyncClient) -> None:
    for route in DESK_ROUTES:
        if route.may_call is not DeskMayCall.CASEWORKER:
            continue
        path = re.sub(r"\{\w+\}", "x", route.path)
        for method in route.methods:
            response = await client.request(method, path)
            assert response.status_code in (303, 401, 403), (method, path, response.status_code)


@pytest.mark.parametrize("path", ["/", "/desk/sign-in", "/nothing", "/api/openapi.json"])
async def test_headers_on_every_answer(client: httpx.AsyncClient, path: str) -> None:
    headers = (await client.get(path)).headers
    assert "no-store" in headers["cache-control"]
    assert headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


async def test_openapi_describes_what_is_served(client: httpx.AsyncClient, house: House) -> None:
    paths = (await client.get("/api/openapi.json")).json()["paths"]
    described = {(path, method.upper()) for path, ways in paths.items() for method in ways if method != "parameters"}
    assert described == {(p, m) for p, m in served(house) if p.startswith("/api/") and p != "/api/openapi.json"}
