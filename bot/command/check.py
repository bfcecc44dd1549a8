"""`enrum check`: are the data files whole? For coordinators, and for CI."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import click

from bot import data_files, safety_data
from bot.settings import DATA
from screening.catalogue.document import Severity
from screening.catalogue.load import load


@click.command()
@click.option(
    "--data", type=click.Path(path_type=Path, exists=True, file_okay=False), default=DATA, help="Data folder."
)
@click.option(
    "--on", "day", type=click.DateTime(["%Y-%m-%d"]), default=None, help="Check as on this day. Default: today."
)
def command(data: Path, day: datetime | None) -> None:
    """Check every data file. Prints file, line and item of each fault; ends with 1 if there are errors."""
    today: date = day.date() if day else datetime.now(UTC).date()
    _, faults = load(data_files.read(data), today)
    faults = sorted({*faults, *safety_data.faults(data)})
    for fault in faults:
        click.echo(f"{data.name}/{fault}")
    errors = sum(fault.severity is Severity.ERROR for fault in faults)
    click.echo(f"{errors} errors, {len(faults) - errors} warnings")
    if errors:
        raise SystemExit(1)
