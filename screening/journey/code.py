"""The code to come back with: a word of the person's own and four digits of ours.

The word alone takes off the cover, where it stands in a conversation that is going on. To come back after having left,
the digits are needed too: somebody who knows the person can guess a word they like, but not the digits. Nothing on the
phone tells either.
"""

from __future__ import annotations

import unicodedata
from hashlib import sha256
from hmac import compare_digest

SHORTEST, LONGEST = 4, 30
DIGITS = 4
MOST_GUESSES = 10
"""Typed words behind the cover after which the code is dead: enough to chat a little, too few to guess."""


def folded(typed: str) -> str:
    """How codes are compared: without case, spaces and signs."""
    plain = unicodedata.normalize("NFKC", typed).casefold()
    return "".join(character for character in plain if character.isalnum())


def acceptable(typed: str) -> str | None:
    """The folded word, or None when it is too short or too long to be a code."""
    word = folded(typed)
    return word if SHORTEST <= len(word) <= LONGEST else None


def fingerprint(word: str, session: str) -> str:
    """What is remembered of a folded word in the sealed state: not the word itself."""
    return sha256(f"{session}:{word}".encode()).hexdigest()


def is_code(typed: str, kept: str, session: str) -> bool:
    """Whether the words are the code. The digits may be there or not."""
    if not kept:
        return False
    word = folded(typed)
    tries = (word, word[:-DIGITS], word[DIGITS:])
    return any(compare_digest(fingerprint(one, session), kept) for one in tries if one)


def split(typed: str) -> tuple[str, str] | None:
    """(word, digits) of a whole code, the digits before or after. None when it cannot be one."""
    whole = folded(typed)
    for word, digits in ((whole[:-DIGITS], whole[-DIGITS:]), (whole[DIGITS:], whole[:DIGITS])):
        if digits.isascii() and digits.isdecimal() and len(digits) == DIGITS and acceptable(word):
            return word, digits
    return None
