"""Which simple forms a data file has. What has none is changed as YAML."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import yaml

from casework.sheets.blocks import Block, Changed, Rows, Table, Week, Wording
from casework.sheets.field import Group, Kind, Sent
from screening.catalogue.agency import GateRules
from screening.catalogue.content import Card
from screening.catalogue.support import Line

CONTACT = ("name", "number", "for_whom", "hours", "notes", "source", "verified_on", "valid_until")
CARD = ("title", "text", "simpler", "voice", "source")
LIMIT = ("idle_minutes", "longest_minutes")
ROSTER, LIMITS = "roster", "limits"
NO_SHEETS = re.compile(r"content/[^/]+/(language|phone|sms|quick_replies|page)\.yml")
LONGEST_TITLE = 70


@dataclass(frozen=True)
class Title:
    """One form in the list of a file. `words` are from the file; `key` where it has a name by key."""

    item: str
    words: str = ""
    key: str = ""


@dataclass(frozen=True)
class Sheet:
    """A form for one thing in a file."""

    path: str
    title: Title
    blocks: tuple[Block, ...]
    data: Any

    @property
    def groups(self) -> list[Group]:
        return [group for block in self.blocks for group in block.groups(self.data)]

    def changes(self, sent: Sent) -> Changed:
        changed: Changed = {}
        for block in self.blocks:
            changed |= block.changes(self.data, sent)
        return changed


def titles(path: str, text: str) -> list[Title]:
    """The forms that a file has, in its order. None for a file that cannot be read."""
    data = _read(text)
    if path.startswith("agencies/"):
        return [Title(ROSTER, key="roster"), Title(LIMITS, key="limits")] if data else []
    if path.startswith("support/"):
        return [Title(f"lines.{n}", str(line.get("name") or "")) for n, line in enumerate(data.get("lines") or [])]
    if not path.startswith("content/") or NO_SHEETS.fullmatch(path):
        return []
    found = [Title(key, _beginning(value)) for key, value in data.items() if key != "cards" and _is_words(value)]
    cards = [Title(f"cards.{n}", str(card.get("title") or "")) for n, card in enumerate(data.get("cards") or [])]
    return found + cards


def sheet(path: str, text: str, item: str) -> Sheet | None:
    """The form for one thing in this file; None where there is no such form."""
    title = next((one for one in titles(path, text) if one.item == item), None)
    if title is None:
        return None
    data = _read(text)
    return Sheet(path, title, _blocks(path, item, data), data)


def _blocks(path: str, item: str, data: dict[str, Any]) -> tuple[Block, ...]:
    room, _, n = item.rpartition(".")
    if path.startswith("support/"):
        return (Table(("lines", int(n)), Line, CONTACT),)
    if path.startswith("agencies/"):
        return _roster(data) if item == ROSTER else (Table(("gate",), GateRules, LIMIT),)
    if room == "cards" and isinstance(data.get("cards"), list):
        return (Table(("cards", int(n)), Card, CARD),)
    return (Wording(item, ("text",)) if path.endswith("/choices.yml") else Wording(item),)


def _roster(data: dict[str, Any]) -> tuple[Block, ...]:
    """Opening hours, days that are closed, and how many are to be there: in all, and in each office."""
    offices = [(str(one["id"]), str(one["name"])) for one in data.get("offices") or []]
    return (
        Week(("hours",), "hours", times=True),
        Rows(("closed_days",), "closed_days", "why", Kind.LINE),
        Week(("desk", "roster"), "roster"),
        *(Week(("desk", "by_office", id_), "in_office", title=name) for id_, name in offices),
        Rows(("desk", "on_days"), "on_days", "count", Kind.NUMBER, by_day=True),
    )


def _read(text: str) -> dict[str, Any]:
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError:
        return {}
    return data if isinstance(data, dict) else {}


def _is_words(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, dict) and isinstance(value.get("text"), str))


def _beginning(value: Any) -> str:
    words = " ".join(str(value["text"] if isinstance(value, dict) else value).split())
    return words if len(words) <= LONGEST_TITLE else words[:LONGEST_TITLE].rsplit(" ", 1)[0] + " …"
