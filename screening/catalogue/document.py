"""A YAML file that knows on which line each value stands, and notices a key written twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError


class Severity(StrEnum):
    ERROR = "error"
    """The product must not run with it."""
    WARNING = "warning"
    """Somebody has to look before going live."""


@dataclass(frozen=True, order=True)
class Fault:
    """Something wrong in a data file. `line` counts from 1; 0 when no line can be named."""

    file: str
    line: int
    item: str
    message: str
    severity: Severity = Severity.ERROR
    code: str = field(default="", compare=False)
    """Which kind of fault, for whoever says it in another language; empty where `message` is all there is."""
    params: tuple[tuple[str, str], ...] = field(default=(), compare=False)
    """What the words of that kind have places for."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.severity.value}: {self.item}: {self.message}"


class Unreadable(Exception):
    """The file is no YAML at all. `args[0]` is the fault."""


Model = TypeVar("Model", bound=BaseModel)

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Document:
    """One parsed file. Raises Unreadable, with the line, for broken YAML or text that is not UTF-8."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        if "\N{REPLACEMENT CHARACTER}" in text:
            line = text[: text.index("\N{REPLACEMENT CHARACTER}")].count("\n") + 1
            raise Unreadable(Fault(file, line, "file", "has bytes that are not UTF-8", code="not_utf8"))
        try:
            loader = _Loader(text)
            self._root = loader.get_single_node()
            self.data: Any = loader.construct_document(self._root) if self._root is not None else {}
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark is not None else 0
            raise Unreadable(Fault(file, line, "file", f"is not valid YAML: {error.problem}", code="yaml")) from None
        except yaml.YAMLError as error:
            raise Unreadable(
                Fault(file, 0, "file", f"is not valid YAML: {type(error).__name__}", code="yaml")
            ) from None
        except ValueError:
            # YAML takes what looks like a day for one: 2026-02-30.
            said = "holds a day, a time or a number that there is not"
            raise Unreadable(Fault(file, _no_value(loader, self._root), "file", said, code="no_value")) from None
        self.faults = list(self._doubled(self._root, set()))

    def _doubled(self, node: Any, seen_nodes: set[int]) -> list[Fault]:
        faults: list[Fault] = []
        if id(node) in seen_nodes:
            return faults  # a name for what stands elsewhere, or in itself
        seen_nodes.add(id(node))
        if isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                if key.value in seen:
                    faults.append(
                        Fault(self.file, key.start_mark.line + 1, key.value, "is written twice", code="twice")
                    )
                seen.add(key.value)
                faults += self._doubled(value, seen_nodes)
        elif isinstance(node, yaml.SequenceNode):
            for value in node.value:
                faults += self._doubled(value, seen_nodes)
        return faults

    def line(self, *path: str | int) -> int:
        """The line, from 1, of the value at `path`, or of the nearest thing above it that exists."""
        node = self._root
        line: int = 1
        for part in path:
            if isinstance(node, yaml.MappingNode):
                found = [(key, value) for key, value in node.value if key.value == str(part)]
                if not found:
                    break
                line, node = found[0][0].start_mark.line + 1, found[0][1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
                node = node.value[part]
                line = node.start_mark.line + 1
            else:
                break
        return line

    def fault(
        self, message: str, *path: str | int, severity: Severity = Severity.ERROR, code: str = "", **params: object
    ) -> Fault:
        item = ".".join(str(part) for part in path) or "file"
        told = tuple((name, str(value)) for name, value in params.items())
        return Fault(self.file, self.line(*path), item, message, severity, code, told)

    def read(self, model: type[Model]) -> Model | None:
        """The data as `model`, or None with a fault for each field that does not fit."""
        try:
            return model.model_validate(self.data)
        except ValidationError as error:
            for problem in error.errors(include_input=False, include_url=False):
                path = [part for part in problem["loc"] if isinstance(part, str | int)]
                self.faults.append(self.fault(problem["msg"], *path, code=problem["type"], **problem.get("ctx", {})))
            return None


def _no_value(loader: Any, root: Any) -> int:
    """The line, from 1, of the first value that cannot be made; 0 where none is found."""
    for node in _scalars(root):
        try:
            loader.construct_object(node)
        except (ValueError, yaml.YAMLError):  # the loader calls a value that it has failed on once a circle
            return int(node.start_mark.line) + 1
    return 0


def _scalars(node: Any) -> Iterator[Any]:
    if isinstance(node, yaml.ScalarNode):
        yield node
    elif isinstance(node, yaml.CollectionNode):
        for part in node.value:
            for one in part if isinstance(part, tuple) else (part,):
                yield from _scalars(one)
