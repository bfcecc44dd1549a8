"""When typed words may open the gate: only when every one of them is a known part of "yes, I am alone" (promise P1).

A classifier is not enough here: it reads "ja men min sambo kan höra" as a yes. Whatever holds a word that is not in the
list is asked again with buttons. Languages without a list have buttons only.
"""

from __future__ import annotations

import re

WORDS: dict[str, frozenset[str]] = {
    "sv": frozenset(
        [
            "ja",
            "jaa",
            "japp",
            "jajamen",
            "jo",
            "jodå",
            "yes",
            "yep",
            "ok",
            "okej",
            "absolut",
            "visst",
            "javisst",
            "precis",
            "jag",
            "är",
            "e",
            "är",
            "ensam",
            "ensamt",
            "själv",
            "för",
            "mig",
            "helt",
            "hemma",
            "här",
            "nu",
            "just",
            "fortfarande",
            "bara",
            "ingen",
            "annan",
            "kan",
            "se",
            "höra",
            "skärmen",
            "tack",
            "det",
            "går",
            "bra",
            "stämmer",
            "i",
            "fred",
            "ostörd",
            "o",
            "och",
        ]
    )
}
_NEEDED: dict[str, frozenset[str]] = {
    "sv": frozenset(
        [
            "ja",
            "jaa",
            "japp",
            "jajamen",
            "jo",
            "jodå",
            "yes",
            "yep",
            "absolut",
            "visst",
            "javisst",
            "precis",
            "ensam",
            "själv",
            "ingen",
            "ostörd",
        ]
    )
}


def clearly_alone(text: str, locale: str) -> bool:
    """Whether the words say nothing but that the person is alone."""
    words = re.findall(r"\w+", text.casefold())
    known, needed = WORDS.get(locale, frozenset()), _NEEDED.get(locale, frozenset())
    return 0 < len(words) <= 12 and all(word in known for word in words) and any(word in needed for word in words)
