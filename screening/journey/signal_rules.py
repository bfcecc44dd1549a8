"""What each safety signal brings, as values. The table itself is data/safety/signal_acts.yml, reviewed like code."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from safety.content import ContentClass
from safety.signals import Signal
from screening.journey.says import WORDINGS


class Then(StrEnum):
    """Where the conversation goes after a signal, the mildest first. Of several the strongest counts."""

    STAY = "stay"
    """What was asked stays asked."""
    LATER = "later"
    HUMAN = "human"
    """A human first: the ways to reach one are offered."""
    LEAVE = "leave"
    """The person asked to leave: the exit."""
    COVER = "cover"
    """The neutral cover at once."""
    END = "end"
    """A neutral line and the end of the session, with no way back."""


STRENGTH = tuple(Then)


@dataclass(frozen=True)
class SignalRule:
    """One row. `open` and `closed` name wordings: what is said while the gate is open, and while it is not."""

    signal: Signal
    then: Then
    closes_gate: bool = False
    urgent: bool = False
    with_human: bool = False
    """Heeded also when a human has the conversation or is waited for: people may write what they need to a human."""
    open: str = ""
    closed: str = ""

    def faults(self) -> list[str]:
        """What this row may not say: the promises hold whatever the table says."""
        found = [
            f"names {name}, which is no wording" for name in (self.open, self.closed) if name not in {"", *WORDINGS}
        ]
        if not found and self.closed and WORDINGS[self.closed].content_class is not ContentClass.NEUTRAL:
            found.append(f"{self.closed} is not neutral and would be said before the gate")
        if self.signal in MUST and self.then not in MUST[self.signal]:
            found.append(f"{self.signal} must lead to {' or '.join(MUST[self.signal])}")
        if self.then in (Then.COVER, Then.END) and not self.closes_gate:
            found.append("must close the gate")
        return found


MUST: dict[Signal, tuple[Then, ...]] = {
    Signal.OVERSEEN: (Then.COVER,),
    Signal.OTHER_PERSON: (Then.END,),
    Signal.SELF_HARM: (Then.HUMAN,),
    Signal.CHILD_HARM: (Then.HUMAN,),
    Signal.WANTS_HUMAN: (Then.HUMAN,),
    Signal.WANTS_EXIT: (Then.LEAVE,),
}
"""What an agency may not change."""


@dataclass(frozen=True)
class SignalRules:
    """The table, the most urgent signal first: its words are the ones that are said."""

    rows: tuple[SignalRule, ...] = ()
    commands: frozenset[str] = frozenset()
    """Whole messages, folded, that are a plain command to leave, in any language."""

    def is_command(self, text: str) -> bool:
        """Whether the whole message is a plain command to leave. A question is none."""
        return "?" not in text and folded(text) in self.commands

    def raised(self, names: Iterable[str], *, with_human: bool = False) -> tuple[SignalRule, ...]:
        """The rows of these signals, in the table's order."""
        wanted = set(names)
        return tuple(row for row in self.rows if row.signal in wanted and (row.with_human or not with_human))

    def faults(self) -> list[str]:
        """What is wrong with the table as a whole, and with its rows."""
        named = [row.signal for row in self.rows]
        missing = [f"has no row for {signal}" for signal in Signal if signal not in named]
        doubled = [f"has more than one row for {signal}" for signal in Signal if named.count(signal) > 1]
        empty = (
            ["has a command that is empty or longer than four words"] if any(map(_no_command, self.commands)) else []
        )
        return [*missing, *doubled, *empty, *(f"{row.signal}: {fault}" for row in self.rows for fault in row.faults())]


def _no_command(words: str) -> bool:
    return not 0 < len(words.split()) <= 4


TELLS_OF_HARM = frozenset({Signal.EXPOSED, Signal.DANGER_NOW, Signal.CHILD_HARM, Signal.SELF_HARM})


def may_be_own_story(names: Iterable[str]) -> bool:
    """Whether words that sound like somebody else's tell of harm: then they are the person's own, or a relative's who worries."""
    named = set(names)
    return Signal.OTHER_PERSON in named and not TELLS_OF_HARM.isdisjoint(named)


def folded(words: str) -> str:
    """How commands are compared: without case, signs and extra spaces."""
    plain = unicodedata.normalize("NFKC", words).casefold()
    return " ".join("".join(one if one.isalnum() else " " for one in plain).split())


def strongest(rows: Iterable[SignalRule]) -> Then:
    """Where several signals together lead.

    Words about dying or a child in harm are met by a human, not by a blank page, when part of them sounds like leaving
    too: "göra slut på allt". The exit is still one touch away.
    """
    rows = tuple(rows)
    if any(row.urgent and row.then is Then.HUMAN for row in rows):
        rows = tuple(row for row in rows if row.then is not Then.LEAVE)
    return max((row.then for row in rows), key=STRENGTH.index, default=Then.STAY)
