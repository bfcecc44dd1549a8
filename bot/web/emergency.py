"""The emergency number as something to touch, in what the assistant says."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

NUMBER = re.compile(r"(?<![\d+-])112(?![\d-])")
LINK = Markup('<a href="tel:112">112</a>')


def with_emergency_link(text: str) -> Markup:
    """The text, escaped, with every 112 that stands by itself as a link."""
    return LINK.join(escape(part) for part in NUMBER.split(text))
