"""Pages: templates, words, and the headers that each answer of the desk carries."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from casework.desk import cookies
from casework.desk.file_names import named
from casework.desk.shelf import HOME
from casework.roles import Task, may
from safety.safe_contact import ZONE
from screening.catalogue.document import Fault

HERE = Path(__file__).parent
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
ItemText = Callable[[str, str, int], str]
"""The verbatim text of an item, from (instrument, version, item). Empty if there is none."""


class Pages:
    """Renders the desk's templates. A word that is missing in the content is an error, not an empty place."""

    def __init__(
        self,
        words: Mapping[str, Mapping[str, Any]],
        agency_name: str,
        item_text: ItemText,
        admin_words: Mapping[str, Mapping[str, Any]] | None = None,
        outside: object = None,
        *,
        invites: bool = False,
    ) -> None:
        """`invites`: there are pages to invite from. `words` by language; the Swedish are always there. `admin_words` are those of accounts and contents, by language too."""
        self._words = words
        self._admin_words = admin_words or {}
        self._environment = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(
            agency_name=agency_name, item_text=item_text, new_key=new_key, ago=hours_and_minutes
        )
        self._environment.globals.update(may=may, Task=Task, outside=outside, invites=invites)
        self._environment.filters.update(when=when, clock=clock, fill=fill, said=said, named=named)

    @property
    def languages(self) -> list[str]:
        return list(self._words)

    def words(self, request: Request | None) -> Mapping[str, Any]:
        """In the language that the browser has chosen."""
        chosen = cookies.read(request, cookies.LANGUAGE) if request is not None else ""
        return self._words.get(chosen) or self._words[HOME]

    def admin_words(self, request: Request | None) -> Mapping[str, Any]:
        """Those of accounts and contents, in the same language."""
        return self._admin_words.get(str(self.words(request)["lang"])) or self._admin_words.get(HOME, {})

    def show(self, template: str, *, status_code: int = 200, call: Any = None, **context: Any) -> Response:
        """Render a page or a piece of one. `call` is a `guard.Call`."""
        request = call.request if call is not None else None
        words = self.words(request)
        others = [self._words[language] for language in self._words if self._words[language] is not words]
        shown = {"w": words, "a": self.admin_words(request), "other_languages": others, "call": call, **context}
        return HTMLResponse(self._environment.get_template(template).render(shown), status_code=status_code)

    def calm(self, page: str, status_code: int, **context: Any) -> Response:
        """A page that says what is the matter: `pages.<page>_title` and `pages.<page>`."""
        return self.show("calm.html", status_code=status_code, page=page, **context)


def new_key() -> str:
    """For a form that must not be taken twice."""
    return secrets.token_urlsafe(16)


def when(at: datetime) -> str:
    """A time as it is read in Sweden."""
    return at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")


def clock(at: datetime) -> str:
    return at.astimezone(ZONE).strftime("%H:%M")


def hours_and_minutes(since: datetime, now: datetime) -> dict[str, int]:
    """How long ago, for words with `{hours}` and `{minutes}`."""
    minutes = max(0, int((now - since).total_seconds() // 60))
    return {"hours": minutes // 60, "minutes": minutes % 60}


def said(fault: Fault, words: Mapping[str, Any]) -> str:
    """A fault of a data file in the reader's language; in that of the check where there are no words for it."""
    told = words["fault"].get(fault.code)
    return fill(told, **dict(fault.params)) if told else fill(words["fault"]["other"], said=fault.message)


def fill(words: str, /, **values: object) -> str:
    """Put values into `{name}` places. (Not `str.format`: words are data.)"""
    for name, value in values.items():
        words = words.replace("{" + name + "}", str(value))
    return words
