"""What a coordinator reads once more before it counts: numbers that people ring, and the greeting that everybody meets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from screening.catalogue.promises import GREETING


@dataclass(frozen=True)
class Change:
    """Old and new, side by side. Empty: there is none."""

    title: str
    before: str
    after: str
    part: str = ""
    """Which part of the greeting: `text`, `simpler` or `voice`. Its words are shown as the page shows them."""


class Unconfirmed(Exception):
    """The change is right in form, and nobody has said yet that it is meant. `confirm` is what the yes must carry."""

    def __init__(self, changes: Sequence[Change], confirm: str) -> None:
        super().__init__("unconfirmed")
        self.changes = tuple(changes)
        self.confirm = confirm


def to_confirm(path: str, before: str, after: str, agency_name: str) -> list[Change]:
    """The changes in a file that count only when somebody has seen both. `{agency}` is shown as people read it."""
    old, new = _read(before), _read(after)
    if path.startswith("support/"):
        was, there = _numbers(old), _numbers(new)
    elif path.startswith("content/") and path.endswith("/welcome.yml"):
        was, there = _greeting(old, agency_name), _greeting(new, agency_name)
    else:
        return []
    is_greeting = not path.startswith("support/")
    return [
        Change(
            there.get(key, was.get(key, ("", "")))[0],
            was.get(key, ("", ""))[1],
            there.get(key, ("", ""))[1],
            key if is_greeting else "",
        )
        for key in {**there, **was}
        if was.get(key, ("", ""))[1] != there.get(key, ("", ""))[1]
    ]


def _numbers(data: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """By the contact's id: its name and number."""
    lines = [line for line in data.get("lines") or [] if isinstance(line, dict)]
    return {str(line.get("id")): (str(line.get("name") or ""), str(line.get("number") or "")) for line in lines}


def _greeting(data: dict[str, Any], agency_name: str) -> dict[str, tuple[str, str]]:
    told = data.get(GREETING)
    parts = told if isinstance(told, dict) else {"text": told or ""}
    return {part: ("", str(words).replace("{agency}", agency_name).strip()) for part, words in parts.items()}


def _read(text: str) -> dict[str, Any]:
    data = yaml.safe_load(text)
    return data if isinstance(data, dict) else {}
