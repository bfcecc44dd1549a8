"""What a message is made of, for comparing it with known sentences: words, their neighbours, their letters, their classes.

A feature is a name such as `w:slar` (a word), `b:slar mig` (two words in a row), `s:han mig` (one word between), `c:r_mi`
(letters, also across a space), `l:hit` (a word class), `m:they me` (two classes near each other, in this order), `n:hit` (a class beside a
negation), `k:3` (so many words) or `u:2` (so many of its words are in no known sentence). Nothing of a message outlives the call.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import pairwise

from safety.folding import Word
from safety.signals.language import Reading

SCALE = {"w": 1.0, "p": 0.7, "b": 1.4, "s": 1.2, "c": 0.35, "l": 0.6, "m": 0.4, "n": 0.6, "k": 1.0, "u": 1.0}
"""How much one feature of each kind counts before training. Kinds that come in crowds count less each."""

LETTERS = (3, 4, 5)
"""Lengths of the letter sequences; `_` stands for a space."""

NEAR = 4
"""How many words apart two classes may stand to make a pair."""

DENIED = 3
"""How many words from a negation a class counts as beside it."""

SIZES = (1, 2, 3, 6, 12)
"""A message has at most so many words, or more than all of these."""

UNKNOWN = ("u:1", "u:2", "u:3", "u:half")
"""At least so many words, or half of them, are unknown: of such a message less can be said."""

NEGATIONS = frozenset({"not", "nobody"})

TOO_WIDE = frozenset({"subject", "clause", "break", "filler", "watcher", "target", "grown", "known", "other"})
"""Classes that are made of other classes, or are in nearly every sentence: a pair with one of them says nothing new."""

Features = dict[str, tuple[int, int]]
"""Each name with the first and the last word that it came from."""

Classes = tuple[str, ...]
"""The names of the classes that one word may belong to."""


def classes(readings: Sequence[Sequence[Reading]]) -> list[Classes]:
    """The classes of each word of a message. `readings`: the message as read in each language that takes part."""
    flat = [[entry for reading in language for entry in reading.labels] for language in readings]
    return [
        tuple(sorted({label for entry in entries for label, _ in entry if not label.startswith("=")}))
        for entries in zip(*flat, strict=True)
    ]


def features(spoken: Sequence[Word], named: Sequence[Classes]) -> Features:
    """All features of some words and their classes."""
    found: Features = {}
    for name, first, last in _of_words(spoken):
        found.setdefault(name, (first, last))
    for name, first, last in _of_classes(named):
        found.setdefault(name, (first, last))
    if spoken:
        found[f"k:{next((size for size in SIZES if len(spoken) <= size), 'more')}"] = (0, len(spoken) - 1)
    return found


def unknown(made: Iterable[str], known: Container[str]) -> list[str]:
    """Those of `UNKNOWN` that are true of a message with these features. `known`: all features that count."""
    words = [name for name in made if name.startswith("w:")]
    count = sum(name not in known for name in words)
    told = list(UNKNOWN[: min(count, 3)])
    return [*told, "u:half"] if count and 2 * count >= len(words) else told


def _of_words(spoken: Sequence[Word]) -> Iterator[tuple[str, int, int]]:
    if not spoken:
        return
    forms = [word.bare for word in spoken]
    for index, word in enumerate(spoken):
        yield f"w:{word.bare}", index, index
        if word.plain != word.bare:
            yield f"p:{word.plain}", index, index
    yield from _of_letters(forms)
    framed = ["^", *forms, "$"]
    end = max(len(forms) - 1, 0)
    for index, (one, two) in enumerate(pairwise(framed)):
        yield f"b:{one} {two}", max(index - 1, 0), min(index, end)
    for index, (one, two) in enumerate(zip(framed, framed[2:], strict=False)):
        yield f"s:{one} {two}", max(index - 1, 0), min(index + 1, end)


def _of_letters(forms: Sequence[str]) -> Iterator[tuple[str, int, int]]:
    whole = f"_{'_'.join(forms)}_"
    belongs = [0]
    for index, form in enumerate(forms):
        belongs += [index] * (len(form) + 1)
    for length in LETTERS:
        for at in range(len(whole) - length + 1):
            yield f"c:{whole[at : at + length]}", belongs[at], belongs[at + length - 1]


def _of_classes(named: Sequence[Classes]) -> Iterator[tuple[str, int, int]]:
    telling = [[name for name in names if name not in TOO_WIDE] for names in named]
    for index, names in enumerate(named):
        for name in names:
            yield f"l:{name}", index, index
        if not NEGATIONS.isdisjoint(names):
            for other in range(max(index - DENIED, 0), min(index + DENIED + 1, len(telling))):
                for name in telling[other]:
                    yield f"n:{name}", min(index, other), max(index, other)
        for other in range(index + 1, min(index + 1 + NEAR, len(telling))):
            for one in telling[index]:
                for two in telling[other]:
                    yield f"m:{one} {two}", index, other
