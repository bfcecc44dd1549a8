"""`enrum signals`: which safety signals does a text raise?"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from bot.command.start import progress_on_stderr, settings_or_exit
from bot.data_files import BadData
from bot.safety_data import load_care, load_lexicons, load_sentences_by_language, load_signals
from safety.signals import Signals
from safety.signals.measure import Measurement, measure
from safety.signals.sentences import read


@click.command()
@click.option("--locale", default="sv", show_default=True)
@click.option("--explain", is_flag=True, help="Also the span and the rule of each signal.")
@click.option(
    "--measure",
    "sentences",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    default=None,
    help="A sentence file (signals, tab, sentence): print how many of its signals are noticed, and false alarms.",
)
@click.option("--calibrate", is_flag=True, help="Print the numbers for data/safety/likeness.yml. Takes minutes.")
def command(locale: str, explain: bool, sentences: Path | None, calibrate: bool) -> None:
    """Read lines of text, print one JSON object a line: the text and the signals it raises. Keeps nothing."""
    try:
        if calibrate:
            for code, alarm in _calibrated().items():
                click.echo(f"{code}: {alarm}")
            return
        with progress_on_stderr() as progress:
            signals = load_signals(settings_or_exit().home, progress=progress)
    except BadData as error:
        raise click.ClickException(str(error)) from None
    if sentences is not None:
        _measure(signals, sentences, locale)
        return
    for raw in sys.stdin.buffer:
        text = raw.decode("utf-8", "replace").rstrip("\r\n")
        found = signals.find(text, locale)
        told: dict[str, object] = {"text": text, "signals": sorted({finding.signal for finding in found})}
        if explain:
            told["findings"] = [
                {"signal": f.signal, "start": f.start, "end": f.end, "words": text[f.start : f.end], "rule": f.rule}
                for f in found
            ]
        click.echo(json.dumps(told, ensure_ascii=False))


def _calibrated() -> dict[str, float]:
    """Raises `BadData`."""
    from bot.engine.likeness import calibrated

    care = load_care()
    return calibrated(load_lexicons(), load_sentences_by_language(), care.shares, care.ease)


def _measure(signals: Signals, file: Path, locale: str) -> None:
    rows, faults = read(file.read_bytes().decode("utf-8", "replace"))
    if faults:
        line, why = faults[0]
        raise click.ClickException(f"{file.name}:{line}: {why}")
    for told in _table(measure(signals, rows, locale)):
        click.echo(told)


def _table(measured: Measurement) -> list[str]:
    lines = [f"{'signal':14} {'expected':>8} {'noticed':>8} {'recall':>7} {'precision':>9}"]
    for score in measured.scores:
        shares = f"{_share(score.recall):>7} {_share(score.precision):>9}"
        lines.append(f"{score.signal:14} {score.expected:8} {score.found:8} {shares}")
    expected, found = sum(score.expected for score in measured.scores), sum(score.found for score in measured.scores)
    lines.append(f"{'all':14} {expected:8} {found:8} {_share(found / expected if expected else None):>7}")
    rate = _share(measured.false_alarm_rate)
    return [*lines, f"neutral: {measured.false_alarms} of {measured.neutral} raise something: {rate}"]


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
