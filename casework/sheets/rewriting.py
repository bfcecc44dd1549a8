"""A YAML file with other values in it: comments, order and form of everything else stay as somebody wrote them."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Mapping
from datetime import date
from typing import Any

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.representer import RoundTripRepresenter
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, FoldedScalarString, LiteralScalarString

Path = tuple[str | int, ...]
Value = str | int | date | list[Any] | dict[Any, Any] | None
WIDTH = 140


class Gone:
    """What stands at a path is to go."""


GONE = Gone()
Changes = Mapping[Path, "Value | Gone"]


class NotRewritten(ValueError):
    """The file would not say what it was to say. Nothing is changed."""


class _Representer(RoundTripRepresenter):
    """`null` is written out, as in our files."""


_Representer.add_representer(type(None), lambda self, _: self.represent_scalar("tag:yaml.org,2002:null", "null"))


def rewritten(text: str, changes: Changes) -> str:
    """`text` with these values at these paths. What is not there yet is put at the end of what it belongs to.

    Raises NotRewritten where the file cannot be read, or cannot hold the values.
    """
    editor: Any = YAML()
    editor.Representer = _Representer
    editor.preserve_quotes = True
    editor.width = 4096
    editor.indent(mapping=2, sequence=4, offset=2)
    try:
        data = editor.load(text)
        for path, value in changes.items():
            _put(data, path, value)
        out = io.StringIO()
        editor.dump(data, out)
        _make_sure(out.getvalue(), changes)
    except (yaml.YAMLError, ValueError, TypeError, LookupError) as error:
        raise NotRewritten(type(error).__name__) from None
    except Exception as error:  # the editor's own errors share no class with those of the reader
        if type(error).__module__.startswith("ruamel."):
            raise NotRewritten(type(error).__name__) from None
        raise
    return out.getvalue()


def value_at(data: Any, path: Path) -> Any:
    """What stands at a path; None where there is nothing."""
    for part in path:
        here = part in data if isinstance(data, dict) else isinstance(data, list) and part in range(len(data))
        if not here:
            return None
        data = data[part]
    return data


def _put(data: Any, path: Path, value: Value | Gone) -> None:
    for part in path[:-1]:
        if isinstance(data, dict) and data.get(part) is None:
            data[part] = CommentedMap()
        data = data[part]
    if isinstance(value, Gone):
        if path[-1] in data:
            del data[path[-1]]
        return
    data[path[-1]] = _written(value)


def _written(value: Value) -> Any:
    """The value in the form in which it stands in our files."""
    if isinstance(value, list):
        short = all(isinstance(one, str) for one in value)
        row = CommentedSeq([DoubleQuotedScalarString(one) if short else _written(one) for one in value])
        if short or not value:
            row.fa.set_flow_style()
        return row
    if isinstance(value, dict):
        table = CommentedMap({key: _written(one) for key, one in value.items()})
        if not value:
            table.fa.set_flow_style()
        return table
    if not isinstance(value, str):
        return value
    if "\n" in value:
        return LiteralScalarString(value)
    return _folded(value) if len(value) > WIDTH - 30 else DoubleQuotedScalarString(value)


def _folded(words: str) -> Any:
    folded: Any = FoldedScalarString(words)
    places, at = [], 0
    for line in textwrap.wrap(words, WIDTH, break_long_words=False, break_on_hyphens=False)[:-1]:
        at = words.index(line, at) + len(line)
        places.append(at)
    folded.fold_pos = places
    return folded


def _make_sure(text: str, changes: Changes) -> None:
    """What was written is what the product will read, with its own reader."""
    data = yaml.safe_load(text)
    for path, value in changes.items():
        found = value_at(data, path)
        if found != (None if isinstance(value, Gone) else value):
            raise NotRewritten(".".join(str(part) for part in path))
