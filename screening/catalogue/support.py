"""Help lines, each with its source and the day until which it may be shown (FACTS: contacts go out of date)."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

CHECK_DAYS = 365
"""After how many days a contact is to be checked again, where the agency says nothing else."""
LONG_AGO = "checked_long_ago"
"""The code of the fault."""


class Line(BaseModel):
    """One contact. It is shown from its collection until `valid_until`, that day included."""

    model_config = ConfigDict(extra="allow", frozen=True)

    id: str
    name: str = Field(min_length=1)
    number: str | None = None
    for_whom: str = Field(min_length=1)
    hours: str | None = None
    notes: str | None = None
    verified_on: date | None
    valid_until: date
    confidence: Literal["H", "M", "L"]
    source: str = Field(min_length=1)
    always: bool = False
    """Part of the short list too."""

    def shown_on(self, day: date) -> bool:
        return day <= self.valid_until

    def checked_long_ago(self, day: date, days: int) -> bool:
        """Checked more than so many days before, or never."""
        return self.verified_on is None or (day - self.verified_on).days > days

    def text(self) -> str:
        """What the person reads: name and number, then for whom and when."""
        head = f"{self.name}: {self.number}" if self.number else self.name
        about = ". ".join(part.rstrip(".") for part in (self.for_whom, self.hours, self.notes) if part)
        return f"{head}\n{about}." if about else head


class National(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)

    lines: tuple[Line, ...] = Field(min_length=1)


class Region(BaseModel):
    """Contacts of one municipality, by its four-digit code."""

    model_config = ConfigDict(extra="allow", frozen=True)

    municipality: str = Field(pattern=r"^\d{4}$")
    name: str
    lines: tuple[Line, ...]
