"""What no text may promise, and what the first screen must say, whoever changes the words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field

from screening.catalogue.document import Document, Fault
from screening.catalogue.duty import Strict

GREETING = "welcome.hello"
PROMISES = "safety/promises.yml"
OF_THE_DESK = ("desk.yml", "desk_admin.yml")


class Promises(Strict):
    never_promise: dict[str, tuple[str, ...]] = Field(min_length=1)
    """By language."""
    first_screen: dict[str, dict[str, tuple[str, ...]]] = Field(min_length=1)
    """By language, and by what is to be said: of its wordings one must stand there."""


def read_promises(documents: Mapping[str, Document], own: tuple[str, ...]) -> list[Fault]:
    """Every fault of every text against the file of promises. `own` are the agencies' own phrases."""
    document = documents.get(PROMISES)
    if document is None:
        return [Fault(PROMISES, 0, "never_promise", "is missing: texts could promise anything")]
    promises = document.read(Promises)
    if promises is None:
        return []
    return promise_faults(documents, promises, tuple(filter(None, own))) + first_screen_faults(documents, promises)


def promise_faults(documents: Mapping[str, Document], promises: Promises, more: tuple[str, ...] = ()) -> list[Fault]:
    """Where a text promises what nobody can keep."""
    phrases = tuple(_folded(one) for told in promises.never_promise.values() for one in told) + tuple(
        map(_folded, more)
    )
    return [
        document.fault(f"promises: {found}", *place, code="never_promise", words=found)
        for path, document in documents.items()
        if path.startswith(("content/", "support/")) and not path.endswith(OF_THE_DESK)
        for place, words in _texts(document.data)
        if (found := next((phrase for phrase in phrases if phrase in _folded(words)), None))
    ]


def first_screen_faults(documents: Mapping[str, Document], promises: Promises) -> list[Fault]:
    """Where the greeting leaves out that it is an automatic assistant, whose it is, or that it is voluntary."""
    faults = []
    for locale, must in promises.first_screen.items():
        document = documents.get(f"content/{locale}/welcome.yml")
        greeting = document.data.get(GREETING) if document and isinstance(document.data, dict) else None
        if document is None or greeting is None:
            continue
        for place, words in _texts(greeting, (GREETING,)):
            said = _folded(words)
            for wordings in must.values():
                if not any(_folded(one) in said for one in wordings):
                    told = " / ".join(wordings)
                    faults.append(document.fault(f"must say: {told}", *place, code="must_say", words=told))
    return faults


def _texts(data: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every text in a file, with its place."""
    if isinstance(data, str):
        yield place, data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from _texts(value, (*place, str(key)))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _texts(value, (*place, index))


def _folded(words: str) -> str:
    return " ".join(words.casefold().split())
