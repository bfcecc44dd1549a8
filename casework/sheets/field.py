"""One field of a form, and how a value of a data file looks in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from typing import Any

from casework.sheets.rewriting import Value

Sent = Mapping[str, str]
"""What came with a form: name of the field to its value."""


class Kind(StrEnum):
    LINE = "line"
    WORDS = "words"
    """Several lines."""
    DATE = "date"
    TIME = "time"
    NUMBER = "number"


@dataclass(frozen=True)
class Field:
    """`name` is the place in the file, with dots: a fault there is shown here. `word` is what it is called, by key."""

    name: str
    word: str
    kind: Kind
    value: str
    required: bool = False


@dataclass(frozen=True)
class Group:
    """Fields that belong together. `word` is its heading by key; `title` one that is data, such as an office's name."""

    fields: tuple[Field, ...]
    word: str = ""
    title: str = ""


def shown(value: Any) -> str:
    """A value as a form field holds it."""
    if value is None:
        return ""
    return value.strftime("%H:%M") if isinstance(value, time) else str(value)


def typed(sent: str, kind: Kind) -> Value:
    """What a field says, as the file holds it. What is no date or number stays as it is: the check says so."""
    words = tidied(sent)
    if kind is Kind.DATE and words:
        try:
            return date.fromisoformat(words)
        except ValueError:
            return words
    if kind is Kind.NUMBER and words.isdecimal() and words.isascii():
        return int(words)
    return words or None


def tidied(words: str) -> str:
    """Without what cannot be seen: spaces at the end of a line, signs that no text has."""
    lines = "\n".join(words.split("\r\n")).split("\n")
    clean = ("".join(sign for sign in line if sign.isprintable()).rstrip() for line in lines)
    return "\n".join(clean).strip()
