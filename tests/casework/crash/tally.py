"""What was tried, for one line at the end of the tests."""

from __future__ import annotations

from collections import Counter

TRIED: Counter[tuple[str, str]] = Counter()
"""By what was tried and on which database."""


class Lost(AssertionError):
    """Something that was acknowledged is not there."""


class Doubled(AssertionError):
    """Something is there twice, or by half."""


FOUND: Counter[type[AssertionError]] = Counter({Lost: 0, Doubled: 0})


def lines() -> list[str]:
    if not TRIED:
        return []
    by_kind = [f"{what} on {engine} {n}" for (what, engine), n in sorted(TRIED.items())]
    total = f"crash points tried {sum(TRIED.values())}, lost {FOUND[Lost]}, doubled or by half {FOUND[Doubled]}"
    return [f"{total} ({', '.join(by_kind)})"]
