"""`enrum train`: make the model now, e.g. when an image is built."""

from __future__ import annotations

import click

from bot.command.start import progress_on_stderr, settings_or_exit
from bot.data_files import BadData
from bot.engine.training import TrainingFailed, train
from bot.safety_data import load_signals


@click.command()
def command() -> None:
    """Train what has changed, what is said in words and the likeness of the signals, and print where the model is."""
    settings = settings_or_exit()
    try:
        with progress_on_stderr() as progress:
            model = train(settings.home, progress)
            load_signals(settings.home, progress=progress)
            click.echo(model)
    except (TrainingFailed, BadData) as error:
        raise click.ClickException(str(error)) from None
