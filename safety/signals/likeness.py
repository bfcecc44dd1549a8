"""Notices messages that are like known sentences, where no rule was written for them.

A linear model, trained elsewhere on data/safety/sentences. It has one column of weights for each signal and a last one for
"raises some signal at all". The weights of a message's features are summed up, each column to its log-odds. First it is
decided whether the message is an ordinary one; only for one that is not, which signals it raises. A rule that fired is
evidence, too: it takes a very ordinary message to overrule it. Each weight belongs to something one can read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from typing import Any, Self

from safety.folding import Word
from safety.signals.features import SCALE, Classes, Features, classes, features
from safety.signals.finding import Finding, Signal
from safety.signals.language import Reading

UNIT = 1000
"""Weights are kept as whole thousandths."""

RULE = "likeness"
"""The rule of a finding is `likeness.<signal>`."""

RULE_WORTH = 5.0
"""By so much a rule that fired raises the log-odds that a message is no ordinary one."""

LEAST = -0.5
"""In a message that is no ordinary one, a signal with at least these log-odds is raised, and always the likeliest."""

LONG = 24
"""A message of more words is also looked at sentence by sentence: one grave sentence must not drown in ordinary ones."""


@dataclass(frozen=True)
class Likeness:
    """`weights`: for each feature one whole number a signal, in the order of `signals`, and one for any; `bias` likewise.

    `alarm`: a message whose evidence is above it is no ordinary one. `languages`: whose word classes are features.
    """

    languages: tuple[str, ...]
    signals: tuple[Signal, ...]
    bias: tuple[float, ...]
    alarm: float
    weights: Mapping[str, Sequence[int]]

    @classmethod
    def load(cls, model: Mapping[str, Any]) -> Self:
        """From what training wrote. Raises ValueError, KeyError, TypeError or AttributeError for anything else."""
        signals, bias = tuple(Signal(name) for name in model["signals"]), tuple(map(float, model["bias"]))
        weights = {str(name): tuple(map(int, row)) for name, row in model["weights"].items()}
        if any(len(row) != len(signals) + 1 for row in (bias, *weights.values())):
            raise ValueError("a model must have one number a signal and one for any, everywhere")
        return cls(tuple(model["languages"]), signals, bias, float(model["alarm"]), weights)

    def find(
        self, spoken: Sequence[Word], readings: Mapping[str, Sequence[Reading]], rule_fired: bool
    ) -> list[Finding]:
        """At most one finding a signal, where the message is most like it; none at all for an ordinary message.

        `readings`: by language code. `rule_fired`: whether a rule of one of `languages` did.
        """
        best: dict[Signal, tuple[float, Finding]] = {}
        for part, named in _parts(spoken, self.classes(readings)):
            made = features(part, named)
            scores = self.scores(made)
            if evidence(scores, rule_fired) <= self.alarm:
                continue
            likeliest = max(scores[:-1])
            for place, signal in enumerate(self.signals):
                score = scores[place]
                if score >= min(LEAST, likeliest) and (signal not in best or score > best[signal][0]):
                    first, last = self._heaviest(made, place, len(part))
                    best[signal] = score, Finding(part[first].start, part[last].end, signal, f"{RULE}.{signal}")
        return [finding for _, finding in best.values()]

    def classes(self, readings: Mapping[str, Sequence[Reading]]) -> list[Classes]:
        """The word classes of a message, of the languages that the model knows."""
        return classes([readings[code] for code in self.languages if code in readings])

    def scores(self, made: Features) -> list[float]:
        """The log-odds of each signal, and of any."""
        rows = [row for name in made if (row := self.weights.get(name)) is not None]
        if not rows:
            return list(self.bias)
        size = UNIT * length(made)
        return [bias + sum(column) / size for bias, column in zip(self.bias, zip(*rows, strict=True), strict=True)]

    def _heaviest(self, made: Features, place: int, count: int) -> tuple[int, int]:
        """The first and the last word of the run of words that weighs most for one signal."""
        weighs = [0.0] * count
        for name, (first, last) in made.items():
            row = self.weights.get(name)
            if row is not None:
                for index in range(first, last + 1):
                    weighs[index] += row[place] / (last + 1 - first)
        best, start, total = (0, count - 1, 0.0), 0, 0.0
        for index, weight in enumerate(weighs):
            if total <= 0:
                start, total = index, 0.0
            total += weight
            if total > best[2]:
                best = (start, index, total)
        return best[0], best[1]


def evidence(scores: Sequence[float], rule_fired: bool) -> float:
    """That a message is no ordinary one: that it raises some signal, that it raises its likeliest, that a rule says so."""
    return scores[-1] + max(scores[:-1]) + RULE_WORTH * rule_fired


def length(made: Features) -> float:
    """By which the sum is divided, so that a long message weighs no more than a short one."""
    return sqrt(sum(SCALE[name[0]] ** 2 for name in made))


def _parts(spoken: Sequence[Word], named: Sequence[Classes]) -> Iterator[tuple[Sequence[Word], Sequence[Classes]]]:
    """The message, and if it is long each of its sentences, too."""
    if spoken:
        yield spoken, named
    if len(spoken) > LONG:
        starts = [0, *(index for index, (one, two) in enumerate(pairwise(spoken), 1) if one.sentence != two.sentence)]
        for start, end in pairwise([*starts, len(spoken)]):
            yield spoken[start:end], named[start:end]
