"""What commands share: settings with a clear error, and a progress bar while the model is trained."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from bot.engine.training import STEPS
from bot.settings import BadSetting, Settings, from_environment


def settings_or_exit(*, agency: str | None = None) -> Settings:
    """The settings. An error is one line that names the variable."""
    try:
        settings = from_environment()
    except BadSetting as error:
        raise click.ClickException(str(error)) from None
    return replace(settings, agency=agency) if agency else settings


@contextmanager
def progress_on_stderr() -> Iterator[Callable[[str], None]]:
    """A bar that appears with the first step: nothing is shown when there is nothing to train."""
    console = Console(file=sys.stderr)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    bar = Progress(*columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False)
    task = None

    def step(name: str) -> None:
        nonlocal task
        if task is None:
            bar.start()
            task = bar.add_task("Training", total=STEPS)
        else:
            bar.advance(task)

    try:
        yield step
    finally:
        bar.stop()
