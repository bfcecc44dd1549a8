"""The contacts of the help list as a coordinator looks after them: which go out of date, which were checked too long ago."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from screening.catalogue.document import Document, Unreadable
from screening.catalogue.support import Line, National, Region

SOON = timedelta(days=60)
CONTACTS = re.compile(r"support/(national|regions/[a-z0-9-]+)\.yml")


@dataclass(frozen=True)
class Contact:
    """A contact in a list, with its place in its file."""

    path: str
    n: int
    place: str
    """The municipality's name; empty for a national one."""
    line: Line
    gone: bool
    """Out of date: nobody is shown it."""
    soon: bool
    """Out of date within sixty days."""
    long_ago: bool
    """Checked too long ago, or never."""

    @property
    def order(self) -> tuple[bool, date]:
        """The first to go first, then the oldest check."""
        goes = self.gone or self.soon
        return not goes, self.line.valid_until if goes else self.line.verified_on or date.min


def contacts_in(path: str, text: str, today: date, check_days: int) -> list[Contact]:
    """Every contact of a file. None from a file that cannot be read: its faults say so."""
    try:
        document = Document(path, text)
    except Unreadable:
        return []
    region = document.read(Region) if path.startswith("support/regions/") else None
    lines = region.lines if region is not None else ()
    if path == "support/national.yml":
        national = document.read(National)
        lines = national.lines if national is not None else ()
    place = region.name if region is not None else ""
    return [
        Contact(
            path,
            n,
            place,
            line,
            gone=not line.shown_on(today),
            soon=line.valid_until <= today + SOON,
            long_ago=line.checked_long_ago(today, check_days),
        )
        for n, line in enumerate(lines)
    ]
