"""`enrum retention`: remove what is past its time, by the agency's table of what is kept."""

from __future__ import annotations

import json

import click

from bot.command.start import agency_or_exit, open_or_exit, settings_or_exit


@click.group()
def command() -> None:
    """What is kept, and for how long. The server does the same by itself every hour."""


@command.command()
@click.option("--dry-run", is_flag=True, help="Count what is past its time, remove nothing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def run(dry_run: bool, as_json: bool) -> None:
    """Remove what is past its time. Prints how many of each, never which."""
    from bot.composition import utc_now
    from casework.retention import run as sweep

    settings = settings_or_exit()
    with open_or_exit(settings) as records:
        removed = sweep(records, agency_or_exit(settings).keep, utc_now(), dry_run=dry_run)
    if as_json:
        click.echo(json.dumps({"dry_run": dry_run, "due" if dry_run else "removed": removed}))
        return
    for record, n in removed.items():
        click.echo(f"{record:20} {n}")


@command.command()
def table() -> None:
    """Print the agency's table: what, how long, why."""
    for kept in agency_or_exit(settings_or_exit()).keep:
        click.echo(f"{kept.what}\n  {kept.how_long}. {kept.why}")
        click.echo(f"  {kept.record}; {kept.source}{'' if kept.verified else '; not yet decided by the agency'}")
