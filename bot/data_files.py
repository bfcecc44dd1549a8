"""Reads the data files from disk for the loader. Bytes that are not UTF-8 become replacement characters, which it names."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from bot.settings import DATA
from screening.catalogue.document import Fault, Severity
from screening.catalogue.load import Catalogue, load


class BadData(ValueError):
    """The data files have errors. `faults` names each with file, line and item."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


def read(data: Path = DATA) -> dict[str, str]:
    """Every YAML file below `data`: its path there, with slashes, to its text."""
    return {
        path.relative_to(data).as_posix(): path.read_bytes().decode("utf-8", "replace")
        for path in sorted(data.rglob("*.yml"))
    }


def catalogue(today: date, data: Path = DATA) -> Catalogue:
    """The catalogue, for serving. Raises BadData for errors; warnings, and contacts that went out of date, do not stop it.

    A contact that is out of date is not shown to anybody. It must not take the whole service down on that day.
    """
    found, faults = load(read(data), today)
    errors = [f for f in faults if f.severity is Severity.ERROR and "valid_until" not in f.item]
    if errors:
        raise BadData(errors)
    return found
