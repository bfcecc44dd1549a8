"""`enrum train`: make the model now, e.g. when an image is built."""

from __future__ import annotations

import click

from bot.command.start import progress_on_stderr, settings_or_exit
from bot.engine.training import TrainingFailed, train


@click.command()
def command() -> None:
    """Train the model if its inputs have changed, and print where it is."""
    try:
        with progress_on_stderr() as progress:
            click.echo(train(settings_or_exit().home, progress))
    except TrainingFailed as error:
        raise click.ClickException(str(error)) from None
