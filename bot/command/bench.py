"""`enrum bench`: how long a turn takes through the API, how long the start, how much memory. Measured, on this machine."""

from __future__ import annotations

import asyncio
import json
import resource
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from bot.command.bench_desk import measure as measure_desk
from bot.command.bench_voice import measure as measure_voice
from bot.command.start import progress_on_stderr, settings_or_exit
from bot.settings import PROJECT

TO_FIRST_ITEM = ("continue", "private", "no", "continue", "skip", "yes")
CONVERSATIONS = 20
LONG = 200
SAMPLE = 11
QUANTILES = (("p50", 0.5), ("p99", 0.99))


@click.command()
@click.option("--json", "file", type=click.Path(path_type=Path, dir_okay=False), help="Write all figures here.")
@click.option("--calls/--no-calls", default=True, show_default=True, help="500 calls at once: takes two minutes.")
@click.option("--desk/--no-desk", default=True, show_default=True, help="1 000 waiting, 50 caseworkers: takes minutes.")
def command(file: Path | None, calls: bool, desk: bool) -> None:
    """Measure turns (choice and typed words, over the API, on SQLite), a long conversation, calls, the desk, signals, start and memory."""
    settings = settings_or_exit()
    with progress_on_stderr() as progress:
        from bot.engine.training import train

        train(settings.home, progress)
    with tempfile.TemporaryDirectory() as room:
        began = time.perf_counter()
        from bot.composition import build

        own = replace(
            settings, database_url=f"sqlite:///{Path(room) / 'bench.db'}", key_folder=str(Path(room) / "keys")
        )
        house = build(own)
        start = time.perf_counter() - began
        try:
            figures = asyncio.run(_measure(house))
            figures["signals_us"] = _signals(settings.home)
            if calls:
                figures |= asyncio.run(measure_voice(house))
            if desk:
                figures |= asyncio.run(measure_desk(house))
        finally:
            house.records.close()
    turns = sorted(figures["turn_ms"])
    summary = {
        "turn_p50_ms": round(statistics.median(turns), 1),
        "turn_p95_ms": round(turns[int(len(turns) * 0.95)], 1),
        "vs_stock_p50": None,
        "vs_bare_p50": round(statistics.median(turns) / statistics.median(figures["bare_ms"]), 1),
        "length_200_vs_5": round(figures["long_ms"] / figures["short_ms"], 2),
        "turns_per_s": round(figures["turns_per_s"], 1),
        "encryption_ratio": round(statistics.median(figures["sealed_ms"]) / statistics.median(figures["plain_ms"]), 2),
        "signals_us_p50": round(statistics.median(figures["signals_us"])),
        "signals_us_p95": round(sorted(figures["signals_us"])[int(len(figures["signals_us"]) * 0.95)]),
        **{f"{name}_p95_ms": _p95(figures.get(f"{name}_ms")) for name in ("voice", "voice_burst", "voice_call")},
        **{
            f"desk_{name}_{p}_ms": _percentile(figures.get(f"desk_{name}_ms"), q)
            for name in ("visible", "claim")
            for p, q in QUANTILES
        },
        **{name: figures.get(name) for name in ("desk_claimed", "desk_claimed_twice", "desk_lost")},
        "start_s": round(start, 1),
        "rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "installed_mb": _size(PROJECT / ".venv"),
    }
    for name, value in summary.items():
        click.echo(f"{name:20} {'not measured' if value is None else value}")
    if file is not None:
        file.write_text(json.dumps({"summary": summary, **figures}, indent=1))


async def _measure(house: Any) -> dict[str, Any]:
    import httpx

    from bot.web.application import application

    transport = httpx.ASGITransport(app=application(house))
    async with httpx.AsyncClient(transport=transport, base_url="http://bench.test") as client:
        turns: list[float] = []
        for n in range(CONVERSATIONS):
            turns += await _talk(client, [{"choice": c} for c in TO_FIRST_ITEM] + [{"text": "nej"}] * 2, key=n)
        long = await _talk(client, [{"choice": "again"}] * LONG, key="long")
        began = time.perf_counter()
        crowd = [_talk(client, [{"choice": c} for c in TO_FIRST_ITEM], key=f"c{n}") for n in range(20)]
        together = sum(len(one) for one in await asyncio.gather(*crowd))
        rate = together / (time.perf_counter() - began)
        bare = [await _timed(client.get("/ready")) for _ in range(50)]
        sealed, plain = await _with_and_without_encryption(client, house)
    return {
        "turn_ms": turns,
        "bare_ms": bare,
        "sealed_ms": sealed,
        "plain_ms": plain,
        "short_ms": statistics.median(long[3:8]),
        "long_ms": statistics.median(long[-5:]),
        "turns_per_s": rate,
    }


async def _with_and_without_encryption(client: Any, house: Any) -> tuple[list[float], list[float]]:
    """The same turns by turns, so that whatever else the machine does meets both alike."""
    from bot.command.bench_plain import without_encryption

    sealed: list[float] = []
    plain: list[float] = []
    house.records.audit_key  # noqa: B018 - made once, with the real keys
    for n in range(CONVERSATIONS):
        inputs = [{"choice": choice} for choice in (*TO_FIRST_ITEM, "yes", "no")]
        sealed += await _talk(client, inputs, key=f"sealed-{n}")
        with without_encryption(house.records):
            plain += await _talk(client, inputs, key=f"plain-{n}")
    return sealed, plain


def _signals(home: Path) -> list[float]:
    """Microseconds for each of some hundred sentences, spread over all that there are."""
    from bot.safety_data import load_sentences, load_signals

    signals = load_signals(home)
    taken = []
    for _, sentence in load_sentences()[::SAMPLE]:
        began = time.perf_counter()
        signals.find(sentence)
        taken.append((time.perf_counter() - began) * 1_000_000)
    return taken


async def _talk(client: Any, inputs: list[dict[str, str]], key: object) -> list[float]:
    begun = (await client.post("/api/conversations")).json()
    headers = {"Authorization": f"Bearer {begun['token']}"}
    url = f"/api/conversations/{begun['id']}/messages"
    return [
        await _timed(client.post(url, json={**body, "key": f"{key}-{n}"}, headers=headers))
        for n, body in enumerate(inputs)
    ]


async def _timed(request: Any) -> float:
    began = time.perf_counter()
    response = await request
    if response.status_code != 200:
        raise click.ClickException(f"a turn was answered with {response.status_code}: nothing is reported")
    return (time.perf_counter() - began) * 1000


def _p95(took: list[float] | None) -> float | None:
    return _percentile(took, 0.95)


def _percentile(took: list[float] | None, part: float) -> float | None:
    return round(sorted(took)[int(len(took) * part)], 1) if took else None


def _size(folder: Path) -> int | None:
    if not folder.exists():
        return None
    return round(sum(f.lstat().st_size for f in folder.rglob("*") if f.is_file()) / 1_000_000)
