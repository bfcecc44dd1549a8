"""`enrum user`: accounts for the desk."""

from __future__ import annotations

import click

from bot.command.start import agency_or_exit, open_or_exit, settings_or_exit
from bot.settings import BadSetting
from casework.roles import Role


@click.group()
def command() -> None:
    """Accounts for the desk."""


@command.command()
@click.option("--role", type=click.Choice([role.value for role in Role]), default="caseworker", show_default=True)
@click.option("--office", "offices", multiple=True, help="Id of an office of the agency. Default: all.")
def link(role: str, offices: tuple[str, ...]) -> None:
    """Print a one-time link that makes an account. It works once, for 24 hours."""
    from bot.composition import open_records, utc_now
    from casework.accounts import Accounts
    from casework.keys import BadKeyFile
    from casework.unavailable import Unavailable

    settings = settings_or_exit()
    known = [office.id for office in agency_or_exit(settings).offices]
    if unknown := set(offices) - set(known):
        raise click.BadParameter(
            f"there is no {sorted(unknown)[0]}; there are: {', '.join(known)}", param_hint="--office"
        )
    try:
        records = open_records(settings)
    except (BadKeyFile, BadSetting, Unavailable) as error:
        raise click.ClickException(str(error)) from None
    base = settings.public_url.rstrip("/") or f"http://localhost:{settings.port}"
    click.echo(f"{base}/desk/first/{Accounts(records, utc_now).link(Role(role), offices)}")
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


@command.command()
@click.argument("name")
def reset(name: str) -> None:
    """Take away the second step of a caseworker whose phone and codes are lost. Ends every session of the account."""
    from bot.composition import utc_now
    from casework.accounts import Accounts

    with open_or_exit(settings_or_exit()) as records:
        done = Accounts(records, utc_now).take_second_step(name)
    if not done:
        raise click.ClickException("there is no open account with that name")
    click.echo("done")
