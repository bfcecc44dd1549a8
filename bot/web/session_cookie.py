"""The page's cookie: which conversation it is, and the person's key to it.

Scripts can read it on purpose: an exit without a network must be able to delete it.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

COOKIE = "s"
Session = tuple[str, str]
"""Id and token."""


def session_of(request: Request) -> Session | None:
    return split(request.cookies.get(COOKIE, ""))


def split(value: str) -> Session | None:
    conversation_id, _, token = value.partition(".")
    return (conversation_id, token) if conversation_id and token and len(value) < 200 else None


def remember(request: Request, response: Response, session: Session | None) -> Response:
    """Set the cookie, where it is not there already."""
    if session is not None and session_of(request) != session and "set-cookie" not in response.headers:
        secure = request.url.scheme == "https"
        response.set_cookie(COOKIE, ".".join(session), path="/", samesite="strict", secure=secure, httponly=False)
    return response


def forget(response: Response) -> Response:
    response.delete_cookie(COOKIE, path="/", samesite="strict")
    return response
