"""A form that was sent, written into its file and checked as `enrum check` does."""

from __future__ import annotations

from dataclasses import dataclass

from casework.caseworker import Caseworker
from casework.coordinator import Coordinator, Locked, Refused
from casework.edits import Meanwhile, mark
from casework.sheets.contact_rule import contact_faults
from casework.sheets.field import Sent
from casework.sheets.rewriting import rewritten
from casework.sheets.sheet import Sheet, sheet
from casework.to_confirm import Unconfirmed
from safety.safe_contact import ZONE
from screening.catalogue.document import Fault
from screening.catalogue.load import Catalogue


@dataclass(frozen=True)
class Filled:
    """What came of it. `fresh` is the catalogue with the change; None where nothing was changed.

    `sheet` shows what was sent, also where it was refused.
    """

    sheet: Sheet
    fresh: Catalogue | None = None
    faults: tuple[Fault, ...] = ()
    meanwhile: bool = False
    asks: Unconfirmed | None = None
    """It counts when somebody has read both, and said so."""


def open_sheet(coordinator: Coordinator, path: str, item: str, by: Caseworker) -> tuple[Sheet, str]:
    """The form, and the mark of the text that it was read from. Raises Locked where there is none."""
    text = coordinator.text(path, by)
    found = sheet(path, text, item)
    if found is None:
        raise Locked(path)
    return found, mark(text)


def fill(
    coordinator: Coordinator, path: str, item: str, sent: Sent, seen: str, by: Caseworker, confirmed: str = ""
) -> Filled:
    """Write what was sent into the file, if it may be so. Raises Locked, NotRewritten."""
    text = coordinator.text(path, by)
    before = sheet(path, text, item)
    if before is None:
        raise Locked(path)
    changes = before.changes(sent)
    if not changes:
        return Filled(before)
    after_text = rewritten(text, changes)
    after = sheet(path, after_text, item)
    if after is None:
        raise Locked(path)
    if faults := contact_faults(before, after, coordinator.now().astimezone(ZONE).date()):
        return Filled(after, faults=tuple(faults))
    try:
        return Filled(after, coordinator.save(path, after_text, seen, by, confirmed))
    except Refused as refused:
        return Filled(after, faults=refused.faults)
    except Unconfirmed as asks:
        return Filled(after, asks=asks)
    except Meanwhile:
        return Filled(after, meanwhile=True)
