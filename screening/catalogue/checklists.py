"""Checklists: what a caseworker does next, each step with its source. Data, so that an agency can make them its own."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, model_validator

from screening.catalogue.document import Document, Fault, Severity
from screening.catalogue.duty import Strict

_STATUTE = re.compile(r"\(\d{4}:\d+\)")
Action = Literal["referred", "reported", "adapted", "declined_help"]
"""What is counted, without a person, when the handover closes."""


class Step(Strict):
    id: str = Field(pattern=r"^[a-z_]+$")
    text: str
    why: str = ""
    source: str = Field(min_length=3)
    counts: Action | None = None
    lines: tuple[str, ...] = ()
    """Contacts of `support/national.yml` that belong to the step, by id."""

    @property
    def law(self) -> str:
        """What of the source is shown at the desk: statutes, not where we have read of a practice."""
        parts = (part.strip() for part in self.source.split(";"))
        return "; ".join(part for part in parts if _STATUTE.search(part) and not part.startswith("FACTS"))


class FormField(Strict):
    """A place to write on the printed form. Nothing that is written there is kept or sent."""

    id: str = Field(pattern=r"^[a-z_]+$")
    label: str
    hint: str = ""
    rows: int = Field(default=2, ge=1, le=12)


class Report(Strict):
    """A duty to report: which tick starts the clock, which one stops it, and the form to print."""

    starts_with: str
    ends_with: str
    law: str
    remind_hours: int = Field(ge=1, le=24)
    """After so many hours the clock says that it is late. A house rule where the law says at once."""
    remind_source: str
    who: str
    form: tuple[FormField, ...] = Field(min_length=1)
    form_note: str
    form_source: str


class Checklist(Strict):
    """`draft` until somebody at the agency has reviewed it, by name."""

    id: str = Field(pattern=r"^[a-z_]+$")
    order: int
    title: str
    when: str
    status: Literal["draft", "reviewed"]
    reviewed_by: str | None
    steps: tuple[Step, ...] = Field(min_length=1)
    report: Report | None = None

    @property
    def counts(self) -> frozenset[str]:
        return frozenset(step.counts for step in self.steps if step.counts)

    @model_validator(mode="after")
    def _whole(self) -> Checklist:
        ids = [step.id for step in self.steps]
        if len(set(ids)) != len(ids):
            raise ValueError("two steps have the same id")
        if self.report is not None and not {self.report.starts_with, self.report.ends_with} <= set(ids):
            raise ValueError("report: starts_with and ends_with must be steps")
        if self.status == "reviewed" and not self.reviewed_by:
            raise ValueError("says reviewed but not by whom")
        return self


def read_checklist(document: Document, path: str) -> Checklist | None:
    """The checklist of a file, with a fault where it is not whole, and a warning while it is a draft."""
    checklist = document.read(Checklist)
    if checklist is None:
        return None
    if f"checklists/{checklist.id}.yml" != path:
        document.faults.append(document.fault("the file must be named by the id", "id"))
    if checklist.status == "draft":
        said = "is a draft: nobody at the agency has reviewed it"
        document.faults.append(document.fault(said, "status", severity=Severity.WARNING))
    return checklist


def unknown_lines(checklists: dict[str, Checklist], known: set[str]) -> list[Fault]:
    """A step must not name a contact that is not there."""
    return [
        Fault(f"checklists/{one.id}.yml", 0, f"steps.{step.id}.lines", f"{line} is not a contact that is here")
        for one in checklists.values()
        for step in one.steps
        for line in step.lines
        if line not in known
    ]
