"""Sentence files: signals separated by commas (or "-" for none), a tab, what somebody might write."""

from __future__ import annotations

from safety.folding import words
from safety.signals.finding import Signal

NEUTRAL = "-"
"""Stands for "no signal"."""

Row = tuple[frozenset[Signal], str]

_KNOWN = {signal.value for signal in Signal}


def read(text: str) -> tuple[list[Row], list[tuple[int, str]]]:
    """The rows of a file, and its faults: the line, from 1, and what is wrong there. Never raises."""
    rows: list[Row] = []
    faults: list[tuple[int, str]] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(text.rstrip("\n").split("\n"), start=1):
        names, tab, sentence = line.rstrip("\r").partition("\t")
        labels = names.split(",")
        same = " ".join(word.plain for word in words(sentence))
        if not tab or not sentence.strip():
            faults.append((number, "is not signals, a tab, a sentence"))
        elif labels != [NEUTRAL] and not _KNOWN.issuperset(labels):
            faults.append((number, f"names a signal that does not exist: {', '.join(sorted(set(labels) - _KNOWN))}"))
        elif "\N{REPLACEMENT CHARACTER}" in sentence:
            faults.append((number, "has bytes that are not UTF-8"))
        elif same and same in seen:
            faults.append((number, f"is the same sentence as line {seen[same]}"))
        else:
            seen[same] = number
            rows.append((frozenset(Signal(name) for name in labels if name != NEUTRAL), sentence))
    return rows, faults
