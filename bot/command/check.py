"""`enrum check`: are the data files whole? For coordinators, and for CI."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import click

from bot import data_files, safety_data
from bot.command.start import settings_or_exit
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
@click.option("--privacy", is_flag=True, help="Check this installation instead: does what docs/privacy.md says hold?")
def command(data: Path, day: datetime | None, privacy: bool) -> None:
    """Check every data file, with what coordinators changed here (ENRUM_HOME). Prints file, line and item of each fault; ends with 1 if there are errors."""
    if privacy:
        _privacy()
        return
    today: date = day.date() if day else datetime.now(UTC).date()
    files = data_files.read(data)
    if data == DATA:
        files |= data_files.edits_of(settings_or_exit().home).current()
    _, faults = load(files, today)
    faults = sorted({*faults, *safety_data.faults(data)})
    for fault in faults:
        click.echo(f"{data.name}/{fault}")
    errors = sum(fault.severity is Severity.ERROR for fault in faults)
    click.echo(f"{errors} errors, {len(faults) - errors} warnings")
    if errors:
        raise SystemExit(1)


def _privacy() -> None:
    """Print what holds and what does not, one line each. Ends with 1 if something does not hold."""
    from bot.command.start import agency_or_exit, open_or_exit, settings_or_exit
    from bot.composition import utc_now
    from bot.privacy import look_around
    from casework.inspection import inspect

    settings = settings_or_exit()
    agency = agency_or_exit(settings)
    with open_or_exit(settings) as records:
        findings = [*inspect(records, agency.keep, utc_now()), *look_around(settings, agency)]
    for finding in findings:
        click.echo(f"{'ok    ' if finding.holds else 'NOT OK'} {finding.what:10} {finding.said}")
    if not all(finding.holds for finding in findings):
        raise SystemExit(1)
