"""`enrum out`: news that goes out of the desk, and what could not be told."""

from __future__ import annotations

import click

from bot.command.start import open_or_exit, settings_or_exit


@click.group()
def command() -> None:
    """News that goes out of the desk (ENRUM_OUT_FILE)."""


@command.command("list")
def list_() -> None:
    """Print how much is waiting, told and dead, for each way out."""
    from casework.out.delivery import standing

    with open_or_exit(settings_or_exit()) as records:
        for way, status, n in standing(records):
            click.echo(f"{way:12} {status:10} {n}")


@command.command()
def again() -> None:
    """Try what is dead once more, from the beginning. The running server tells it."""
    from bot.composition import utc_now
    from casework.out.delivery import again as try_again

    with open_or_exit(settings_or_exit()) as records:
        click.echo(f"{try_again(records, utc_now())} to be told again")
