"""`enrum user`: accounts for the desk."""

from __future__ import annotations

import click

from bot.command.start import settings_or_exit


@click.group()
def command() -> None:
    """Accounts for the desk."""


@command.command()
def link() -> None:
    """Print a one-time link that makes an account. It works once, for 24 hours."""
    from bot.composition import utc_now
    from casework.accounts import Accounts
    from casework.keys import MasterKey
    from casework.records import Records

    settings = settings_or_exit()
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    records = Records(settings.database, MasterKey.from_file(settings.key_file, create=not settings.master_key_file))
    records.migrate()
    base = settings.public_url.rstrip("/") or f"http://localhost:{settings.port}"
    click.echo(f"{base}/desk/first/{Accounts(records, utc_now).link()}")
    records.close()
