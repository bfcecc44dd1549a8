"""`enrum backup`: a copy of the records without their keys, and the way back."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from bot.command.start import open_or_exit, settings_or_exit


class _FileOrRestore(click.Group):
    """`enrum backup FILE` makes a copy; `enrum backup restore FILE` is a command of its own."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            args = ["make", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_FileOrRestore)
def command() -> None:
    """Copy the database to a file: `enrum backup FILE`. The keys are not in it, and must be in no backup."""


@command.command(hidden=True)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def make(file: Path) -> None:
    """Copy the database to FILE while the server runs. PostgreSQL is copied with pg_dump."""
    from bot.composition import utc_now
    from casework import backup

    settings = settings_or_exit()
    with open_or_exit(settings) as records:
        try:
            backup.make(records, settings.database, file, utc_now())
        except backup.BackupFailed as failed:
            raise click.ClickException(str(failed)) from None
    click.echo(f"{file}: a copy without keys. What is erased from now on is erased in it too.")


@command.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--rehearsal", is_flag=True, help="Beside the database that is in use: destroy no keys.")
def restore(file: Path, rehearsal: bool) -> None:
    """Take a copy back into an empty place, with the server stopped. What was erased since it was made stays erased."""
    from bot.composition import open_keys, utc_now
    from casework import backup
    from casework.keys import BadKeyFile

    settings = settings_or_exit()
    try:
        with closing(open_keys(settings)) as keys:
            done = backup.restore(settings.database, keys, file, utc_now(), rehearsal=rehearsal)
            done.records.close()
    except (backup.BackupFailed, BadKeyFile) as failed:
        raise click.ClickException(str(failed)) from None
    click.echo(f"Restored. {done.erased} conversations had been erased since, and are erased here too.")
    if not rehearsal:
        click.echo(f"{done.keys} keys of what was begun since are destroyed: nothing opens it any more.")
    click.echo(
        "Reports to make that were closed since are closed here too. Those learnt since are not in the copy: ask at the desk."
    )
    click.echo("Desk accounts are as they were then: close again what was closed since (enrum user close).")
