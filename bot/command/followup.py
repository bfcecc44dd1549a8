"""`enrum followup`: who is to be invited again, by the agency's rule. Nothing is sent."""

from __future__ import annotations

import json
from datetime import datetime

import click

from bot.command.start import agency_or_exit, open_or_exit, settings_or_exit


@click.group()
def command() -> None:
    """Who is to be invited again. The rule is the agency's (`repeat`), and the same whatever was answered."""


@command.command()
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), default=None, help="Another day than today.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def due(on: datetime | None, as_json: bool) -> None:
    """List who is due: the agency's own reference, programme, occasion, since when."""
    from bot.composition import follow_ups_of

    settings = settings_or_exit()
    with open_or_exit(settings) as records:
        found = follow_ups_of(agency_or_exit(settings), records).due(on.date() if on else None)
    for one in found:
        told = {
            "case": one.claims.case,
            "programme": one.claims.programme,
            "occasion": one.occasion,
            "due": f"{one.on}",
        }
        click.echo(json.dumps(told) if as_json else "  ".join(str(value) for value in told.values()))
    if not found and not as_json:
        click.echo("Nobody is due.")


@command.command()
@click.option("--case", required=True, help="The agency's own reference.")
@click.option("--programme", default=None, help="Default: the agency's own default.")
def end(case: str, programme: str | None) -> None:
    """Not again: somebody has left the programme, or a caseworker has decided so."""
    from bot.composition import follow_ups_of
    from casework.case_reference import as_written

    settings = settings_or_exit()
    agency = agency_or_exit(settings)
    with open_or_exit(settings) as records:
        there = follow_ups_of(agency, records).end_case(as_written(case), programme or agency.default_programme)
    if not there:
        raise click.ClickException("there is no such case")
    click.echo("Taken off the list.")
