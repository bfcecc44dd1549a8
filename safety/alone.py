"""When typed words may open the gate: only when every one of them is a known part of "yes, I am alone" (promise P1).

A classifier is not enough here: it reads "ja men min sambo kan höra" as a yes. Whatever holds a word that is not in the
list is asked again with buttons. Languages without a list have buttons only.
"""

from __future__ import annotations

import re
from itertools import pairwise

SAYS_SO: dict[str, str] = {
    "sv": "ja jaa japp jajamen jo jodå yes yep absolut visst javisst precis ensam själv ingen ostörd",
}
"""Words of which there must be one, by language."""

BESIDE: dict[str, str] = {
    "sv": "ok okej jag är e ensamt för mig helt hemma här nu just fortfarande bara annan kan se höra skärmen tack det går "
    "bra stämmer i fred o och",
}
"""Words that may stand beside it and change nothing."""


ONLY_AFTER: dict[str, dict[str, str]] = {
    "sv": {"annan": "ingen", "kan": "ingen annan", "se": "kan och", "höra": "kan och"},
}
"""Words that say the opposite unless one of these stands right before them: "annan kan se" is not "ingen annan kan se"."""


def clearly_alone(text: str, locale: str) -> bool:
    """Whether the words say nothing but that the person is alone. A question says nothing."""
    words = re.findall(r"\w+", text.casefold())
    needed = SAYS_SO.get(locale, "").split()
    known = {*needed, *BESIDE.get(locale, "").split()}
    if "?" in text or not 0 < len(words) <= 12 or not all(word in known for word in words):
        return False
    after = ONLY_AFTER.get(locale, {})
    if any(word in after and before not in after[word].split() for before, word in pairwise(["", *words])):
        return False
    return any(word in needed for word in words)
