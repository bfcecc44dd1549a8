"""A screen of a conversation that nobody has: what the preview shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

LONGEST = 80
"""Choices in a path: no conversation needs as many."""


@dataclass(frozen=True)
class Asked:
    """Which path is to be shown: from the first screen, one choice after the other."""

    locale: str = "sv"
    channel: str = "web"
    programme: str = ""
    somebody_there: bool = True
    path: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    text: str
    title: str
    content_class: str


@dataclass(frozen=True)
class Screen:
    """`path` is how far the choices led: what is not offered ends it."""

    path: tuple[str, ...]
    lines: tuple[Line, ...]
    choices: tuple[tuple[str, str], ...]
    step: str
    gate: str
    ended: bool


@dataclass(frozen=True)
class Possible:
    """What can be chosen to preview."""

    locales: tuple[str, ...]
    channels: tuple[str, ...]
    programmes: dict[str, str] = field(default_factory=dict)


class Preview(Protocol):
    def possible(self) -> Possible: ...

    def show(self, asked: Asked) -> Screen: ...
