"""Notices messages that are like known sentences, where no rule was written for them.

A small network, trained elsewhere on data/safety/sentences. The weights of a message's features are summed up in a few dozen
units; each unit is squeezed to between -1 and 1; of these the log-odds are made, one for each signal and a last one for "raises
some signal at all". First it is decided whether the message is an ordinary one; only for one that is not, which signals it
raises. A rule that fired is evidence, too: it takes a very ordinary message to overrule it. Each weight belongs to something
one can read.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt, tanh
from operator import mul
from typing import Any, Self

from safety.folding import Word
from safety.signals.features import SCALE, Classes, Features, classes, features, unknown
from safety.signals.finding import LIKENESS, Finding, Signal
from safety.signals.language import Reading

UNIT = 100
"""Weights are kept as whole hundredths."""

RULE_WORTH = 2.0
"""By so much a rule that fired raises the evidence that a message is no ordinary one."""

LIKELIEST_WORTH = 0.5
"""How much the log-odds of the likeliest signal count beside those of any."""

LEAST = {
    Signal.DANGER_NOW: -2.5,
    Signal.OVERSEEN: -2.0,
    Signal.OTHER_PERSON: -2.0,
    Signal.SELF_HARM: -2.5,
    Signal.CHILD_HARM: -2.5,
    Signal.EXPOSED: -3.0,
    Signal.USES_VIOLENCE: -2.5,
    Signal.WANTS_HUMAN: -1.5,
    Signal.WANTS_EXIT: -1.5,
    Signal.NOT_NOW: -1.5,
}
"""In a message that is no ordinary one, a signal with at least these log-odds is raised, and always the likeliest. Less is enough
for what is worse to miss than to raise beside another one, and least for `exposed`, which changes little beside a graver one."""

LONG = 24
"""A message of more words is also looked at sentence by sentence: one grave sentence must not drown in ordinary ones."""


@dataclass(frozen=True)
class Likeness:
    """`weights`: for each feature one whole number a unit; `unit_bias`: one a unit. `out`: for each unit one number a signal,
    in the order of `signals`, and one for any; `bias` likewise.

    `alarms`: by language code; a message of that language whose evidence is above it is no ordinary one. `ease`: so much more
    evidence is it where this signal is the likeliest, one number a signal. `languages`: whose word classes are features.
    """

    languages: tuple[str, ...]
    signals: tuple[Signal, ...]
    unit_bias: tuple[float, ...]
    out: tuple[tuple[float, ...], ...]
    bias: tuple[float, ...]
    alarms: Mapping[str, float]
    ease: tuple[float, ...]
    weights: Mapping[str, Sequence[int]]

    @classmethod
    def load(cls, model: Mapping[str, Any]) -> Self:
        """From what training wrote. Raises ValueError, KeyError, TypeError, AttributeError or OverflowError for anything else."""
        signals = tuple(Signal(name) for name in model["signals"])
        unit_bias, bias = tuple(map(float, model["unit_bias"])), tuple(map(float, model["bias"]))
        out = tuple(tuple(map(float, row)) for row in model["out"])
        # An array takes a tenth of the room that a tuple of numbers does.
        weights = {str(name): array("h", row) for name, row in model["weights"].items()}
        if any(len(row) != len(signals) + 1 for row in (bias, *out)):
            raise ValueError("a model must have one number a signal and one for any, everywhere")
        if any(len(row) != len(unit_bias) for row in (out, *weights.values())):
            raise ValueError("a model must have one number a unit, everywhere")
        alarms = {str(code): float(alarm) for code, alarm in model["alarms"].items()}
        ease = tuple(float(model["ease"].get(signal, 0)) for signal in signals)
        if not alarms:
            raise ValueError("a model must have an alarm")
        return cls(tuple(model["languages"]), signals, unit_bias, out, bias, alarms, ease, weights)

    def find(
        self, spoken: Sequence[Word], readings: Mapping[str, Sequence[Reading]], rule_fired: bool, locale: str
    ) -> list[Finding] | None:
        """At most one finding a signal, where the message is most like it; none at all for an ordinary message.

        None: it is like nothing that is known, so nothing can be said of it, not that it is ordinary either.

        `readings`: by language code. `rule_fired`: whether a rule of one of `languages` did. `locale`: of the conversation; one
        without an alarm of its own has the lowest, so that less is missed.
        """
        alarm = self.alarms.get(locale, min(self.alarms.values()))
        best: dict[Signal, tuple[float, Finding]] = {}
        says = False
        for part, named in _parts(spoken, self.classes(readings)):
            made = features(part, named)
            if _is_number(part) or self._is_strange(made):
                continue
            says = True
            units = self._units(made)
            scores = self._scores(units)
            if evidence(scores, self.ease, rule_fired) <= alarm:
                continue
            likeliest = max(scores[:-1])
            for place, signal in enumerate(self.signals):
                score = scores[place]
                if score >= min(LEAST[signal], likeliest) and (signal not in best or score > best[signal][0]):
                    first, last = self._heaviest(made, self._slopes(units, place), len(part))
                    best[signal] = score, Finding(part[first].start, part[last].end, signal, f"{LIKENESS}.{signal}")
        return [finding for _, finding in best.values()] if says else None

    def classes(self, readings: Mapping[str, Sequence[Reading]]) -> list[Classes]:
        """The word classes of a message, of the languages that the model knows."""
        return classes([readings[code] for code in self.languages if code in readings])

    def _is_strange(self, made: Features) -> bool:
        """Whether nothing of it is known: a row of emoji, another script."""
        return not any(name in self.weights for name in made if name[0] != "k")

    def _units(self, made: Features) -> list[float]:
        """How far each unit is stirred, from -1 to 1."""
        names = [*made, *unknown(made, self.weights)]
        rows = [row for name in names if (row := self.weights.get(name)) is not None]
        if not rows:
            return [tanh(bias) for bias in self.unit_bias]
        size = UNIT * length(made)
        return [
            tanh(bias + sum(column) / size)
            for bias, column in zip(self.unit_bias, zip(*rows, strict=True), strict=True)
        ]

    def _scores(self, units: Sequence[float]) -> list[float]:
        """The log-odds of each signal, and of any."""
        return [
            bias + sum(unit * weight for unit, weight in zip(units, column, strict=True))
            for bias, column in zip(self.bias, zip(*self.out, strict=True), strict=True)
        ]

    def _slopes(self, units: Sequence[float], place: int) -> list[float]:
        """How much one more in each unit's sum would add to the log-odds of one signal."""
        return [(1 - unit * unit) * row[place] for unit, row in zip(units, self.out, strict=True)]

    def _heaviest(self, made: Features, slopes: Sequence[float], count: int) -> tuple[int, int]:
        """The first and the last word of the run of words that weighs most for one signal."""
        weighs = [0.0] * count
        for name, (first, last) in made.items():
            row = self.weights.get(name)
            if row is not None:
                weight = sum(map(mul, row, slopes)) / (last + 1 - first)
                for index in range(first, last + 1):
                    weighs[index] += weight
        best, start, total = (0, count - 1, 0.0), 0, 0.0
        for index, weight in enumerate(weighs):
            if total <= 0:
                start, total = index, 0.0
            total += weight
            if total > best[2]:
                best = (start, index, total)
        return best[0], best[1]


def _is_number(part: Sequence[Word]) -> bool:
    """Digits alone are a key, a code, a date. What they have in common with a sentence that has them in it says nothing."""
    return all(word.bare.isdigit() for word in part)


def evidence(scores: Sequence[float], ease: Sequence[float], rule_fired: bool) -> float:
    """That a message is no ordinary one: that it raises some signal, that it raises its likeliest, that a rule says so.

    `scores`: of each signal, and of any. `ease`: of each signal.
    """
    likeliest = max(scores[:-1])
    return scores[-1] + LIKELIEST_WORTH * likeliest + ease[scores.index(likeliest)] + RULE_WORTH * rule_fired


def length(made: Features) -> float:
    """By which the sum is divided, so that a long message weighs no more than a short one."""
    return sqrt(sum(SCALE[name[0]] ** 2 for name in made))


def _parts(spoken: Sequence[Word], named: Sequence[Classes]) -> Iterator[tuple[Sequence[Word], Sequence[Classes]]]:
    """The message, and if it is long each of its sentences, too. A word that is said on and on counts twice."""
    long = len(spoken) > LONG
    kept = [n for n in range(len(spoken)) if n < 2 or not spoken[n].bare == spoken[n - 1].bare == spoken[n - 2].bare]
    spoken, named = [spoken[n] for n in kept], [named[n] for n in kept]
    if spoken:
        yield spoken, named
    if long:
        starts = [0, *(index for index, (one, two) in enumerate(pairwise(spoken), 1) if one.sentence != two.sentence)]
        for start, end in pairwise([*starts, len(spoken)]):
            yield spoken[start:end], named[start:end]
