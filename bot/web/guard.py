"""What is true of every request and every answer: whom it may come from, a body limit before anything is read, headers."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 16 * 1024
"""Bytes. The longest text is 1 600 characters."""
MAX_DESK_BODY = 64 * 1024
"""Bytes. A caseworker's longest text is 4 000 characters, each up to twelve bytes in a form."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), interest-cohort=()",
}
AS_A_FILE = 'attachment; filename="api.json"'
"""For the API: opened as a page, an answer is nothing to look at."""
ONLY_HTTPS = "max-age=31536000"
"""For a year. Not for subdomains: what else an agency has there is not ours to decide."""
OWN_PAGE = ("same-origin", "none")
"""`Sec-Fetch-Site` of a form on our page, and of what the person typed. Browsers that do not send it are held by the
cookies' `SameSite=Strict`."""


class TooLarge(Exception):
    """The body is larger than the limit."""


class Guard:
    """Stands outside everything else, so that answers to errors have the headers too.

    `public_url` is the address that people use: with it, other host names are refused, and with https in it every
    request counts as https, also where a proxy in between does not say so.
    """

    def __init__(self, app: ASGIApp, public_url: str = "") -> None:
        self._app = app
        public = urlsplit(public_url)
        self._host = (public.hostname or "").lower()
        self._https = public.scheme == "https"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._https:
            scope["scheme"] = "https"
        given = Headers(scope=scope)
        limit = MAX_DESK_BODY if scope["path"].startswith("/desk/") else MAX_BODY
        announced = given.get("content-length", "0")
        scope["too_large"] = len(announced) > 9 or not announced.isdecimal() or int(announced) > limit
        received = 0

        async def limited() -> Message:
            nonlocal received
            message = await receive()
            if message["type"] == "http.request":
                received += len(message.get("body", b""))
                if received > limit or scope["too_large"]:
                    raise TooLarge
            return message

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if scope["path"].startswith("/api/"):
                    headers.setdefault("Content-Disposition", AS_A_FILE)
                if scope["scheme"] == "https":
                    headers.setdefault("Strict-Transport-Security", ONLY_HTTPS)
            await send(message)

        refused = self._refused(scope, given)
        if refused is None:
            await self._app(scope, limited, with_headers)
        else:
            await Response(status_code=refused)(scope, receive, with_headers)

    def _refused(self, scope: Scope, given: Headers) -> int | None:
        """The status for what no page and no program of ours sends: it gets no words either."""
        if "\0" in scope["path"] or (self._host and not self._is_ours(given.get("host", ""))):
            return 400
        site = given.get("sec-fetch-site", "none")
        if scope["method"] == "POST" and not scope["path"].startswith("/api/") and site not in OWN_PAGE:
            return 403
        return None

    def _is_ours(self, host: str) -> bool:
        """Our name, or a bare address, by which whoever watches the process asks: no link to it can be sent to people."""
        try:
            name = (urlsplit(f"//{host}").hostname or "").lower()
        except ValueError:
            return False
        return name in (self._host, "localhost") or _is_address(name)


def _is_address(name: str) -> bool:
    try:
        return bool(ip_address(name))
    except ValueError:
        return False
