"""Who is at the door: only what the carrier signed is heard.

A signature has no time in it, so an old request can be sent again by whoever saw it. That is met elsewhere: every
request names its call and its step, and a step is answered once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.datastructures import QueryParams
from starlette.requests import Request
from twilio.request_validator import RequestValidator

from bot.settings import Settings


class NotSetUp(Exception):
    """There is no auth token: nothing can be signed, so nothing is heard."""


class NotSigned(Exception):
    """The signature is missing or wrong, or the request is of another account."""


@dataclass(frozen=True)
class Webhook:
    """A request of the carrier. `params` is its form, `query` what we wrote into the address ourselves."""

    params: Mapping[str, str] = field(repr=False)
    query: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.params.get(name, "")


class Door:
    """Checks signatures. The address that was signed is the public one, where a proxy stands before us."""

    def __init__(self, settings: Settings) -> None:
        self._validator = RequestValidator(settings.twilio_auth_token) if settings.twilio_auth_token else None
        self._account = settings.twilio_account_sid
        self._public_url = settings.public_url.rstrip("/")

    async def webhook(self, request: Request) -> Webhook:
        """The request, if the carrier signed it. Raises NotSetUp, NotSigned, `guard.TooLarge`."""
        if self._validator is None:
            raise NotSetUp
        # Blank fields are signed too, and Starlette's own form parser needs none of them lost.
        try:
            params = QueryParams((await request.body()).decode("utf-8"))
        except UnicodeDecodeError:
            raise NotSigned from None
        signature = request.headers.get("x-twilio-signature", "")
        if not signature or not self._validator.validate(self._address(request), params, signature):
            raise NotSigned
        if self._account and params.get("AccountSid", "") != self._account:
            raise NotSigned
        return Webhook(dict(params), dict(request.query_params))

    def _address(self, request: Request) -> str:
        query = f"?{request.url.query}" if request.url.query else ""
        return f"{self._base(request)}{request.url.path}{query}"

    def _base(self, request: Request) -> str:
        if self._public_url:
            return self._public_url
        return f"{request.url.scheme}://{request.url.netloc}"
