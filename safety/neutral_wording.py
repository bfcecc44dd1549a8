"""Words that must never stand in a `neutral` message (promises P1 and P2).

The outlet asks this about the final text, so that a mistake in a content file cannot leak. The lists are data
(data/safety/lexicon/<lang>.yml), one per language, and are read by people who know the language.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from safety.folding import Word, unmarked, words

_SPACED_LETTERS = re.compile(r"(?<!\w)\w(?:[ .\-_*]\w){2,}(?!\w)")
_BETWEEN_LETTERS = re.compile(r"[ .\-_*]")
_BETWEEN_DIGITS = r"[\s\-–.()/]{0,2}"

Phrases = frozenset[tuple[str, ...]]


@dataclass(frozen=True)
class Lexicon:
    """The sensitive words of one language, in compared form (no capitals, no diacritics).

    `stems` begin a word, `parts` stand anywhere in it (compounds), `exact` are whole words or phrases, `numbers` match
    telephone numbers that tell what they are for, `allow` are harmless words and phrases, exactly as they are written.
    """

    stems: tuple[str, ...]
    parts: tuple[str, ...]
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
            parts=tuple(_compared(entry) for entry in parts),
            exact=frozenset(tuple(unmarked(word.plain) for word in words(entry)) for entry in exact),
            numbers=tuple(_number_pattern(number) for number in numbers),
            allow=frozenset(tuple(_written(entry, word) for word in words(entry)) for entry in allow),
        )

    def sensitive_words(self, text: str, spoken: Sequence[Word] | None = None) -> list[str]:
        """The sensitive words and numbers of `text` as they are written there, in order; empty when it is neutral.

        `spoken` are the words of `text`, for a caller who asks several lexicons about the same text.
        """
        found = self._in_words(text, words(text) if spoken is None else spoken)
        for spaced in _SPACED_LETTERS.finditer(text):
            together = _BETWEEN_LETTERS.sub("", spaced.group())
            if self._in_words(together, words(together)):
                found.append((spaced.start(), spaced.group()))
        digits = unicodedata.normalize("NFKC", "".join(c for c in text if unicodedata.category(c) != "Cf"))
        found += [(len(text), match.group()) for number in self.numbers for match in number.finditer(digits)]
        return [written for _, written in sorted(found)]

    def _in_words(self, text: str, spoken: Sequence[Word]) -> list[tuple[int, str]]:
        compared = [unmarked(word.plain) for word in spoken]
        guilty = set(_covered(compared, self.exact))
        guilty.update(
            index
            for index, form in enumerate(compared)
            if form.startswith(self.stems) or any(part in form for part in self.parts)
        )
        if not guilty:
            return []
        harmless = set(_covered([_written(text, word) for word in spoken], self.allow))
        return [(spoken[i].start, text[spoken[i].start : spoken[i].end]) for i in sorted(guilty - harmless)]


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
