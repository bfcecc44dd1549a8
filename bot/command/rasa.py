"""`enrum rasa …`: Rasa's own command line on this project, for people who know Rasa."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from bot.settings import PROJECT


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []}, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """Run `rasa ARGUMENTS`, e.g. `enrum rasa data validate`, `enrum rasa train`, `enrum rasa shell`.

    Domain, config and training data of this project are filled in where they are not given. Actions run in this
    process, on a journey that is kept in memory and nowhere else.
    """
    from bot.engine.rasa_command import run

    sys.exit(run(PROJECT, Path.cwd(), list(arguments)))
