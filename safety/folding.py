"""Words of a text, freed from the ways in which writing hides them; each remembers where it stood.

Undone: upper case, compatibility forms (NFKC), zero-width and direction characters, soft hyphens, look-alike letters
of another alphabet, digits for letters, dragged-out letters, Arabic vowel signs and letter variants, missing
diacritics. Pure and bounded: one pass over the characters, no backtracking.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

_LOOK_ALIKES = dict(
    zip(
        "аеорсухіјѕԁһӏкмтвнгпиьԛԝαοερντυικχγβηωσս",
        "aeopcyxijsdhlkmtbhrnubqwaoepvtuikxybnwou",
        strict=True,
    )
)
_LETTERS = {"ø": "o", "æ": "a", "œ": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "t", "ı": "i", "ʻ": "", "ʼ": ""}
_ARABIC = {"ك": "ک", "ي": "ی", "ى": "ی", "ة": "ه", "ە": "ه", "ھ": "ه", "ـ": "", "ٱ": "ا", "ے": "ی"}
_DIGITS = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "@": "a", "$": "s"}
_VOWELS = frozenset("aeiouyåäö")
_INSIDE = frozenset("@$'’´`*")
_BREAKS = frozenset(".!?;:…\n\r،؟؛۔。")


@dataclass(frozen=True, slots=True)
class Word:
    """A word (or one emoji). `start` and `end` are offsets in the original text."""

    plain: str
    """Case-folded, tricks undone, diacritics kept: "slår"."""
    bare: str
    """`plain` without diacritics and with each run of a letter made one: "slar"."""
    start: int
    end: int
    sentence: int
    """Which sentence it is in, from 0. Full stops, question marks and line breaks begin a new one."""


@lru_cache(maxsize=4096)
def _character(char: str) -> tuple[str, str]:
    """(kind, plain form). Kinds: letter, digit, mark, inside, emoji, break, gap, nothing."""
    category = unicodedata.category(char)
    if category in {"Cf", "Cc", "Sk", "Cn", "Co", "Cs"} and char not in "\n\r\t":
        return "nothing", ""
    if char in _BREAKS:
        return "break", ""
    form = unicodedata.normalize("NFKC", char).casefold()
    if category == "Mn" or category == "Me":
        return "mark", char
    if char in _INSIDE:
        return "inside", "'" if char in "’´`" else char
    if category in {"So", "Sm"} and ord(char) > 0x2190 and not form.isalpha():
        return "emoji", char
    if form and all(unicodedata.category(c)[0] in "LM" for c in form):
        return "letter", form
    if form.isdecimal():
        return "digit", form
    return "gap", ""


@lru_cache(maxsize=4096)
def _bare_letter(char: str) -> str:
    """One character without diacritics, in its commonest variant."""
    stripped = "".join(c for c in unicodedata.normalize("NFD", char) if unicodedata.category(c) not in {"Mn", "Me"})
    return "".join(_ARABIC.get(c, _LETTERS.get(c, c)) for c in stripped)


def _squeezed(text: str, longest: int) -> str:
    """`text` with every run of a letter longer than `longest` made one. Digits stay: 112 is not 12."""
    if len(set(text)) == len(text):
        return text
    runs = ((char, sum(1 for _ in run)) for char, run in groupby(text))
    return "".join(char if count > longest and not char.isdigit() else char * count for char, count in runs)


def is_visible(char: str) -> bool:
    """False for zero-width, direction and control characters."""
    return _character(char)[0] != "nothing"


def unmarked(plain: str) -> str:
    """A word without diacritics: "rädd" is "radd"."""
    if plain.isascii():
        return plain
    return "".join(map(_bare_letter, plain))


def bare(plain: str) -> str:
    """The form of a word that is compared when diacritics and doubled letters may be missing: "rädd" is "rad"."""
    return _squeezed(unmarked(plain), 1)


def _letters_for_digits(plain: str) -> str:
    """ "sl4r" is "slar", "s1og" is "slog", "12" stays. `plain` has at least one letter."""
    out = []
    for index, char in enumerate(plain):
        if char == "1" and 0 < index < len(plain) - 1:
            before, after = plain[index - 1], plain[index + 1]
            out.append("l" if before not in _VOWELS and after in _VOWELS | {"0", "3", "4"} else "i")
        else:
            out.append(_DIGITS.get(char, char))
    return "".join(out)


def _finished(plain: str, latin_text: bool) -> str:
    """A word's plain form once the whole word and its surroundings are known."""
    plain = unicodedata.normalize("NFC", plain).strip("'’´`*")
    if any(char in _LOOK_ALIKES for char in plain):
        rest = [char for char in plain if char not in _LOOK_ALIKES]
        if any("a" <= char <= "z" or char in "åäöø" for char in rest) or (latin_text and not rest):
            plain = "".join(_LOOK_ALIKES.get(char, char) for char in plain)
    has_letter = any(char.isalpha() for char in plain)
    if has_letter and any(char in _DIGITS for char in plain):
        plain = _letters_for_digits(plain)
    return _squeezed(plain, 2)


def words(text: str) -> list[Word]:
    """The words of `text` in order. Never raises, whatever the characters."""
    found: list[tuple[str, int, int, int]] = []
    sentence, start, end = 0, -1, 0
    piece: list[str] = []
    spoken = False
    latin = False

    def close() -> None:
        nonlocal start, spoken
        if start >= 0:
            found.append(("".join(piece), start, end, sentence))
            piece.clear()
            start = -1
            spoken = True

    for index, char in enumerate(text):
        kind, form = _character(char)
        if kind == "nothing":
            continue
        if kind in {"letter", "digit"} or (kind == "mark" and start >= 0) or (kind == "inside" and start >= 0):
            if start < 0:
                start = index
            piece.append(form)
            end = index + 1
            latin = latin or "a" <= char <= "z" or "A" <= char <= "Z"
            continue
        if kind == "inside" and char in "@$":
            start, end = index, index + 1
            piece.append(form)
            continue
        close()
        if kind == "emoji":
            found.append((form, index, index + 1, sentence))
        elif kind == "break" and spoken:
            sentence += 1
            spoken = False
    close()
    result = []
    for raw, first, last, number in found:
        plain = _finished(raw, latin)
        if plain:
            result.append(Word(plain, bare(plain), first, last, number))
    return result
