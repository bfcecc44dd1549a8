"""What was measured or counted, for the end of the tests. It gets there from another process too."""

from __future__ import annotations

from tests.casework.crash import tally

LINES: list[str] = []


def tell(line: str) -> None:
    LINES.append(line)


def lines() -> list[str]:
    return [*LINES, *tally.lines()]
