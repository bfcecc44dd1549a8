"""Chatwoot's client API for API inboxes as it is documented: what does not fit its schema is refused.

From the published OpenAPI description: `public_contact_create_update_payload`, `public_conversation_create_payload`,
`public_message_create_payload`, `resolve-conversation`. Unknown fields are refused here, though Chatwoot drops them.
"""

from __future__ import annotations

import hmac
import json
import re
from dataclasses import dataclass, field
from typing import Any

from jsonschema import Draft7Validator

from tests.casework.local_server import Answer, Received

TEXT, TABLE = {"type": "string"}, {"type": "object"}
SCHEMAS: dict[str, dict[str, Any]] = {
    "contact": {
        "identifier": TEXT, "identifier_hash": TEXT, "email": TEXT, "name": TEXT, "avatar_url": TEXT,
        "custom_attributes": TABLE,
    },
    "conversation": {"custom_attributes": TABLE},
    "message": {"content": TEXT, "echo_id": TEXT},
    "toggle_status": {},
}  # fmt: skip
ROOT = r"/public/api/v1/inboxes/(?P<inbox>[^/]+)/contacts"
PATHS = {
    "contact": re.compile(ROOT),
    "conversation": re.compile(ROOT + r"/(?P<contact>[^/]+)/conversations"),
    "message": re.compile(ROOT + r"/(?P<contact>[^/]+)/conversations/(?P<conversation>\d+)/messages"),
    "toggle_status": re.compile(ROOT + r"/(?P<contact>[^/]+)/conversations/(?P<conversation>\d+)/toggle_status"),
}


@dataclass
class ChatwootDouble:
    """One API inbox called `inbox-1`. With `hmac_token` it takes verified contacts only. `fails` plans faults."""

    hmac_token: str = ""
    fails: list[str] = field(default_factory=list)
    """Which operations fail next, once each."""
    contacts: dict[str, dict[str, Any]] = field(default_factory=dict)
    conversations: dict[int, dict[str, Any]] = field(default_factory=dict)

    def answer(self, request: Received) -> Answer:
        path = request.path.partition("?")[0]
        found = [(name, match) for name, pattern in PATHS.items() if (match := pattern.fullmatch(path))]
        if request.method != "POST" or len(found) != 1:
            return 404, {"error": "no such operation"}
        ((name, match),) = found
        if not request.headers.get("content-type", "").startswith("application/json"):
            return 415, {"error": "not JSON"}
        body = json.loads(request.body)
        schema = {"type": "object", "properties": SCHEMAS[name], "additionalProperties": False}
        if errors := [error.message for error in Draft7Validator(schema).iter_errors(body)]:
            return 422, {"error": errors}
        if name in self.fails:
            self.fails.remove(name)
            return 500, {"error": "planned"}
        if match["inbox"] != "inbox-1":
            return 404, {"error": "no such inbox"}
        return 200, getattr(self, f"_{name}")(body, **{k: v for k, v in match.groupdict().items() if k != "inbox"})

    def _contact(self, body: dict[str, Any]) -> dict[str, Any]:
        if self.hmac_token:
            right = hmac.digest(self.hmac_token.encode(), body["identifier"].encode(), "sha256").hex()
            assert body.get("identifier_hash") == right
        source_id = f"source-{len(self.contacts) + 1}"
        self.contacts[source_id] = body
        return {"id": len(self.contacts), "source_id": source_id, "name": body.get("name"), "pubsub_token": "p"}

    def _conversation(self, body: dict[str, Any], contact: str) -> dict[str, Any]:
        assert contact in self.contacts
        number = len(self.conversations) + 1
        self.conversations[number] = {**body, "contact": contact, "status": "open", "messages": []}
        return {"id": number, "inbox_id": "1", "messages": [], "contact": {}}

    def _message(self, body: dict[str, Any], contact: str, conversation: str) -> dict[str, Any]:
        one = self.conversations[int(conversation)]
        assert one["contact"] == contact
        one["messages"].append(body["content"])
        return {"id": 1, "content": body["content"], "message_type": 0}

    def _toggle_status(self, body: dict[str, Any], contact: str, conversation: str) -> dict[str, Any]:
        self.conversations[int(conversation)]["status"] = "resolved"
        return {"id": int(conversation)}
