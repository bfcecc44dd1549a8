"""The OpenAPI description of the conversation API, made from the models that check it."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from bot.talk.reply import Refusal
from bot.web.api import STATUS, Answering, ComingBack, Opening

MESSAGE = {
    "type": "object",
    "required": ["id", "text", "class", "sender", "choices"],
    "properties": {
        "id": {"type": "string", "description": "Give it back as reply_to."},
        "text": {"type": "string"},
        "class": {"enum": ["neutral", "sensitive", "question"]},
        "sender": {"enum": ["assistant", "human", "person"]},
        "part": {"type": "string", "description": "progress, item, intro, note, card, support or empty"},
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
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
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


def _json(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _body(schema: dict[str, Any], *, required: bool) -> dict[str, Any]:
    return {"required": required, "content": {"application/json": {"schema": schema}}}
