"""Which word classes each word of a message belongs to, tolerant of how people spell on a phone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from safety.folding import Word, bare, words

Labels = list[tuple[str, int]]
"""(label, how many words it takes) for what can begin at one word. A literal word's label is `=word`."""

FUZZY_LENGTH = 5
"""From this many letters on, one wrong, missing, extra or swapped letter is forgiven (never the first one)."""

_SWEDISH_MARKS = frozenset("åäöéøæ")


class Vocabulary:
    """The word classes of one language.

    An entry is a word, a phrase, `stem*` or `*end`. Diacritics and doubled letters are forgiven, except in the words
    listed as `ambiguous` ("har", "här") when the message shows that its writer uses diacritics. `spellings`: for a word
    how it is also written ("mig": "mej"), wherever it stands in an entry or in a pattern.
    """

    def __init__(
        self,
        classes: Mapping[str, Sequence[str]],
        ambiguous: Iterable[str],
        different: Iterable[str],
        literals: set[str],
        spellings: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self._exact: dict[str, list[tuple[str, str, tuple[str, ...]]]] = defaultdict(list)
        self._stems: dict[str, set[str]] = defaultdict(set)
        self._ends: dict[str, set[str]] = defaultdict(set)
        self._fuzzy: dict[str, set[str]] = defaultdict(set)
        self._shapes: set[str] = set()
        self._ambiguous = {bare(word) for word in ambiguous}
        self._different = {bare(word) for word in different}
        for name in classes:
            for entry in expanded(classes, name):
                for way in _spelt(entry, spellings or {}):
                    self._add(name, way)
        for literal in literals:
            for way in _spelt(literal, spellings or {}):
                self._add(f"={literal}", way)
        self._stem_lengths = sorted({len(part) for part in self._stems})
        self._end_lengths = sorted({len(part) for part in self._ends})
        self._initials = {part[0] for part in (*self._exact, *self._stems)}

    def _add(self, label: str, entry: str) -> None:
        if entry.endswith("*"):
            self._stems[bare(words(entry[:-1])[0].plain)].add(label)
            return
        if entry.startswith("*"):
            self._ends[bare(words(entry[1:])[0].plain)].add(label)
            return
        parts = words(entry)
        if not parts:
            raise ValueError(f"{label}: nothing to look for in an entry")
        first, rest = parts[0], tuple(part.bare for part in parts[1:])
        self._exact[first.bare].append((label, first.plain, rest))
        if not rest and len(first.bare) >= FUZZY_LENGTH and first.bare.isalpha():
            for variant in _with_one_letter_less(first.bare):
                self._fuzzy[variant].add(first.bare)
            self._shapes |= _shapes(first.bare)

    def labels(self, spoken: Sequence[Word], marked: bool) -> list[Labels]:
        """What may begin at each word of one sentence. `marked`: the message has letters like å, ä, ö."""
        return [self._labels_at(spoken, index, marked) for index in range(len(spoken))]

    def _labels_at(self, spoken: Sequence[Word], index: int, marked: bool) -> Labels:
        word = spoken[index]
        found: Labels = []
        if not self._ends and word.bare[0] not in self._initials:
            return found  # as nearly always in another script
        literal = marked and word.bare in self._ambiguous
        for label, plain, rest in self._exact.get(word.bare, ()):
            if literal and plain != word.plain:
                continue
            if not rest or tuple(other.bare for other in spoken[index + 1 : index + 1 + len(rest)]) == rest:
                found.append((label, 1 + len(rest)))
        for length in self._stem_lengths:
            if length > len(word.bare):
                break
            if (stem := word.bare[:length]) in self._stems:
                found += [(label, 1) for label in self._stems[stem]]
        for length in self._end_lengths:
            if length > len(word.bare):
                break
            if (end := word.bare[-length:]) in self._ends:
                found += [(label, 1) for label in self._ends[end]]
        if not found and len(word.bare) >= FUZZY_LENGTH and word.bare not in self._different:
            found = [(label, 1) for near in self._near(word.bare) for label, _, rest in self._exact[near] if not rest]
        return found

    def _near(self, form: str) -> set[str]:
        if self._shapes.isdisjoint(_shapes(form)):
            return set()
        candidates = set(self._fuzzy.get(form, ()))
        for variant in _with_one_letter_less(form):
            if variant in self._fuzzy:
                candidates |= self._fuzzy[variant]
            if variant in self._exact and len(variant) >= FUZZY_LENGTH:
                candidates.add(variant)
        return {near for near in candidates if near[0] == form[0] and one_slip_apart(near, form)}


def expanded(classes: Mapping[str, Sequence[str]], name: str, seen: frozenset[str] = frozenset()) -> list[str]:
    """The entries of a class with `@other` replaced by that class. Raises ValueError on a ring or an unknown name."""
    if name in seen or name not in classes:
        raise ValueError(f"class {name}: unknown, or part of itself")
    entries: list[str] = []
    for entry in classes[name]:
        entries += expanded(classes, entry[1:], seen | {name}) if entry.startswith("@") else [entry]
    return entries


def _spelt(entry: str, spellings: Mapping[str, Sequence[str]]) -> list[str]:
    """The entry, and for each of its words that has other spellings the entry with one of those."""
    ways = [entry]
    parts = entry.split()
    for index, part in enumerate(parts):
        ways += [" ".join([*parts[:index], other, *parts[index + 1 :]]) for other in spellings.get(part, ())]
    return ways


def is_marked(spoken: Iterable[Word]) -> bool:
    """Whether the writer uses letters like å, ä and ö."""
    return any(not _SWEDISH_MARKS.isdisjoint(word.plain) for word in spoken)


def _with_one_letter_less(form: str) -> set[str]:
    return {form[:index] + form[index + 1 :] for index in range(1, len(form))}


def _shapes(form: str) -> set[str]:
    """How it begins, and how it ends: one slip leaves one of the two as it was, since it leaves the first letter."""
    return {form[:2], f"{form[0]}*{form[-2:]}"}


def one_slip_apart(one: str, other: str) -> bool:
    """Whether one letter wrong, missing, extra or swapped with its neighbour is all that differs."""
    if abs(len(one) - len(other)) > 1:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    if one[start + 1 :] == other[start + 1 :] or one[start:] == other[start + 1 :] or one[start + 1 :] == other[start:]:
        return True
    return one[start : start + 2] == other[start : start + 2][::-1] and one[start + 2 :] == other[start + 2 :]
