"""`enrum phone`: ring yourself. Read what is said, press keys. The carrier is a double; everything of ours is real."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from bot.command.start import progress_on_stderr, settings_or_exit
from bot.settings import Settings

BASE = "http://phone.test"
CALLER = "+46701740605"
"""Of the range that PTS keeps free for use in fiction: it rings nobody."""
OURS = "+46701740606"
HANG_UP = "q"


@click.command()
@click.option(
    "--url", default=None, help="Ring a server that runs, with ENRUM_TWILIO_AUTH_TOKEN. Default: one of its own."
)
@click.option("--sms", is_flag=True, help="Write SMS instead of ringing. Each line is one.")
def command(url: str | None, sms: bool) -> None:
    """Ring, and press keys: one answer a line, digits for a number, an empty line for silence, q to hang up."""
    settings = settings_or_exit()
    if url is not None:
        if sms:
            raise click.UsageError("what a server that runs answers by SMS goes to its carrier, not to here")
        if not settings.twilio_auth_token:
            raise click.ClickException("ENRUM_TWILIO_AUTH_TOKEN is needed to sign as the carrier does")
        asyncio.run(_ring_server(settings, url.rstrip("/")))
        return
    with tempfile.TemporaryDirectory() as room:
        _at_home(settings, Path(room), sms)


async def _ring_server(settings: Settings, url: str) -> None:
    import httpx

    async with httpx.AsyncClient(timeout=15) as client:
        await _call(_carrier(client, url, settings))


def _at_home(settings: Settings, room: Path, sms: bool) -> None:
    from bot.composition import build

    own = replace(
        settings,
        database_url=f"sqlite:///{room / 'phone.db'}",
        key_folder=str(room / "keys"),
        public_url="",
        twilio_auth_token="of the double",
        twilio_account_sid="AC" + "0" * 32,
        twilio_from=OURS,
    )
    with progress_on_stderr() as progress:
        house = build(own, progress=progress)
    try:
        asyncio.run(_home(house, sms))
    finally:
        house.records.close()


async def _home(house: Any, sms: bool) -> None:
    import httpx

    from bot.phone.pocket import PocketCarrier
    from bot.phone.setting_up import phone_of
    from bot.web.application import application

    pocket = PocketCarrier()
    phone = phone_of(house, lambda settings: pocket)
    transport = httpx.ASGITransport(app=application(house, phone))
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        carrier = _carrier(client, BASE, house.settings)
        if sms:
            assert phone.delivery is not None
            await _write(carrier, pocket, phone.delivery.run)
        else:
            await _call(carrier)


def _carrier(client: Any, base: str, settings: Settings) -> Any:
    from bot.phone.local_carrier import LocalCarrier

    async def post(address: str, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
        response = await client.post(address, content=body, headers=headers)
        return response.status_code, response.text

    return LocalCarrier(base, settings.twilio_auth_token, settings.twilio_account_sid, post, OURS)


async def _call(carrier: Any) -> None:
    from bot.phone.local_carrier import RefusedByUs

    try:
        call = await carrier.call(CALLER).dial()
        while True:
            for said in call.heard:
                click.echo(said)
            if call.over:
                return
            line = await asyncio.to_thread(_line)
            if line is None or line == HANG_UP:
                await call.hang_up()
                return
            click.echo("")
            if call.dialled:
                number, call.dialled = call.dialled, ""
                click.echo(f"[{number}: {line or 'completed'}]")
                await call.dialled_out(line or "completed")
            else:
                await call.press(line)
    except RefusedByUs as refused:
        raise click.ClickException(f"the server answered {refused.args[0]}: is it the same auth token?") from None


async def _write(carrier: Any, pocket: Any, deliver: Callable[[], int]) -> None:
    while (line := await asyncio.to_thread(_line)) is not None:
        told = len(pocket.sent)
        await carrier.sms(line, CALLER)
        await asyncio.to_thread(deliver)
        for _, text in pocket.sent[told:]:
            click.echo(text)


def _line() -> str | None:
    """The next line, or None at the end."""
    raw = sys.stdin.readline()
    return raw.strip() if raw else None
