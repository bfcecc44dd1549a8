"""`enrum talk`: the whole journey in this process, for people, tests and bug reports."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from bot.command.room import PREFIX, clear_rooms, held
from bot.command.start import progress_on_stderr, settings_or_exit
from bot.talk.hearing import Heard
from bot.talk.reply import NotTaken, Reply
from safety.content import Channel


@click.command()
@click.option("--channel", type=click.Choice(["web", "sms", "voice"]), default="web", show_default=True)
@click.option("--locale", default="sv", show_default=True)
@click.option("--agency", default=None, help="Id of an agency in data/agencies. Default: ENRUM_AGENCY.")
@click.option("--programme", default=None, help="Id of a programme. Default: the agency's own default.")
@click.option("--jsonl", is_flag=True, help="One JSON object for each message, instead of text.")
def command(channel: str, locale: str, agency: str | None, programme: str | None, jsonl: bool) -> None:
    """Talk with the assistant here.

    One input a line: `=word` picks a choice by its id, anything else is text. Records go to a database of its own that
    is deleted at the end. Its keys are in memory alone: if this process is killed, what is left of it opens no more,
    and goes when somebody talks here the next time.
    """
    settings = settings_or_exit(agency=agency)
    clear_rooms()
    with tempfile.TemporaryDirectory(prefix=PREFIX) as room, held(Path(room)):
        _talk(settings, Path(room), Channel(channel), locale, programme, jsonl)


def _talk(settings: Any, room: Path, channel: Channel, locale: str, programme: str | None, jsonl: bool) -> None:
    from bot.composition import build
    from casework.memory_keys import MemoryKeys

    own = replace(settings, database_url=f"sqlite:///{room / 'talk.db'}")
    with progress_on_stderr() as progress:
        house = build(own, progress=progress, keys=MemoryKeys())
    if locale not in house.catalogue.languages:
        raise click.BadParameter(f"there is no content for {locale!r}", param_hint="--locale")
    try:
        asyncio.run(_loop(house, channel, locale, programme or house.agency.default_programme, jsonl))
    finally:
        house.records.close()


async def _loop(house: Any, channel: Channel, locale: str, programme: str, jsonl: bool) -> None:
    begun = await house.turns.open(house.agency.id, programme, channel, locale)
    _show(0, begun.reply, jsonl)
    for turn, line in enumerate(_lines(), start=1):
        heard = Heard(choice=line[1:].strip()) if line.startswith("=") else Heard(text=line)
        try:
            reply = await house.turns.take(begun.id, heard)
        except NotTaken as not_taken:
            _say(
                turn, house.turns.sentence(f"errors.{not_taken.refusal.value}", locale), not_taken.refusal.value, jsonl
            )
            continue
        _show(turn, reply, jsonl)
        if reply.ended:
            return


def _lines() -> Iterator[str]:
    for raw in sys.stdin.buffer:
        yield raw.decode("utf-8", "replace").rstrip("\r\n")


def _show(turn: int, reply: Reply, jsonl: bool) -> None:
    public = reply.public()
    if jsonl:
        for message in public["messages"]:
            told = {key: message[key] for key in ("text", "class", "choices", "part", "title")}
            click.echo(json.dumps({"turn": turn, **told, "state": public["state"]}, ensure_ascii=False))
        if not public["messages"]:
            empty = {"turn": turn, "text": "", "class": "neutral", "choices": [], "state": public["state"]}
            click.echo(json.dumps(empty, ensure_ascii=False))
        return
    for message in public["messages"]:
        click.echo(f"\n{message['title']}" if message["title"] else "")
        click.echo(message["text"])
    click.echo("")
    for choice in reply.choices:
        click.echo(f"  ={choice.id:<14} {choice.label}", nl=True)


def _say(turn: int, sentence: str, code: str, jsonl: bool) -> None:
    if jsonl:
        told = {"turn": turn, "text": sentence, "class": "neutral", "choices": [], "error": code}
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        click.echo(sentence)
