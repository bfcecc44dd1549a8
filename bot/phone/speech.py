"""Text shaped for listening: numbers digit by digit, dates and hours as they are said. Items are said as they stand (P4)."""

from __future__ import annotations

import re
from datetime import date

import babel.dates

from bot.talk.reply import Message

VERBATIM = frozenset({"item", "intro"})
LONGEST = 3000
"""Characters in one `Say`. The carrier takes 4 096."""

_DATE = re.compile(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)")
_RANGE = re.compile(r"(?<=\d)\s?–\s?(?=\d)")
_FULL_HOUR = re.compile(r"(?<!\d)0?(\d{1,2})[:.]00(?!\d)")
_NUMBER = re.compile(r"(?<!\d)(?<!\d[,.:–])\+?\d(?:[ \-]?\d)+(?!\d|[,.:]\d)")


def spoken(message: Message, locale: str, to: str) -> list[str]:
    """The paragraphs of a message as they are read aloud."""
    text = f"{message.title}\n\n{message.text}" if message.title else message.text
    if message.part not in VERBATIM:
        text = aloud(text, locale, to)
    paragraphs = [" ".join(part.split()) for part in text.replace("\n", "\n\n").split("\n\n")]
    return [piece for paragraph in paragraphs if paragraph for piece in _pieces(_ended(paragraph))]


def aloud(text: str, locale: str, to: str) -> str:
    """Dates in words, "8–12" as "8 till 12", "08:00" as "8", telephone numbers digit by digit."""
    text = _DATE.sub(lambda found: _date(found, locale), text)
    text = _RANGE.sub(f" {to} ", text)
    text = _FULL_HOUR.sub(r"\1", text)
    return _NUMBER.sub(_digits, text)


def _date(found: re.Match[str], locale: str) -> str:
    try:
        day = date.fromisoformat(found.group())
    except ValueError:
        return found.group()
    return str(babel.dates.format_date(day, "d MMMM y", locale=locale))


def _digits(found: re.Match[str]) -> str:
    """Five digits and more are a telephone number, and so are the short ones that begin with 0 or 11. The groups stay groups."""
    written = found.group()
    digits = [c for c in written if c.isdigit()]
    if len(digits) < 5 and not (len(digits) in (3, 4) and written.startswith(("0", "11"))):
        return written
    groups = re.split(r"[ \-]", written.replace("+", "00", 1))
    return ", ".join(" ".join(group) for group in groups)


def one_by_one(word: str) -> str:
    """A word of digits digit by digit; another as it is."""
    return " ".join(word) if word.isdigit() else word


def _ended(paragraph: str) -> str:
    return paragraph if paragraph[-1] in ".?!:…" else f"{paragraph}."


def _pieces(paragraph: str) -> list[str]:
    """Cut at sentences where a paragraph is longer than one `Say` takes."""
    pieces, rest = [], paragraph
    while len(rest) > LONGEST:
        cut = max(rest.rfind(". ", 0, LONGEST) + 1, rest.rfind("? ", 0, LONGEST) + 1) or LONGEST
        pieces.append(rest[:cut].strip())
        rest = rest[cut:].strip()
    return [*pieces, rest] if rest else pieces
