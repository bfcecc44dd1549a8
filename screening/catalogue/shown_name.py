"""A caseworker's name as the person sees it: who is here is told in a line that anybody may see."""

from __future__ import annotations

from collections.abc import Callable


def shown_name(name: str, is_neutral: Callable[[str], bool]) -> str:
    """The name, with an initial for a part of it that is also a sensitive word: "Kim Trygg" is "Kim T.".

    Otherwise the whole line would be held back, and the person would not learn that a human reads. Names that are words of
    some language are common: Trygg, Fara, Hederstierna.
    """
    if is_neutral(name):
        return name
    parts = name.split()
    shown = " ".join(part if is_neutral(part) else _initial(part) for part in parts)
    return shown if is_neutral(shown) else " ".join(map(_initial, parts))


def _initial(part: str) -> str:
    return f"{part[:1].upper()}."
