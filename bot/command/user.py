"""`enrum user`: accounts for the desk."""

from __future__ import annotations

import click

from bot.command.start import open_or_exit, settings_or_exit


@click.group()
def command() -> None:
    """Accounts for the desk."""


@command.command()
def link() -> None:
    """Print a one-time link that makes an account. It works once, for 24 hours."""
    from bot.composition import open_records, utc_now
    from casework.accounts import Accounts
    from casework.keys import BadKeyFile
    from casework.unavailable import Unavailable

    settings = settings_or_exit()
    try:
        records = open_records(settings)
    except (BadKeyFile, Unavailable) as error:
        raise click.ClickException(str(error)) from None
    base = settings.public_url.rstrip("/") or f"http://localhost:{settings.port}"
    click.echo(f"{base}/desk/first/{Accounts(records, utc_now).link()}")
    records.close()


@command.command()
@click.argument("name")
def close(name: str) -> None:
    """Close the account of a caseworker who leaves or has forgotten the password. Ends every session of it at once."""
    from bot.composition import utc_now
    from casework.accounts import Accounts

    with open_or_exit(settings_or_exit()) as records:
        closed = Accounts(records, utc_now).close(name)
    if not closed:
        raise click.ClickException("there is no open account with that name")
    click.echo("closed")
