"""What commands share: settings with a clear error, and a progress bar while the model is trained."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from bot.engine.training import STEPS
from bot.settings import BadSetting, Settings, from_environment

if TYPE_CHECKING:
    from casework.records import Records
    from screening.catalogue.agency import Agency


def settings_or_exit(*, agency: str | None = None) -> Settings:
    """The settings. An error is one line that names the variable."""
    try:
        settings = from_environment()
    except BadSetting as error:
        raise click.ClickException(str(error)) from None
    return replace(settings, agency=agency) if agency else settings


def agency_or_exit(settings: Settings) -> Agency:
    """The agency's file. What is wrong with it is one line each."""
    from bot.composition import UnknownAgency, agency_of
    from bot.data_files import BadData

    try:
        return agency_of(settings)
    except (BadData, UnknownAgency) as error:
        raise click.ClickException(str(error)) from None


@contextmanager
def open_or_exit(settings: Settings) -> Iterator[Records]:
    """The records, closed afterwards. A key that cannot be used is one line."""
    from bot.composition import open_records
    from casework.keys import BadKeyFile

    try:
        records = open_records(settings)
    except (BadKeyFile, BadSetting) as error:
        raise click.ClickException(str(error)) from None
    try:
        yield records
    finally:
        records.close()


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
        if task is not None:
            bar.stop()
