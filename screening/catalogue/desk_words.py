"""Words of the desk: every language that the desk speaks has the same keys and the same places to fill as the Swedish."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from screening.catalogue.document import Fault

HOME = "sv"
_PLACE = re.compile(r"\{(\w+)\}")


def desk_faults(desk: Mapping[str, Mapping[str, Any]], name: str = "desk.yml") -> list[Fault]:
    home = dict(_flat(desk.get(HOME, {})))
    if not home:
        return [Fault(f"content/{HOME}/{name}", 0, "file", "is missing: the desk has no words")]
    faults = []
    for locale, words in desk.items():
        here, file = dict(_flat(words)), f"content/{locale}/{name}"
        faults += [Fault(file, 0, key, "is missing") for key in home.keys() - here.keys()]
        faults += [Fault(file, 0, key, "is not a word that the desk knows") for key in here.keys() - home.keys()]
        faults += [
            Fault(file, 0, key, f"must have the places {sorted(_places(home[key]))}")
            for key in home.keys() & here.keys()
            if _places(home[key]) != _places(here[key])
        ]
        faults += [Fault(file, 0, key, "is empty") for key, words in here.items() if not words.strip()]
    return faults


def _flat(words: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for key, value in words.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", str(value)


def _places(words: str) -> set[str]:
    return set(_PLACE.findall(words))
