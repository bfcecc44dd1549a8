"""How well the signals are noticed in sentences whose answer is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from safety.signals.finding import Signal
from safety.signals.sentences import Row
from safety.signals.signals import Signals


@dataclass(frozen=True, slots=True)
class Score:
    """For one signal. `expected` sentences should raise it, `found` of those did, `raised` did at all."""

    signal: Signal
    expected: int
    found: int
    raised: int

    @property
    def recall(self) -> float | None:
        return self.found / self.expected if self.expected else None

    @property
    def precision(self) -> float | None:
        return self.found / self.raised if self.raised else None


@dataclass(frozen=True, slots=True)
class Measurement:
    """`false_alarms` of the `neutral` sentences raised anything."""

    scores: tuple[Score, ...]
    neutral: int
    false_alarms: int

    @property
    def false_alarm_rate(self) -> float | None:
        return self.false_alarms / self.neutral if self.neutral else None

    def of(self, signal: Signal) -> Score:
        return next(score for score in self.scores if score.signal is signal)


def measure(signals: Signals, sentences: Iterable[Row], locale: str = "sv") -> Measurement:
    """Recall and precision of each signal, and how many neutral sentences raise any."""
    expected: Counter[Signal] = Counter()
    found: Counter[Signal] = Counter()
    raised: Counter[Signal] = Counter()
    neutral = alarms = 0
    for wanted, sentence in sentences:
        noticed = {finding.signal for finding in signals.find(sentence, locale)}
        expected.update(wanted)
        found.update(wanted & noticed)
        raised.update(noticed)
        if not wanted:
            neutral += 1
            alarms += bool(noticed)
    scores = tuple(Score(signal, expected[signal], found[signal], raised[signal]) for signal in Signal)
    return Measurement(scores, neutral, alarms)
