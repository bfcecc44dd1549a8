"""A contact says when somebody checked it: without that, nobody can know how old it is.

House rule of the contact files: shown at most 24, 12 or 6 months from the check, by how sure the source is.
"""

from __future__ import annotations

from datetime import date

from casework.follow_ups import months_later
from casework.sheets.rewriting import value_at
from casework.sheets.sheet import Sheet
from screening.catalogue.document import Fault

SAID = ("name", "number", "hours", "valid_until")
"""What a person acts on: a change to any of it needs a check of its own."""
MONTHS = {"H": 24, "M": 12, "L": 6}


def contact_faults(before: Sheet, after: Sheet, today: date) -> list[Fault]:
    """Where a contact's date of checking does not stand for what is said of it now."""
    if not before.path.startswith("support/"):
        return []
    at = tuple(int(part) if part.isdecimal() else part for part in before.title.item.split("."))
    old, new = (value_at(one.data, at) for one in (before, after))

    def fault(name: str, message: str, code: str, **params: str) -> Fault:
        item = f"{before.title.item}.{name}"
        return Fault(before.path, 0, item, message, code=code, params=tuple(params.items()))

    changed = any(old.get(name) != new.get(name) for name in SAID)
    checked, until = new.get("verified_on"), new.get("valid_until")
    faults = []
    if isinstance(checked, date) and checked > today:
        faults.append(fault("verified_on", "is a day to come", "day_to_come"))
    elif changed and (not isinstance(checked, date) or (checked == old.get("verified_on") and checked != today)):
        faults.append(fault("verified_on", "must be the day on which this was checked", "check_anew"))
    last = months_later(today, MONTHS.get(str(new.get("confidence")), min(MONTHS.values())))
    if changed and isinstance(until, date) and until != old.get("valid_until") and until > last:
        faults.append(fault("valid_until", f"must be {last} at the latest", "too_far", day=str(last)))
    return faults
