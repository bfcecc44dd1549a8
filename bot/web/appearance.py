"""What the applicant's page looks like, whatever is on it. It is looked at once more before it is given."""

from __future__ import annotations

import logging
import secrets
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bot.talk.reply import Refusal, Reply
from bot.talk.turns import Turns
from bot.web.api import STATUS
from bot.web.emergency import with_emergency_link
from bot.web.last_look import SensitiveWords, is_neutral
from bot.web.signs import Shown
from safety.content import Channel
from screening.catalogue.agency import Agency
from screening.catalogue.content import Content

log = logging.getLogger("enrum.page")
TEMPLATES = Path(__file__).parent / "templates"
LOCALE = "sv"


class Appearance:
    """Nothing in it, its title or its address says what is talked about."""

    def __init__(self, turns: Turns, agency: Agency, content: Content, sensitive_words: SensitiveWords) -> None:
        self._turns = turns
        self._agency = agency
        self._content = content
        self._sensitive_words = sensitive_words
        self._templates = Environment(
            loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, auto_reload=False
        )
        self._templates.filters["with_emergency_link"] = with_emergency_link

    def greeting(self) -> Reply:
        """The first words, before there is a conversation."""
        return self._turns.greeting(self._agency.id, self._agency.default_programme, Channel.WEB, LOCALE)

    def page(
        self,
        request: Request,
        reply: Reply,
        *,
        notice: str | None = None,
        status: int = 200,
        signs: Shown | None = None,
    ) -> Response:
        name = "conversation.html" if wants_fragment(request) else "page.html"
        html = self._templates.get_template(name).render(self._filled(reply, notice, signs))
        if reply.gate != "open" and not is_neutral(html, self._sensitive_words):
            log.error("a page was held back", extra={"place": reply.stage})
            return self.calm(Refusal.FAILED)
        return HTMLResponse(html, status)

    def code(self, notice: str | None = None, status: int = 200) -> Response:
        """Where the person's word and digits are written."""
        filled = self._filled(self.greeting(), notice)
        return HTMLResponse(self._templates.get_template("back.html").render(filled), status)

    def gone(self, request: Request) -> Response:
        """A blank page that goes on to somewhere boring: a redirect would be stopped by our own form policy."""
        if wants_fragment(request):
            return Response(status_code=204, headers={"X-Left": "1"})
        filled = {
            "exit_to": str(self._agency.exit_to),
            "words": self._content.page,
            "locale": LOCALE,
            "direction": "ltr",
        }
        return HTMLResponse(self._templates.get_template("leave.html").render(filled))

    def invited(self, token: str) -> Response:
        """The page behind an invitation's link, before it is opened."""
        filled = self._filled(self.greeting(), None) | {"token": token}
        return HTMLResponse(self._templates.get_template("invited.html").render(filled))

    def calm(self, refusal: Refusal) -> Response:
        sentence = self._turns.sentence(f"errors.{refusal.value}")
        return HTMLResponse(self.calm_page(sentence), STATUS[refusal])

    def calm_page(self, sentence: str) -> str:
        """A page for when something is not there or did not work: one neutral sentence and a way back."""
        filled = self._filled(self.greeting(), None) | {"title": self._content.page["title"], "sentence": sentence}
        return self._templates.get_template("calm.html").render(filled)

    def _filled(self, reply: Reply, notice: str | None, signs: Shown | None = None) -> dict[str, Any]:
        language = self._content.language
        waiting = reply.handover == "waiting"
        return {
            "words": self._content.page,
            "agency": {"name": self._agency.name},
            "locale": language.locale,
            "direction": language.direction,
            "exit_to": str(self._agency.exit_to),
            "messages": [message.public() for message in reply.messages],
            "choices": [
                {"id": choice.id, "label": choice.label, "everywhere": choice.everywhere} for choice in reply.choices
            ],
            "state": reply.state,
            "cover_line": self._turns.sentence("cover.line"),
            "cover_offered": any(choice.id == "cover" for choice in reply.choices),
            "may_come_back": not reply.last_seq and self._agency.gate.resume_hours > 0,
            "reply_to": reply.messages[-1].id if reply.messages else "",
            "expects": reply.expects,
            "text_hint": "",
            "idle_seconds": reply.idle_seconds,
            "notice": notice,
            "form_key": secrets.token_urlsafe(16),
            "no_script_refresh": 15 if waiting and not reply.has_word else reply.idle_seconds,
            "offline_help": reply.offline_help,
            "signs": signs or Shown(),
            "over": reply.ended,
        }


def wants_fragment(request: Request) -> bool:
    """Whether the page's script asks for the conversation alone."""
    return request.headers.get("x-fragment") == "1"


def is_looked_at_anew(request: Request) -> bool:
    """Whether the page's script asks after the page was hidden or had rested."""
    return request.headers.get("x-anew") == "1"
