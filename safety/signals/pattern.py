"""Patterns over word classes, written by people: `[other] ..2 [hit] ..1 [me]`.

    word  word*   that word, words that begin so          [class]  a word of that class
    a|[b]         either                                  a?       may be missing
    ..3           up to three words between (none otherwise)
    ^  $          the sentence begins, ends here (fillers such as "snälla" may stand outside, and so may other words if a
                  gap says how many: `^ ..2 stop`); `a|$` is the word a, or the end
    a & [b] & c   all of them near each other, in any order

Bounded: for each place where a pattern can begin, one pass over its elements with the set of places reached so far.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import permutations

from safety.folding import words
from safety.signals.vocabulary import Labels

MOST_FILLERS = 3
NEAR = 8
"""How many words may stand between two parts of an `&` pattern."""
_CLASS = re.compile(r"\[([a-z_]+)\]")


@dataclass(frozen=True, slots=True)
class Element:
    labels: frozenset[str]
    gap: int
    """How many words may stand between the element before and this one."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """`before` and `after`: how many words, besides fillers, may stand outside an anchored pattern; None = any."""

    elements: tuple[Element, ...]
    before: int | None
    after: int | None

    asked: tuple[frozenset[str], ...] = field(init=False)
    """The labels of the elements, the rarest (those with a word, not a class) first."""

    def __post_init__(self) -> None:
        asked = sorted((element.labels for element in self.elements), key=lambda labels: not _is_literal(labels))
        object.__setattr__(self, "asked", tuple(asked))

    def possible(self, present: set[str]) -> bool:
        """False when a sentence with these labels lacks something that the pattern asks for."""
        for labels in self.asked:  # noqa: SIM110 - asked more often than anything else, and a plain loop is faster
            if present.isdisjoint(labels):
                return False
        return True


@dataclass(frozen=True, slots=True)
class Match:
    """Indexes of words: from `start` up to, not with, `end`; `between` are the words in the gaps."""

    start: int
    end: int
    between: tuple[int, ...]


def parsed(text: str) -> list[Pattern]:
    """The patterns that `text` stands for: one for each way of leaving out what may be missing.

    Raises ValueError when nothing has to be there.
    """
    if "&" in text:
        parts = text.split("&")
        return [pattern for order in permutations(parts) for pattern in parsed(f" ..{NEAR} ".join(order))]
    tokens = text.split()
    before = None
    if tokens[0] == "^":
        before, tokens = 0, tokens[1:]
    ways: list[list[Element]] = [[]]
    done: list[Pattern] = []
    gap = 0
    for token in tokens:
        if token.startswith(".."):
            gap = int(token[2:])
            continue
        parts = token.removesuffix("?").split("|")
        if before is not None and ways == [[]]:
            before = gap
        if "$" in parts:
            done += [Pattern(tuple(way), before, gap if len(parts) == 1 else 0) for way in ways]
            parts.remove("$")
            if not parts:
                return _checked(done, text)
        labels = frozenset(map(_label, parts))
        longer = [[*way, Element(labels, gap if way else 0)] for way in ways]
        ways = longer + ways if token.endswith("?") else longer
        gap = 0
    return _checked(done + [Pattern(tuple(way), before, None) for way in ways], text)


def _checked(patterns: list[Pattern], text: str) -> list[Pattern]:
    if not all(pattern.elements for pattern in patterns):
        raise ValueError(f"pattern {text!r} asks for nothing")
    return patterns


def _label(part: str) -> str:
    named = _CLASS.fullmatch(part)
    if named:
        return named.group(1)
    if len(words(part.removesuffix("*"))) != 1 or "[" in part:
        raise ValueError(f"pattern element {part!r} is neither a word nor a [class]")
    return f"={part}"


def _is_literal(labels: frozenset[str]) -> bool:
    return all(label.startswith("=") for label in labels)


def _room(outside: Sequence[bool], allowed: int | None) -> bool:
    """Whether the words outside an anchored pattern are few enough. `outside`: which of them are fillers."""
    if allowed is None:
        return True
    return len(outside) <= allowed + MOST_FILLERS and len(outside) - sum(outside) <= allowed


def matches(pattern: Pattern, labels: Sequence[Labels], first: int, fillers: Sequence[bool]) -> list[Match]:
    """The ways `pattern` fits with its first element at word `first` of a sentence, one for each end."""
    if not _room(fillers[:first], pattern.before):
        return []
    reached = {first + size: Match(first, first + size, ()) for size in _sizes(labels[first], pattern.elements[0])}
    for element in pattern.elements[1:]:
        onward: dict[int, Match] = {}
        for end, match in reached.items():
            for place in range(end, min(end + element.gap + 1, len(labels))):
                for size in _sizes(labels[place], element):
                    between = (*match.between, *range(end, place))
                    known = onward.get(place + size)
                    if known is None or len(between) < len(known.between):
                        onward[place + size] = Match(first, place + size, between)
        reached = onward
    return [match for end, match in reached.items() if _room(fillers[end:], pattern.after)]


def _sizes(labels: Labels, element: Element) -> set[int]:
    return {size for label, size in labels if label in element.labels}
