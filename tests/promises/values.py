"""`dataclasses.replace`, several times faster: the walk makes millions of values."""

from __future__ import annotations

from typing import Any, TypeVar

T = TypeVar("T")


def changed(value: T, **fields: Any) -> T:
    """The same with other fields. For dataclasses without checks of their own."""
    held = vars(value)
    assert fields.keys() <= held.keys(), fields.keys() - held.keys()
    new = object.__new__(type(value))
    vars(new).update(held, **fields)
    return new
