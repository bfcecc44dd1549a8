"""Chatwoot, an open-source agent desk: somebody waits becomes a conversation there with a link to the desk, and no content.

By the client API of an API inbox, so that no agent's token is needed: https://developers.chatwoot.com/api-reference.
Nothing of what is said goes through Chatwoot. The name there is content ("Någon väntar"), the same for everybody.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx

from casework.out.way import Never, News, NotNow, What

TIMEOUT = 10.0
OVER = frozenset({What.CLOSED, What.CANCELLED, What.LEFT})
NOT_THERE = 404


class Chatwoot:
    """`inbox` is the API inbox's identifier; `hmac_token` belongs to it, where it asks for verified contacts."""

    name = "chatwoot"
    wants = frozenset({What.WAITING}) | OVER

    def __init__(
        self,
        url: str,
        inbox: str,
        desk: str,
        contact_name: str,
        text: str,
        hmac_token: str = "",
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._root = f"{url.rstrip('/')}/public/api/v1/inboxes/{quote(inbox, safe='')}/contacts"
        self._desk = desk
        self._contact_name = contact_name
        self._text = text
        self._hmac_token = hmac_token
        self._transport = transport

    def tell(self, news: News) -> str:
        if news.what in OVER:
            return self._resolve(news)
        contact, _, conversation = news.reference.partition("/")
        contact = contact or self._contact(news)
        if not conversation:
            whose = {"custom_attributes": {"office": news.office}} if news.office else {}
            conversation = str(self._post(f"{contact}/conversations", whose, contact)["id"])
        reference = f"{contact}/{conversation}"
        text = self._text.replace("{link}", f"{self._desk}/handover/{news.handover_id}")
        self._post(f"{contact}/conversations/{conversation}/messages", {"content": text, "echo_id": news.id}, reference)
        return reference

    def _contact(self, news: News) -> str:
        body = {"identifier": news.handover_id, "name": self._contact_name}
        if self._hmac_token:
            digest = hmac.digest(self._hmac_token.encode(), news.handover_id.encode(), "sha256")
            body["identifier_hash"] = digest.hex()
        return quote(str(self._post("", body, "")["source_id"]), safe="")

    def _resolve(self, news: News) -> str:
        contact, _, conversation = news.reference.partition("/")
        if conversation:
            self._post(f"{contact}/conversations/{conversation}/toggle_status", {}, news.reference)
        return news.reference

    def _post(self, path: str, body: Mapping[str, object], reference: str) -> dict[str, Any]:
        """What the other side answers. `reference` is how far we have come, for the next try."""
        try:
            with httpx.Client(timeout=TIMEOUT, transport=self._transport) as client:
                answer = client.post(f"{self._root}/{path}".rstrip("/"), json=body)
                if answer.status_code == NOT_THERE:
                    raise Never("there is no such inbox or conversation")
                answer.raise_for_status()
                told = answer.json() if answer.content else {}
        except (httpx.HTTPError, ValueError) as error:
            raise NotNow(type(error).__name__, reference) from None
        if not isinstance(told, dict):
            raise NotNow("answer", reference)
        return told
