"""`enrum signals`: which safety signals does a text raise?"""

from __future__ import annotations

import json
import sys

import click


@click.command()
@click.option("--locale", default="sv", show_default=True)
@click.option("--explain", is_flag=True, help="Also the span and the rule of each signal.")
def command(locale: str, explain: bool) -> None:
    """Read lines of text, print one JSON object a line: the text and the signals it raises. Keeps nothing."""
    from bot.composition import load_signals

    signals = load_signals()
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
