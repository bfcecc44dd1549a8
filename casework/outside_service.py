"""The agency's own sign-in service, by OpenID Connect: code flow with PKCE, state and nonce.

What the service says is believed only if the ID token is signed by one of its published keys, was issued by it, for us,
for this very try, and is not too old (OpenID Connect Core 3.1.3.7, RFC 9207, RFC 9700).
"""

from __future__ import annotations

import hmac
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures with published keys. Never `none`, never one with a shared secret."""
LEEWAY = 60
"""Seconds that two clocks may differ."""
TIMEOUT = 10.0
METADATA_FRESH = 3600.0


class ServiceFailed(Exception):
    """The service cannot be reached, or what it says cannot be believed. `args[0]` is a fixed word for the log."""


class Cancelled(ServiceFailed):
    """The person, or the service on the person's behalf, said no (RFC 6749 4.1.2.1, `access_denied`)."""


@dataclass(frozen=True)
class Try:
    """One try to sign in. It stays with the browser, sealed, until the service sends the person back."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


class OutsideService:
    """`transport` is for tests; `now` gives seconds since 1970."""

    def __init__(
        self,
        issuer: str,
        client_id: str,
        client_secret: str,
        scope: str,
        *,
        now: Callable[[], float] = time.time,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._issuer = issuer
        self._client_id = client_id
        self._client_secret = client_secret
        self._scope = scope
        self._now = now
        self._transport = transport
        self._metadata: dict[str, Any] = {}
        self._keys: KeySet | None = None
        self._read_at = 0.0

    async def begin(self, redirect_uri: str) -> tuple[str, Try]:
        """Where to send the browser, and what to remember of it. Raises ServiceFailed."""
        metadata = await self._described()
        one = Try(*(secrets.token_urlsafe(48) for _ in range(3)))
        asked = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": redirect_uri,
            "scope": self._scope,
            "state": one.state,
            "nonce": one.nonce,
            "code_challenge": _challenge(one.verifier),
            "code_challenge_method": "S256",
        }
        url = httpx.URL(metadata["authorization_endpoint"]).copy_merge_params(asked)
        return str(url), one

    async def finish(self, one: Try, redirect_uri: str, answered: Mapping[str, str]) -> dict[str, Any]:
        """The claims of who signed in, from what the browser brought back. Raises ServiceFailed."""
        metadata = await self._described()
        if not hmac.compare_digest(one.state.encode(), answered.get("state", "").encode()):
            raise ServiceFailed("state")
        says_issuer = metadata.get("authorization_response_iss_parameter_supported") is True
        if (says_issuer and answered.get("iss") != self._issuer) or answered.get("iss", self._issuer) != self._issuer:
            raise ServiceFailed("issuer")
        if answered.get("error") == "access_denied":
            raise Cancelled("cancelled")
        if not answered.get("code"):
            raise ServiceFailed("refused")
        token = await self._exchanged(metadata, one, redirect_uri, answered["code"])
        claims = await self._checked(str(token.get("id_token") or ""), one.nonce)
        return claims | await self._more(metadata, str(token.get("access_token") or ""), claims["sub"])

    async def _exchanged(self, metadata: dict[str, Any], one: Try, redirect_uri: str, code: str) -> Mapping[str, Any]:
        sent = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": one.verifier,
            "client_id": self._client_id,
        }
        # RFC 6749 2.3.1: both are form-encoded before they go into the header.
        auth = (quote(self._client_id, safe=""), quote(self._client_secret, safe="")) if self._client_secret else None
        return await self._got(metadata["token_endpoint"], form=sent, auth=auth)

    async def _checked(self, id_token: str, nonce: str) -> dict[str, Any]:
        """The claims of the ID token. A key that is not known yet is looked for once."""
        for fresh in (False, True):
            try:
                decoded = jwt.decode(id_token, await self._published_keys(fresh), algorithms=list(ALGORITHMS))
                break
            except (JoseError, ValueError):
                if fresh:
                    raise ServiceFailed("signature") from None
        rules = jwt.JWTClaimsRegistry(
            now=int(self._now()),
            leeway=LEEWAY,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._client_id},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            rules.validate(decoded.claims)
        except JoseError:
            raise ServiceFailed("claims") from None
        claims = dict(decoded.claims)
        for_others = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if (
            not isinstance(claims["sub"], str)
            or claims.get("azp", None if for_others else self._client_id) != self._client_id
        ):
            raise ServiceFailed("claims")
        return claims

    async def _more(self, metadata: dict[str, Any], access_token: str, subject: str) -> dict[str, Any]:
        """What the service says of the person beside the ID token, if it has a place for that."""
        if not metadata.get("userinfo_endpoint") or not access_token:
            return {}
        headers = {"Authorization": f"Bearer {access_token}"}
        told = await self._got(str(metadata["userinfo_endpoint"]), headers)
        if told.get("sub") != subject:
            raise ServiceFailed("userinfo")
        return {name: value for name, value in told.items() if name not in ("iss", "aud", "exp", "iat", "nonce")}

    async def _described(self) -> dict[str, Any]:
        """The service's own description, an hour old at most."""
        if not self._metadata or self._now() - self._read_at > METADATA_FRESH:
            told = await self._got(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
            places = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            if told.get("issuer") != self._issuer or not all(is_safe(str(told.get(place, ""))) for place in places):
                raise ServiceFailed("metadata")
            self._metadata, self._read_at, self._keys = told, self._now(), None
        return self._metadata

    async def _published_keys(self, fresh: bool) -> KeySet:
        if self._keys is None or fresh:
            told = await self._got(str(self._metadata["jwks_uri"]))
            self._keys = KeySet.import_key_set(told)  # type: ignore[arg-type]
        return self._keys

    async def _got(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
    ) -> dict[str, Any]:
        """What is there as JSON, or what a form that is sent there gets. Redirects are not followed."""
        try:
            async with httpx.AsyncClient(timeout=TIMEOUT, transport=self._transport) as client:
                method = "GET" if form is None else "POST"
                answer = await client.request(method, url, headers=headers, data=form, auth=auth)
                answer.raise_for_status()
                told = answer.json()
        except (httpx.HTTPError, ValueError):
            raise ServiceFailed("unreachable") from None
        if not isinstance(told, dict):
            raise ServiceFailed("unreachable")
        return told


def _challenge(verifier: str) -> str:
    """RFC 7636 4.2, method S256."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def is_safe(url: str) -> bool:
    """Https, or this very machine."""
    parts = urlsplit(url)
    return bool(parts.hostname) and (parts.scheme == "https" or parts.hostname in ("localhost", "127.0.0.1"))
