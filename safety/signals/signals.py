"""Signals in free text, in every language at once: what the rules say, and what known sentences are like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

from safety.folding import Word, is_visible, words
from safety.signals.finding import Finding
from safety.signals.language import Language, Reading
from safety.signals.likeness import Likeness

HEAD, TAIL = 1_000, 1_000
"""Of a longer text the first and the last thousand visible characters are considered: a message begins or ends with
what matters, and a flood in the middle costs nothing."""
LONGEST = 20_000
"""Of an even longer text only this many characters at each end are looked through for visible ones."""


class Signals:
    """Finds signals. Immutable once loaded, safe to share between threads."""

    def __init__(self, languages: Mapping[str, Language], likeness: Likeness | None = None) -> None:
        self._languages = dict(languages)
        self._likeness = likeness

    @classmethod
    def load(cls, lexicons: Mapping[str, Mapping[str, Any]], likeness: Likeness | None = None) -> Self:
        """From parsed data/safety/signals/<lang>.yml, by language code, and what training wrote; without it rules only.

        Raises ValueError on a rule that cannot work.
        """
        return cls({code: Language(lexicon) for code, lexicon in lexicons.items()}, likeness)

    @property
    def rule_ids(self) -> list[str]:
        return [rule.id for language in self._languages.values() for rule in language.rules]

    def read(self, spoken: Sequence[Word]) -> dict[str, list[Reading]]:
        """What each word may be in each language."""
        return {code: language.read(spoken) for code, language in self._languages.items()}

    def find(self, text: str, locale: str = "sv") -> list[Finding]:
        """What is noticed in `text`, in the order in which it stands there. Never raises, whatever the characters.

        Every language is looked for, since people mix them; `locale` comes first among findings at one place, and decides how much
        evidence the likeness asks for.
        """
        findings = [
            Finding(found.start + offset, found.end + offset, found.signal, found.rule, found.plain)
            for offset, part in _considered(text)
            for found in self._find_in(words(part), locale)
        ]
        own = f"{locale}."
        return sorted(findings, key=lambda found: (found.start, not found.rule.startswith(own), found))

    def _find_in(self, spoken: Sequence[Word], locale: str) -> list[Finding]:
        readings = self.read(spoken)
        by_rules = {code: list(language.find(readings[code])) for code, language in self._languages.items()}
        if self._likeness is None:
            return [found for findings in by_rules.values() for found in findings]
        learnt = self._likeness.languages
        rule_fired = any(by_rules[code] for code in learnt if code in by_rules)
        alike = self._likeness.find(spoken, readings, rule_fired, locale)
        if alike is None:
            return [found for findings in by_rules.values() for found in findings]
        # A very ordinary message overrules the rules of the languages in which ordinary messages are known.
        return alike + [
            found for code, findings in by_rules.items() if alike or code not in learnt for found in findings
        ]


def _considered(text: str) -> list[tuple[int, str]]:
    """(offset, part) of what is looked at."""
    if len(text) <= HEAD + TAIL:
        return [(0, text)]
    ends = range(min(LONGEST, len(text)))
    head = [index for index in ends if is_visible(text[index])][:HEAD]
    tail = [len(text) - 1 - index for index in ends if is_visible(text[-1 - index])][:TAIL]
    if not head or not tail:
        return []
    if head[-1] >= tail[-1]:
        return [(head[0], text[head[0] : tail[0] + 1])]
    return [(head[0], text[head[0] : head[-1] + 1]), (tail[-1], text[tail[-1] : tail[0] + 1])]
