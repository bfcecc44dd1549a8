"""The page's cookies: which conversation it is, with the person's key to it, and for a moment that they have just answered.

Scripts can read the first on purpose: an exit without a network must be able to delete it.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

COOKIE = "s"
ANSWERED = "a"
"""Where there is no script, an answer leads to the page by way of a redirect. This says so, once: opened in any other way, or
again, the page shows nothing that somebody else may not see."""
ANSWERED_SECONDS = 20
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


def to_the_page(request: Request, session: Session | None) -> Response:
    """The way from an answer to the page."""
    response = remember(request, RedirectResponse("/", 303), session)
    secure = request.url.scheme == "https"
    response.set_cookie(
        ANSWERED, "1", max_age=ANSWERED_SECONDS, path="/", samesite="strict", secure=secure, httponly=True
    )
    return response


def has_just_answered(request: Request) -> bool:
    return ANSWERED in request.cookies


def used_up(request: Request, response: Response) -> Response:
    """The page has been shown: asked for once more, it is not the answer to anything."""
    if has_just_answered(request):
        response.delete_cookie(ANSWERED, path="/", samesite="strict", httponly=True)
    return response
