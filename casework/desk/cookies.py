"""The desk's cookies: for this visit, not for scripts, not for other sites; over https for this host alone."""

from __future__ import annotations

from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

SESSION = "desk"
FORM = "desk-form"
"""Before signing in, the form token belongs to the browser."""
OUTSIDE = "desk-outside"
"""A try to sign in at the agency's own service, sealed, while the browser is there."""

LANGUAGE = "desk-language"
"""In which language the desk is shown in this browser."""


def read(request: Request, name: str) -> str:
    """The cookie's value, empty if there is none."""
    return request.cookies.get(_named(request, name), "")


def write(
    response: Response, request: Request, name: str, value: str, *, samesite: Literal["strict", "lax"] = "strict"
) -> None:
    """`lax` is for what must come back when another site leads the browser here."""
    response.set_cookie(
        _named(request, name),
        value,
        path=_path(request),
        httponly=True,
        samesite=samesite,
        secure=_safe(request),
    )


def drop(response: Response, request: Request, name: str) -> None:
    response.delete_cookie(
        _named(request, name), path=_path(request), httponly=True, samesite="strict", secure=_safe(request)
    )


def _safe(request: Request) -> bool:
    return request.url.scheme == "https"


def _named(request: Request, name: str) -> str:
    """A browser takes `__Host-` only from this very host, over https, for the path `/`."""
    return f"__Host-{name}" if _safe(request) else name


def _path(request: Request) -> str:
    return "/" if _safe(request) else "/desk"
