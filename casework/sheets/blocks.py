"""Blocks that forms are made of. Which fields there are is read from the models that the files are read with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from types import NoneType
from typing import Any, Protocol, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from casework.sheets.field import Field, Group, Kind, Sent, shown, tidied, typed
from casework.sheets.rewriting import GONE, Gone, Path, Value, value_at
from screening.catalogue.content import paragraphs
from screening.catalogue.duty import WEEKDAYS

LONG = frozenset({"text", "simpler", "voice", "for_whom", "hours", "notes", "source"})
SPARE = 3
"""Empty rows at the end of a list."""
Changed = dict[Path, "Value | Gone"]


class Block(Protocol):
    def groups(self, data: Any) -> list[Group]:
        """The fields, with what the file says now."""

    def changes(self, data: Any, sent: Sent) -> Changed:
        """What is to be written. Nothing for what is as it was, or was not sent."""


@dataclass(frozen=True)
class Table:
    """Some fields of one model. Their kind is that of the model's own field."""

    at: Path
    model: type[BaseModel]
    names: tuple[str, ...]

    def groups(self, data: Any) -> list[Group]:
        return [Group(tuple(self._field(data, name) for name in self.names))]

    def changes(self, data: Any, sent: Sent) -> Changed:
        changed: Changed = {}
        for name in self.names:
            field = self._field(data, name)
            if field.name in sent and tidied(sent[field.name]) != tidied(field.value):
                value = typed(sent[field.name], field.kind)
                # An empty text is told as such; a date or a number that is missing is nothing at all.
                empty = "" if field.required and field.kind in (Kind.LINE, Kind.WORDS) else None
                changed[(*self.at, name)] = empty if value is None else value
        return changed

    def _field(self, data: Any, name: str) -> Field:
        info = self.model.model_fields[name]
        value = value_at(data, (*self.at, name))
        kind = _kind(name, info)
        told = paragraphs(str(value)) if kind is Kind.WORDS and value else shown(value)
        return Field(_name(*self.at, name), name, kind, told, required=NoneType not in get_args(info.annotation))


@dataclass(frozen=True)
class Wording:
    """A text of the journey: one string, or a table of `text`, `simpler` and `voice`."""

    key: str
    parts: tuple[str, ...] = ("text", "simpler", "voice")

    def groups(self, data: Any) -> list[Group]:
        told = self._told(data)
        return [
            Group(
                tuple(
                    Field(_name(self.key, part), part, Kind.WORDS, told.get(part, ""), required=part == "text")
                    for part in self.parts
                )
            )
        ]

    def changes(self, data: Any, sent: Sent) -> Changed:
        before = self._told(data)
        after = {part: tidied(sent.get(_name(self.key, part), before.get(part, ""))) for part in self.parts}
        changed = {part: words for part, words in after.items() if words != tidied(before.get(part, ""))}
        if not changed:
            return {}
        if not isinstance(data[self.key], dict):
            there = {part: words for part, words in after.items() if words or part == "text"}
            return {(self.key,): after["text"] if list(there) == ["text"] else dict(there)}
        return {(self.key, part): words if words or part == "text" else GONE for part, words in changed.items()}

    def _told(self, data: Any) -> dict[str, str]:
        value = data[self.key]
        parts = value if isinstance(value, dict) else {"text": value}
        return {part: paragraphs(str(words)) for part, words in parts.items()}


@dataclass(frozen=True)
class Week:
    """A value for each weekday: when it opens and closes (`times`), or a number."""

    at: Path
    word: str
    times: bool = False
    title: str = ""

    def groups(self, data: Any) -> list[Group]:
        return [Group(tuple(self._fields(data)), self.word, self.title)]

    def changes(self, data: Any, sent: Sent) -> Changed:
        changed: Changed = {}
        for day in WEEKDAYS:
            before, names = self._values(data, day), self._names(day)
            if not set(names) <= set(sent):
                continue
            after = [tidied(sent[name]) for name in names]
            if after == before:
                continue
            path = (*self.at, day)
            changed[path] = GONE if not any(after) else list(after) if self.times else typed(after[0], Kind.NUMBER)
        return changed

    def _fields(self, data: Any) -> list[Field]:
        kind = Kind.TIME if self.times else Kind.NUMBER
        return [
            Field(name, day, kind, value)
            for day in WEEKDAYS
            for name, value in zip(self._names(day), self._values(data, day), strict=True)
        ]

    def _names(self, day: str) -> list[str]:
        return [_name(*self.at, day, n) for n in (0, 1)] if self.times else [_name(*self.at, day)]

    def _values(self, data: Any, day: str) -> list[str]:
        value = value_at(data, (*self.at, day))
        if not self.times:
            return [shown(value)]
        told = value if isinstance(value, list) and len(value) == 2 else ["", ""]
        return [shown(one) for one in told]


@dataclass(frozen=True)
class Rows:
    """Rows of a day and something else, with some empty ones to fill: a list, or a table by day. An emptied row goes."""

    at: Path
    word: str
    other: str
    kind: Kind
    by_day: bool = False

    def groups(self, data: Any) -> list[Group]:
        rows = [*self._rows(data), *([("", "")] * SPARE)]
        fields = [
            field
            for n, (day, other) in enumerate(rows)
            for field in (
                Field(_name(*self.at, n, "day"), "day", Kind.DATE, day),
                Field(_name(*self.at, n, self.other), self.other, self.kind, other),
            )
        ]
        return [Group(tuple(fields), self.word)]

    def changes(self, data: Any, sent: Sent) -> Changed:
        before = self._rows(data)
        names = [(_name(*self.at, n, "day"), _name(*self.at, n, self.other)) for n in range(len(before) + SPARE)]
        if not any(day in sent for day, _ in names):
            return {}
        after = [(tidied(sent.get(day, "")), tidied(sent.get(other, ""))) for day, other in names]
        after = [row for row in after if any(row)]
        if after == before:
            return {}
        rows = [(typed(day, Kind.DATE) or "", typed(other, self.kind)) for day, other in after]
        if self.by_day:
            return {self.at: {day: "" if other is None else other for day, other in rows}}
        return {self.at: [{"day": day, self.other: "" if other is None else other} for day, other in rows]}

    def _rows(self, data: Any) -> list[tuple[str, str]]:
        value: Any = value_at(data, self.at) or ([] if not self.by_day else {})
        told: Sequence[tuple[Any, Any]] = (
            list(value.items()) if self.by_day else [(row.get("day"), row.get(self.other)) for row in value]
        )
        return [(shown(day), shown(other)) for day, other in told]


def _kind(name: str, info: FieldInfo) -> Kind:
    if date in (info.annotation, *get_args(info.annotation)):
        return Kind.DATE
    if info.annotation is int:
        return Kind.NUMBER
    return Kind.WORDS if name in LONG else Kind.LINE


def _name(*path: str | int) -> str:
    return ".".join(str(part) for part in path)
