"""An instrument and one run of it (promises P3 and P4). There is no score: FOV has none."""

from __future__ import annotations

from dataclasses import dataclass, replace

from safety.gate import Block
from screening.events import Answer, RunEnded


@dataclass(frozen=True)
class Item:
    """One question, verbatim. `explanation` is ours and not part of the instrument."""

    number: int
    text: str
    explanation: str
    block: Block = Block.GENERAL
    """Its own privacy confirmation is asked before a block that is not general. Before `own_violence` the law is told."""


@dataclass(frozen=True)
class Instrument:
    """Locked wording in one language and version. `sha256` covers introduction and item texts."""

    id: str
    version: str
    language: str
    title: str
    introduction: str
    items: tuple[Item, ...]
    sha256: str

    def item(self, number: int) -> Item:
        """The item with this number, counted from 1. Raises KeyError when there is none."""
        for item in self.items:
            if item.number == number:
                return item
        raise KeyError(number)


@dataclass(frozen=True)
class Run:
    """One pass through an instrument. `number` is the item that is pending, from 1; past the last when complete."""

    instrument: str
    version: str
    number: int = 1
    answers: tuple[tuple[int, Answer], ...] = ()

    def answered(self, answer: Answer) -> Run:
        """Store the answer to the pending item, in place of an earlier one, and go to the next."""
        kept = tuple(pair for pair in self.answers if pair[0] != self.number)
        return replace(self, number=self.number + 1, answers=tuple(sorted((*kept, (self.number, answer)))))

    def back(self) -> Run:
        """Go to the item before. The earlier answer stays until it is given anew."""
        return replace(self, number=max(1, self.number - 1))

    def complete(self, instrument: Instrument) -> bool:
        return self.number > len(instrument.items)

    def ended(self, *, completed: bool) -> RunEnded:
        return RunEnded(self.instrument, self.version, self.answers, completed)
