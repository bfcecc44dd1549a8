"""`enrum audit`: is the trail whole, and a copy of it to keep elsewhere."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.command.start import open_or_exit, settings_or_exit

if TYPE_CHECKING:
    from casework.audit import Tip

TIP = re.compile(r"(\d{1,12}):([0-9a-f]{64})")


@click.group()
def command() -> None:
    """The audit trail: who opened what, when and why."""


@command.command()
@click.option("--against", default=None, help="An exported file, or a tip NUMBER:MARK, that was kept elsewhere.")
def verify(against: str | None) -> None:
    """Check every entry. Ends with 0 if all are as they were written, else with 1."""
    from casework.audit import Comparison, compare, first_break, tip

    kept = _tip(against) if against is not None else None
    with open_or_exit(settings_or_exit()) as records:
        broken = first_break(records)
        if broken is not None:
            click.echo(f"broken at entry {broken}")
            raise SystemExit(1)
        said = compare(records, kept) if kept is not None else Comparison.SAME
        if said is not Comparison.SAME:
            click.echo({"cut": "the end was cut off", "different": "another trail", "too_old": "trimmed since"}[said])
            raise SystemExit(1)
        click.echo(f"ok {tip(records)}")


@command.command()
def export() -> None:
    """Print every entry as JSON, one a line, and the tip last. Keep it where nobody who can change the records can."""
    from bot.composition import utc_now
    from casework.audit import OPERATOR, entries, note, tip

    with open_or_exit(settings_or_exit()) as records:
        with records.session() as session:
            note(session, utc_now(), OPERATOR, "audit.exported")
        for entry in entries(records):
            click.echo(json.dumps(entry))
        click.echo(json.dumps({"tip": str(tip(records))}))


def _tip(given: str) -> Tip:
    """A tip as it was printed, or the last line of an exported file."""
    from casework.audit import Tip

    written = given
    path = Path(given)
    if not TIP.fullmatch(given) and path.is_file():
        lines = path.read_text("utf-8").splitlines()
        try:
            written = str(json.loads(lines[-1])["tip"])
        except (IndexError, ValueError, KeyError, TypeError):
            raise click.BadParameter("the last line has no tip", param_hint="--against") from None
    found = TIP.fullmatch(written)
    if found is None:
        raise click.BadParameter("neither a file nor NUMBER:MARK", param_hint="--against")
    return Tip(int(found[1]), found[2])
