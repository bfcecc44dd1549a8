"""A signed webhook: CloudEvents 1.0 in JSON, signed as Standard Webhooks says. Ids and fixed words, no content."""

from __future__ import annotations

import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import UTC, datetime

import httpx

from casework.out.way import Never, News, NotNow, What

TIMEOUT = 10.0
PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64
GONE = 410


class BadSecret(ValueError):
    """Not a secret as Standard Webhooks has it."""


class Webhook:
    """`source` names this installation; `secret` is what `key_of` made of the file's content."""

    name = "webhook"
    wants = frozenset(What)

    def __init__(
        self,
        url: str,
        secret: bytes,
        source: str,
        now: Callable[[], datetime],
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._url = url
        self._secret = secret
        self._source = source
        self._now = now
        self._transport = transport

    def tell(self, news: News) -> str:
        body = json.dumps(event(news, self._source), separators=(",", ":")).encode()
        at = int(self._now().timestamp())
        headers = {
            "Content-Type": "application/cloudevents+json; charset=utf-8",
            "webhook-id": news.id,
            "webhook-timestamp": str(at),
            "webhook-signature": f"v1,{signature(self._secret, news.id, at, body)}",
        }
        try:
            with httpx.Client(timeout=TIMEOUT, transport=self._transport) as client:
                answer = client.post(self._url, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise NotNow(type(error).__name__) from None
        if answer.status_code == GONE:
            raise Never("gone")
        if not answer.is_success:
            raise NotNow("refused")
        return ""


def event(news: News, source: str) -> dict[str, object]:
    """CloudEvents 1.0, structured mode. The extension attribute `office` is there where it belongs to one."""
    told: dict[str, object] = {
        "specversion": "1.0",
        "id": news.id,
        "source": source,
        "type": f"enrum.{news.what.value}",
        "subject": news.handover_id,
        "time": news.at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "data": {"handover": news.handover_id, "kind": news.kind},
    }
    return told | ({"office": news.office} if news.office else {})


def signature(secret: bytes, news_id: str, at: int, body: bytes) -> str:
    """Standard Webhooks, scheme v1: HMAC-SHA-256 over id, time and body."""
    return b64encode(hmac.digest(secret, f"{news_id}.{at}.".encode() + body, "sha256")).decode()


def key_of(written: str) -> bytes:
    """The key in `whsec_…` (base64 of 24 to 64 bytes). Raises BadSecret."""
    try:
        key = b64decode(written.removeprefix(PREFIX), validate=True)
    except ValueError:
        raise BadSecret("is not whsec_ and base64") from None
    if not written.startswith(PREFIX) or not SHORTEST <= len(key) <= LONGEST:
        raise BadSecret(f"must be {PREFIX} and base64 of {SHORTEST} to {LONGEST} bytes")
    return key
