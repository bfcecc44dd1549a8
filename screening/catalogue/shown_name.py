"""A caseworker's name as the person sees it: who is here is told in a line that anybody may see."""

from __future__ import annotations

from collections.abc import Callable, Sequence


def shown_name(name: str, sensitive_words: Callable[[str], Sequence[str]]) -> str:
    """The name, with an initial for a part of it that is also a sensitive word: "Kim Trygg" is "Kim T.".

    Otherwise the whole line would be held back, and the person would not learn that a human reads. Names that are words of
    some language are common: Trygg, Fara, Hederstierna.
    """
    if not sensitive_words(name):
        return name
    parts = name.split()
    shown = " ".join(_initial(part) if sensitive_words(part) else part for part in parts)
    return " ".join(map(_initial, parts)) if sensitive_words(shown) else shown


def _initial(part: str) -> str:
    return f"{part[:1].upper()}."
