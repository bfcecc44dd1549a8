"""Pages: templates, words, and the headers that each answer of the desk carries."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from casework.roles import Task, may
from safety.safe_contact import ZONE

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
        words: Mapping[str, Any],
        agency_name: str,
        item_text: ItemText,
        admin_words: Mapping[str, Any] | None = None,
        outside: object = None,
    ) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(w=words, agency_name=agency_name, item_text=item_text, new_key=new_key)
        self._environment.globals.update(a=admin_words or {}, may=may, Task=Task, outside=outside)
        self._environment.filters.update(when=when, fill=fill)

    def show(self, template: str, *, status_code: int = 200, **context: Any) -> Response:
        """Render a page or a piece of one."""
        text = self._environment.get_template(template).render(context)
        return HTMLResponse(text, status_code=status_code)

    def calm(self, page: str, status_code: int, **context: Any) -> Response:
        """A page that says what is the matter: `pages.<page>_title` and `pages.<page>`."""
        return self.show("calm.html", status_code=status_code, page=page, **context)


def new_key() -> str:
    """For a form that must not be taken twice."""
    return secrets.token_urlsafe(16)


def when(at: datetime) -> str:
    """A time as it is read in Sweden."""
    return at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")


def fill(words: str, **values: object) -> str:
    """Put values into `{name}` places. (Not `str.format`: words are data.)"""
    for name, value in values.items():
        words = words.replace("{" + name + "}", str(value))
    return words
