"""`enrum keys`: the master key."""

from __future__ import annotations

import click

from bot.command.start import settings_or_exit


@click.group()
def command() -> None:
    """The keys that everything is sealed with."""


@command.command()
def rotate() -> None:
    """Make a new master key, wrap every data key by it, destroy the old one. Running processes go on.

    What was copied of the key folder before is mute afterwards. If it is interrupted, run it again.
    """
    from bot.composition import open_keys
    from casework.keys import BadKeyFile, Unreadable
    from casework.unavailable import Unavailable

    try:
        turned = open_keys(settings_or_exit()).rotate()
    except (BadKeyFile, Unreadable, Unavailable) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"A new master key wraps {turned} keys. The old one is destroyed.")
