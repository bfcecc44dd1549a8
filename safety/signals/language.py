"""One language's lexicon: its word classes, its themes, its harmless phrases and its rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from safety.folding import Word
from safety.signals.finding import Finding, Signal
from safety.signals.pattern import Match, Pattern, matches, parsed
from safety.signals.vocabulary import Labels, Vocabulary, is_marked

THEME = "about_"
"""The label of a word of a theme is `about_<theme>`. No rule can ask for it; likeness does."""

BEFORE, AFTER = 2, 2
"""How many words before and after a match a negation is looked for."""


@dataclass(frozen=True)
class Rule:
    """`negatable`: "han slår mig inte" says the opposite; "jag vill inte leva" does not.
    `straight`: nobody else may come between: in "jag vet att han slog henne" it was not "jag" who did it.
    `plain`: it reads only words that say it outright, so that something may be done that cannot be undone."""

    id: str
    signal: Signal
    patterns: tuple[Pattern, ...]
    unless: tuple[Pattern, ...]
    negatable: bool
    straight: bool
    plain: bool = False


class Reading(NamedTuple):
    """One sentence: its words, and for each of them the labels that may begin there."""

    words: Sequence[Word]
    labels: list[Labels]


class Language:
    """Reads one sentence at a time. Built once from a parsed data/safety/signals/<lang>.yml, and the `themes` of that language
    if there are any."""

    def __init__(self, lexicon: Mapping[str, Any]) -> None:
        self.locale: str = lexicon["locale"]
        self.rules = [_rule(entry, self.locale) for entry in lexicon["rules"]]
        self._harmless = [pattern for text in lexicon.get("harmless", ()) for pattern in parsed(text)]
        asked_for = {
            label
            for pattern in (*self._harmless, *(p for rule in self.rules for p in (*rule.patterns, *rule.unless)))
            for element in pattern.elements
            for label in element.labels
        }
        classes: Mapping[str, Sequence[str]] = lexicon.get("classes", {})
        unknown = {label for label in asked_for if not label.startswith("=")} - set(classes)
        if unknown:
            raise ValueError(f"{self.locale}: patterns name classes that do not exist: {sorted(unknown)}")
        literals = {label[1:] for label in asked_for if label.startswith("=")}
        themes = {f"{THEME}{name}": entries for name, entries in lexicon.get("themes", {}).items()}
        self._vocabulary = Vocabulary(
            {**classes, **themes},
            lexicon.get("ambiguous", ()),
            lexicon.get("different", ()),
            literals,
            lexicon.get("spellings", {}),
        )
        self._first: dict[str, list[tuple[Rule, Pattern]]] = defaultdict(list)
        for rule in self.rules:
            for pattern in rule.patterns:
                for label in pattern.elements[0].labels:
                    self._first[label].append((rule, pattern))

    def read(self, spoken: Sequence[Word]) -> list[Reading]:
        """The sentences of a message, with what each of their words may be in this language."""
        marked = is_marked(spoken)
        return [Reading(sentence, self._vocabulary.labels(sentence, marked)) for sentence in _sentences(spoken)]

    def find(self, readings: Sequence[Reading]) -> Iterator[Finding]:
        """The findings in what was read; each rule fires at most once a sentence."""
        for sentence, labels in readings:
            if any(labels):
                yield from self._find_in(sentence, self._without_harmless(labels))

    def _find_in(self, sentence: Sequence[Word], labels: list[Labels]) -> Iterator[Finding]:
        fillers = [_has(entry, "filler") for entry in labels]
        present = {label for entry in labels for label, _ in entry}
        possible = {
            label: [(rule, pattern) for rule, pattern in self._first.get(label, ()) if pattern.possible(present)]
            for label in present
        }
        fired: set[str] = set()
        for index, entry in enumerate(labels):
            for label, _ in entry:
                for rule, pattern in possible[label]:
                    if rule.id in fired:
                        continue
                    for match in matches(pattern, labels, index, fillers):
                        if _refused(rule, labels, match) or _met(rule.unless, labels, fillers, present):
                            continue
                        fired.add(rule.id)
                        yield Finding(
                            sentence[match.start].start, sentence[match.end - 1].end, rule.signal, rule.id, rule.plain
                        )
                        break

    def _without_harmless(self, labels: list[Labels]) -> list[Labels]:
        """The words of phrases like "slog rekord" mean nothing here, except as a negation."""
        covered: set[int] = set()
        nobody = [False] * len(labels)
        present = {label for entry in labels for label, _ in entry}
        possible = [pattern for pattern in self._harmless if pattern.possible(present)]
        for index in range(len(labels)):
            for pattern in possible:
                if _begins(pattern, labels[index]):
                    for match in matches(pattern, labels, index, nobody):
                        covered.update(set(range(match.start, match.end)) - set(match.between))
        return [
            [(label, size) for label, size in entry if label in {"not", "nobody"}] if index in covered else entry
            for index, entry in enumerate(labels)
        ]


def _rule(entry: Mapping[str, Any], locale: str) -> Rule:
    return Rule(
        id=f"{locale}.{entry['id']}",
        signal=Signal(entry["signal"]),
        patterns=tuple(pattern for text in entry["patterns"] for pattern in parsed(text)),
        unless=tuple(pattern for text in entry.get("unless", ()) for pattern in parsed(text)),
        negatable=entry.get("negatable", True),
        straight=entry.get("straight", False),
        plain=entry.get("plain", False),
    )


def _sentences(spoken: Sequence[Word]) -> Iterator[Sequence[Word]]:
    start = 0
    for index in range(1, len(spoken) + 1):
        if index == len(spoken) or spoken[index].sentence != spoken[start].sentence:
            yield spoken[start:index]
            start = index


def _has(entry: Labels, label: str) -> bool:
    return any(name == label for name, _ in entry)


def _begins(pattern: Pattern, entry: Labels) -> bool:
    return any(label in pattern.elements[0].labels for label, _ in entry)


def _met(patterns: Sequence[Pattern], labels: Sequence[Labels], fillers: Sequence[bool], present: set[str]) -> bool:
    """Whether any of the patterns fits somewhere in the sentence."""
    return any(
        _begins(pattern, labels[index]) and matches(pattern, labels, index, fillers)
        for pattern in patterns
        if pattern.possible(present)
        for index in range(len(labels))
    )


def _refused(rule: Rule, labels: Sequence[Labels], match: Match) -> bool:
    if rule.straight and any(_has(labels[index], "subject") for index in match.between):
        return True
    return rule.negatable and _denied(labels, match)


def _is_negation(entry: Labels) -> bool:
    return _has(entry, "not") or _has(entry, "nobody")


def _denied(labels: Sequence[Labels], match: Match) -> bool:
    """Whether a negation stands in the gaps, just before or just after the match.

    "inte längre" and "inte bara" after a match deny nothing; a subject or a "men" before it ends the search.
    """
    if any(_is_negation(labels[index]) for index in match.between):
        return True
    for index in range(match.start - 1, max(match.start - 1 - BEFORE, -1), -1):
        if _is_negation(labels[index]):
            return True
        if _has(labels[index], "subject") or _has(labels[index], "break"):
            break
    for index in range(match.end, min(match.end + AFTER, len(labels))):
        if _has(labels[index], "clause"):
            break
        if _has(labels[index], "not"):
            return not (index + 1 < len(labels) and _has(labels[index + 1], "still_true"))
    return False
