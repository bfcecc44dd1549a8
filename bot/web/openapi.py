"""The OpenAPI description of the conversation API, made from the models that check it."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from bot.talk.reply import Refusal
from bot.web.api import STATUS, Answering, ComingBack, Opening
from bot.web.invitation_api import SIGNATURE, TIME, Inviting
from casework.contact.invitation_sms import Became
from safety.safe_contact import Refusal as NoContact

MESSAGE = {
    "type": "object",
    "required": ["id", "text", "class", "sender", "choices"],
    "properties": {
        "id": {"type": "string", "description": "Give it back as reply_to."},
        "text": {"type": "string"},
        "class": {"enum": ["neutral", "sensitive", "question"]},
        "sender": {"enum": ["assistant", "human", "person"]},
        "part": {
            "type": "string",
            "description": "progress, item, intro, note, card, support, empty, or private: hide it with the gate",
        },
        "title": {"type": "string"},
        "choices": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "label"],
                "properties": {
                    "id": {"type": "string", "description": "A stable word, the same in every language."},
                    "label": {"type": "string"},
                    "everywhere": {"type": "boolean", "description": "Open at every step, not only here."},
                },
            },
        },
    },
}
STATE = {
    "type": "object",
    "required": ["stage", "gate", "handover"],
    "properties": {
        "stage": {
            "enum": ["welcome", "privacy", "information", "invitation", "questions", "support", "handover", "close"]
        },
        "gate": {"enum": ["open", "closed"]},
        "handover": {"enum": ["none", "waiting", "claimed"]},
    },
}
REPLY = {
    "type": "object",
    "required": ["messages", "state"],
    "properties": {"messages": {"type": "array", "items": MESSAGE}, "state": STATE},
}
NOT_TAKEN = {
    "type": "object",
    "required": ["error", "message", "messages"],
    "properties": {
        "error": {"enum": [refusal.value for refusal in Refusal]},
        "message": {"type": "string", "description": "A calm, neutral sentence that may be shown as it is."},
        "messages": {"type": "array", "items": MESSAGE},
    },
}


SIGNED = (
    "HMAC-SHA256 as hex, with the shared secret, over four parts with a line feed between them: the time, the method, "
    "the path with its query, the body."
)


def describe() -> dict[str, Any]:
    """The document served at /api/openapi.json."""
    reply = _json("What is on the screen now.", REPLY)
    begun = {**REPLY, "required": ["id", "token", "messages", "state"]}
    begun["properties"] = {**REPLY["properties"], "id": {"type": "string"}, "token": {"type": "string"}}  # type: ignore[dict-item]
    one = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]
    bearer = [{"token": []}]  # type: ignore[var-annotated]
    refused = {
        str(status): _json("Not taken: nothing was written, what was pending still is.", NOT_TAKEN)
        for status in sorted(set(STATUS.values()))
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Enrum conversation API", "version": version("enrum")},
        "components": {
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "time": {"type": "apiKey", "in": "header", "name": TIME, "description": "Seconds since 1970."},
                "signature": {"type": "apiKey", "in": "header", "name": SIGNATURE, "description": SIGNED},
            }
        },
        "paths": {
            "/api/conversations": {
                "post": {
                    "summary": "Begin a conversation",
                    "requestBody": _body(Opening.model_json_schema(), required=False),
                    "responses": {"201": _json("Begun. The token is given only here.", begun), **refused},
                }
            },
            "/api/conversations/back": {
                "post": {
                    "summary": "Come back with a code",
                    "requestBody": _body(ComingBack.model_json_schema(), required=True),
                    "responses": {"201": _json("Back, with a new token. The gate is closed.", begun), **refused},
                }
            },
            **_invitations(one),
            "/api/conversations/{id}/messages": {
                "parameters": one,
                "post": {
                    "summary": "Answer with words or a choice",
                    "security": bearer,
                    "requestBody": _body(Answering.model_json_schema(), required=True),
                    "responses": {"200": reply, **refused},
                },
            },
            "/api/conversations/{id}/events": {
                "parameters": one,
                "get": {
                    "summary": "Server-sent events: `reply` with what is on the screen, `ended` at the end",
                    "security": bearer,
                    "responses": {"200": {"description": "A stream.", "content": {"text/event-stream": {}}}, **refused},
                },
            },
            "/api/conversations/{id}": {
                "parameters": one,
                "delete": {
                    "summary": "Exit: the conversation ends and is erased, open handovers become left",
                    "security": bearer,
                    "responses": {"204": {"description": "Left."}, **refused},
                },
            },
        },
    }


def _invitations(one: list[dict[str, Any]]) -> dict[str, Any]:
    """For the agency's own system."""
    error = {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}}
    refused = {
        "401": _json("Not signed, wrongly signed, or more than five minutes off.", error),
        "404": _json("No such invitation, or no secret is set up.", error),
        "409": _json("The very same request was taken already.", error),
        "413": _json("The body is too long.", error),
    }
    told_who = error["properties"] | {"field": {"const": "case"}}  # type: ignore[operator]
    telling = {"type": "object", "required": ["error", "field"], "properties": told_who}
    names = ("id", "link", "code", "expires_at", "qr")
    told: dict[str, Any] = {name: {"type": "string"} for name in names}
    why = "Only where an SMS was asked for. Other than `ordered`: why it may not go. The link can be handed over otherwise."
    told["sms"] = {"enum": [Became.ORDERED.value, *(refusal.value for refusal in NoContact)], "description": why}
    issued = {"type": "object", "required": [*names[:4]], "properties": told}
    news = {
        "enum": [*(became.value for became in Became), *(refusal.value for refusal in NoContact)],
        "description": "Only where an SMS was ordered, and while it is remembered. A refusal: why it did not go when it was due.",
    }
    states = {"status": {"enum": ["open", "used", "expired", "revoked"]}, "sms": news}
    status = {"type": "object", "required": ["status"], "properties": states}
    signed: list[dict[str, list[str]]] = [{"time": [], "signature": []}]
    return {
        "/api/invitations": {
            "post": {
                "summary": "Make an invitation for a case: link, code for the phone, QR code, or the link by SMS",
                "security": signed,
                "requestBody": _body(Inviting.model_json_schema(), required=True),
                "responses": {
                    "201": _json("Made. Link and code are given only here.", issued),
                    "400": _json(
                        "Unreadable, no such programme, no number for `sms`, or `no_sms`: none can be sent here.", error
                    ),
                    "422": _json(
                        "`case` looks like a personal number or a name (`looks_like_a_personal_number`, `looks_like_a_name`): give "
                        "a reference that says nothing of the person.",
                        telling,
                    ),
                    **refused,
                },
            }
        },
        "/api/invitations/{id}": {
            "parameters": one,
            "get": {
                "summary": "How an invitation stands",
                "security": signed,
                "responses": {"200": _json("It stands so.", status), **refused},
            },
            "delete": {
                "summary": "Take an invitation back that was not opened",
                "security": signed,
                "responses": {"204": {"description": "Taken back."}, **refused},
            },
        },
    }


def _json(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _body(schema: dict[str, Any], *, required: bool) -> dict[str, Any]:
    return {"required": required, "content": {"application/json": {"schema": schema}}}
