"""The last look at a page before it goes out while the gate is closed: everything that can be read in it is neutral.

The outlet has judged each message by itself. This judges what the person, or somebody beside them, will see: messages,
buttons, labels, hints, attributes, whatever file they came from. A mistake in a template or a content file stops here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html.parser import HTMLParser

SensitiveWords = Callable[[str], Sequence[str]]
READ_ALOUD = frozenset({"alt", "aria-label", "content", "placeholder", "title"})
"""Attributes that a browser or a screen reader shows."""
NEVER_SHOWN = frozenset({"data-reply-to"})
"""Random names for the page's script: nobody reads them, and chance spells a sensitive word in one of a few hundred."""


class _Readable(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.parts.append(data.strip())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.parts += [value for name, value in attrs if value and _may_be_read(name)]


def _may_be_read(attribute: str) -> bool:
    """The page's script shows what stands in its data attributes."""
    return attribute in READ_ALOUD or (attribute.startswith("data-") and attribute not in NEVER_SHOWN)


def readable(html: str) -> str:
    """All that can be read in a page, a piece a line: text, also of parts that are hidden, and spoken attributes."""
    parser = _Readable()
    parser.feed(html)
    parser.close()
    return "\n".join(parser.parts)


def is_neutral(html: str, sensitive_words: SensitiveWords) -> bool:
    """Whether somebody who looks at the page finds no word that a neutral message must not hold."""
    return not sensitive_words(readable(html))
