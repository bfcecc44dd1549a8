"""Words that must never stand in a `neutral` message (promises P1 and P2).

The outlet asks this about the final text, so that a mistake in a content file cannot leak. The lists are data
(data/safety/lexicon/<lang>.yml), one per language, and are read by people who know the language.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from safety.folding import Word, unmarked, words

_SPACED_LETTERS = re.compile(r"(?<!\w)\w(?:[ .\-_*]\w){2,}(?!\w)")
_BETWEEN_LETTERS = re.compile(r"[ .\-_*]")
SHORTEST_NUMBER = 5
"""Digits of the shortest telephone number in any lexicon."""
_BETWEEN_DIGITS = r"[\s\-–.()/]{0,2}"

Phrases = frozenset[tuple[str, ...]]


@dataclass(frozen=True)
class Lexicon:
    """The sensitive words of one language, in compared form (no capitals, no diacritics).

    `stems` begin a word, `parts` stand anywhere in it (compounds), `exact` are whole words or phrases, `numbers` match
    telephone numbers that tell what they are for, `allow` are harmless words and phrases, exactly as they are written.
    """

    stems: tuple[str, ...]
    parts: re.Pattern[str]
    exact: Phrases
    numbers: tuple[re.Pattern[str], ...]
    allow: Phrases

    @classmethod
    def load(cls, mapping: Mapping[str, Any]) -> Self:
        """From a parsed lexicon file. Raises ValueError when the file names no sensitive word at all."""
        stems, parts, exact, numbers, allow = (
            [str(entry) for entry in mapping.get(field) or ()]
            for field in ("stems", "parts", "words", "numbers", "allow")
        )
        if not (stems or parts or exact):
            raise ValueError("a lexicon without sensitive words")
        return cls(
            stems=tuple(_compared(entry) for entry in stems),
            parts=re.compile("|".join(re.escape(_compared(entry)) for entry in parts) or r"(?!)"),
            exact=frozenset(tuple(unmarked(word.plain) for word in words(entry)) for entry in exact),
            numbers=tuple(_number_pattern(number) for number in numbers),
            allow=frozenset(tuple(_written(entry, word) for word in words(entry)) for entry in allow),
        )

    def sensitive_words(self, text: str) -> list[str]:
        """The sensitive words and numbers of `text` as they are written there, in order; empty when it is neutral."""
        return self.in_reading(Reading.of(text))

    def in_reading(self, reading: Reading) -> list[str]:
        """The same, for a text that has been read."""
        found = self._in_words(reading.text, reading.spoken, reading.compared)
        for at, written, joined in reading.spaced:
            if self._in_words(joined, *_forms(joined)):
                found.append((at, written))
        numbers = self.numbers if reading.digits else ()
        found += [(len(reading.text), m.group()) for number in numbers for m in number.finditer(reading.digits)]
        return [written for _, written in sorted(found)]

    def _in_words(self, text: str, spoken: Sequence[Word], compared: Sequence[str]) -> list[tuple[int, str]]:
        guilty = set(_covered(compared, self.exact))
        guilty.update(
            index for index, form in enumerate(compared) if form.startswith(self.stems) or self.parts.search(form)
        )
        if not guilty:
            return []
        harmless = set(_covered([_written(text, word) for word in spoken], self.allow))
        return [(spoken[i].start, text[spoken[i].start : spoken[i].end]) for i in sorted(guilty - harmless)]


@dataclass(frozen=True)
class Reading:
    """A text taken apart once, for any number of lexicons."""

    text: str
    spoken: Sequence[Word]
    compared: Sequence[str]
    digits: str
    """The text with its digits as plain ones, for telephone numbers. Empty where there are too few to be one."""
    spaced: Sequence[tuple[int, str, str]]
    """Letters written apart ("v å l d"): where, as written, joined."""

    @classmethod
    def of(cls, text: str) -> Reading:
        digits = unicodedata.normalize("NFKC", "".join(c for c in text if unicodedata.category(c) != "Cf"))
        if sum(map(str.isdigit, digits)) < SHORTEST_NUMBER:
            digits = ""
        spaced = [(m.start(), m.group(), _BETWEEN_LETTERS.sub("", m.group())) for m in _SPACED_LETTERS.finditer(text)]
        return cls(text, *_forms(text), digits, spaced)


class Lexicons:
    """The lexicons of all languages: somebody who reads over a shoulder may know more than one."""

    def __init__(self, lexicons: Iterable[Lexicon]) -> None:
        self._each = tuple(lexicons)

    def sensitive_words(self, text: str) -> list[str]:
        """The words of `text` that any language's lexicon finds, language by language."""
        reading = Reading.of(text)
        return [word for one in self._each for word in one.in_reading(reading)]


def _forms(text: str) -> tuple[list[Word], list[str]]:
    spoken = words(text)
    return spoken, [unmarked(word.plain) for word in spoken]


def _compared(entry: str) -> str:
    return unmarked(unicodedata.normalize("NFC", entry).casefold())


def _written(text: str, word: Word) -> str:
    """The word as it stands, so that a harmless word in disguise ("v4ld") is not taken for harmless ("vald")."""
    return unicodedata.normalize("NFC", text[word.start : word.end]).casefold()


def _number_pattern(number: str) -> re.Pattern[str]:
    digits = [char for char in number if char.isdigit()]
    trunk = "(?:0|(?:00)?46)" if digits[0] == "0" else digits[0]
    return re.compile(r"(?<!\d)" + _BETWEEN_DIGITS.join([trunk, *digits[1:]]) + r"(?!\d)")


def _covered(forms: Sequence[str], phrases: Phrases) -> Iterator[int]:
    """Indexes of the words that are part of a phrase."""
    longest = max(map(len, phrases), default=0)
    for index in range(len(forms)):
        for length in range(1, min(longest, len(forms) - index) + 1):
            if tuple(forms[index : index + length]) in phrases:
                yield from range(index, index + length)
