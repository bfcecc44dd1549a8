"""Reads the data files from disk for the loader. Bytes that are not UTF-8 become replacement characters, which it names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

from bot.settings import DATA
from casework.edits import Edits
from screening.catalogue.document import Fault, Severity
from screening.catalogue.load import Catalogue, load


def edits_of(home: Path) -> Edits:
    """Where coordinators' changes to data files are."""
    return Edits(home / "edits")


def catalogue_now(edits: Edits) -> Catalogue:
    """The catalogue of today with the coordinators' changes. Raises BadData."""
    return catalogue(datetime.now(UTC).date(), changes=edits.current())


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


def catalogue(today: date, data: Path = DATA, changes: Mapping[str, str] | None = None) -> Catalogue:
    """The catalogue, for serving. `changes` take the place of files (`casework.edits`). Raises BadData for errors; warnings, and contacts that went out of date, do not stop it.

    A contact that is out of date is not shown to anybody. It must not take the whole service down on that day.
    """
    found, faults = load({**read(data), **(changes or {})}, today)
    errors = [f for f in faults if f.severity is Severity.ERROR and "valid_until" not in f.item]
    if errors:
        raise BadData(errors)
    return found
