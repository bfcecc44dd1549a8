"""The command line: `enrum …`. Each command has a file; this one only knows their names."""

from __future__ import annotations

from importlib import import_module

import click

COMMANDS = (
    "serve",
    "train",
    "talk",
    "signals",
    "check",
    "user",
    "invite",
    "followup",
    "phone",
    "outbox",
    "access",
    "retention",
    "audit",
    "backup",
    "keys",
    "rasa",
    "bench",
)


class _Commands(click.Group):
    """Loads a command only when it is asked for: most of them do without Rasa."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        found: click.Command = import_module(f"bot.command.{name}").command
        return found


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Enrum: a phone-safe conversational screening assistant."""
    from bot import logs

    logs.configure()
