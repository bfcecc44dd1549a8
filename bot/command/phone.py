"""`enrum phone`: ring yourself. Read what is said, press keys. The carrier is a double; everything of ours is real."""

from __future__ import annotations

import asyncio
import secrets
import sys
import tempfile
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from bot.command.start import agency_or_exit, progress_on_stderr, settings_or_exit
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
@click.option("--call-back", is_flag=True, help="The desk rings a person back: both phones, d and p before each key.")
@click.option("--voicemail", is_flag=True, help="With --call-back: the person's plan allows a message to a machine.")
@click.option("--say-agency", is_flag=True, help="With --call-back: the plan allows that the agency is named.")
@click.option("--code-word", default="", help="With --call-back: the word that was agreed on.")
def command(url: str | None, sms: bool, call_back: bool, voicemail: bool, say_agency: bool, code_word: str) -> None:
    """Ring, and press keys: one answer a line, digits for a number, an empty line for silence, q to hang up."""
    settings = settings_or_exit()
    if (url is not None) + sms + call_back > 1:
        raise click.UsageError("--url, --sms and --call-back go one at a time")
    if call_back:
        from bot.phone.stage import Allows

        _play(settings, lambda house: _call_back(house, Allows(voicemail, say_agency, code_word)), as_if_open=True)
        return
    if url is not None:
        if not settings.twilio_auth_token:
            raise click.ClickException("ENRUM_TWILIO_AUTH_TOKEN is needed to sign as the carrier does")
        asyncio.run(_ring_server(settings, url.rstrip("/")))
        return
    _play(settings, lambda house: _home(house, sms))


async def _ring_server(settings: Settings, url: str) -> None:
    import httpx

    async with httpx.AsyncClient(timeout=15) as client:
        await _call(_carrier(client, url, settings))


def _play(settings: Settings, what: Callable[[Any], Coroutine[Any, Any, None]], *, as_if_open: bool = False) -> None:
    """In a house of its own, gone afterwards. `as_if_open`: it is ten o'clock there, on a day when the desk is open."""
    with tempfile.TemporaryDirectory() as room:
        _at_home(settings, Path(room), what, as_if_open)


def _at_home(
    settings: Settings, room: Path, what: Callable[[Any], Coroutine[Any, Any, None]], as_if_open: bool
) -> None:
    from bot.composition import build, utc_now
    from bot.phone.stage import in_opening_hours

    own = replace(
        settings,
        database_url=f"sqlite:///{room / 'phone.db'}",
        key_folder=str(room / "keys"),
        public_url=BASE if as_if_open else "",
        twilio_auth_token="of the double",
        twilio_account_sid="AC" + "0" * 32,
        twilio_from=OURS,
    )
    now = in_opening_hours(agency_or_exit(settings), utc_now) if as_if_open else utc_now
    with progress_on_stderr() as progress:
        house = build(own, progress=progress, now=now)
    try:
        asyncio.run(what(house))
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


async def _call_back(house: Any, allows: Any) -> None:
    import httpx

    from bot.phone import stage, two_phones
    from bot.phone.pocket import PocketCarrier
    from bot.phone.setting_up import phone_of
    from bot.web.application import application

    house, pocket = stage.with_desk_phone(house), PocketCarrier()
    phone = phone_of(house, lambda settings: pocket)
    kim = house.accounts.redeem(house.accounts.link(), "Kim", secrets.token_urlsafe(16))
    handover_id = stage.request(house, kim, allows, house.now() + timedelta(days=1))
    assert phone.bridge is not None, "the desk has a phone and the carrier an address"
    calls, words = phone.bridge.call_backs, house.catalogue.desk[house.agency.language]["contact"]

    def screen() -> str:
        last = calls.last(handover_id)
        told = [words["call_states"][last.state.value]] if last else []
        return " ".join([*told, *([words["call_results"][last.result.value]] if last and last.result else [])])

    transport = httpx.ASGITransport(app=application(house, phone))
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        carrier = _carrier(client, BASE, house.settings)
        carrier.most_redirects, carrier.second = 100, 1.0
        both = two_phones.TwoPhones(carrier, pocket, phone, click.echo, screen)
        click.echo(two_phones.HOW)
        refused = calls.order(handover_id, stage.DESK, kim.id, "first")
        assert refused is None, refused
        await both.begin()
        while not both.over and (line := await asyncio.to_thread(_line)) is not None:
            await both.do(line)
        await both.end()


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
