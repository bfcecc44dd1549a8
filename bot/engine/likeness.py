"""Trains the likeness of the safety signals: networks of one small layer, kept as one. Deterministic, offline.

Imports scikit-learn, so only whoever trains imports this.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags, hstack
from sklearn.neural_network import MLPClassifier

from safety.folding import words
from safety.signals import Signals
from safety.signals.features import SCALE, UNKNOWN, classes, features
from safety.signals.finding import Signal
from safety.signals.likeness import UNIT, evidence
from safety.signals.sentences import Row

LANGUAGES = ("sv", "en")
"""Languages with sentences to learn from. Their word classes and themes are features, too."""

NETWORKS = 3
"""So many networks, which begin differently, judge together: the mean of their log-odds. One alone notices a point fewer."""

UNITS = 32
"""Cells in the layer of each. With half of them a point fewer is noticed, with twice as many no more."""

ROUNDS = 4
"""How often each sentence is learnt from. Fewer miss more, more learn by heart."""

STEP, BATCH, RESTRAINT = 2e-3, 256, 1e-2
"""How far one batch of so many sentences moves a weight, and how strongly weights are held back (L2)."""

VOLUME = 12.0
"""What goes into the layer is made so many times larger, or the steps would be too small for it."""

LEAST = 4
"""A feature must be in so many sentences."""

FOLDS = 5

Lexicons = Mapping[str, Any]
Matrix = Any
Column = NDArray[Any]


class Made(NamedTuple):
    """What sentences are made of. `there`: a row a sentence, a column a feature of `names`, which are in alphabetical order."""

    names: Column
    scale: Column
    is_word: Column
    there: Matrix


def trained(
    lexicons: Lexicons,
    rows: Sequence[Row],
    alarms: Mapping[str, float],
    ease: Mapping[Signal, float],
    progress: Callable[[str], None] = lambda step: None,
) -> dict[str, Any]:
    """What `Likeness.load` takes. `lexicons`: by language code; `rows`: the sentences to learn from; `alarms` and `ease`:
    kept as they are."""
    signals = _rules(lexicons)
    made = _made(signals, rows)
    progress("likeness")
    everything = np.arange(len(rows))
    counts = _counts(made, everything)
    networks = _fit(_matrix(made, everything, counts), _wanted(rows))
    names = [*made.names[counts], *UNKNOWN]
    kinds = np.array([SCALE[name[0]] for name in names])
    # Side by side they are one network: its cells are those of all, and each says its part of the mean.
    into = np.hstack([network.coefs_[0] for network in networks])
    out = np.vstack([network.coefs_[1] for network in networks]) / NETWORKS
    weights = (into * (kinds * VOLUME * UNIT)[:, None]).round().astype(int)
    return {
        "languages": list(LANGUAGES),
        "signals": [signal.value for signal in Signal],
        "unit_bias": _rounded(np.concatenate([network.intercepts_[0] for network in networks])),
        "out": [_rounded(row) for row in out],
        "bias": _rounded(sum(network.intercepts_[1] for network in networks) / NETWORKS),
        "alarms": dict(alarms),
        "ease": {signal.value: more for signal, more in ease.items()},
        "weights": dict(zip(names, weights.tolist(), strict=True)),
    }


def calibrated(
    lexicons: Lexicons,
    sentences: Mapping[str, Sequence[Row]],
    shares: Mapping[str, float],
    ease: Mapping[Signal, float],
) -> dict[str, float]:
    """For each language of `shares` the evidence above which that share of its neutral sentences lie, judged by models that
    have not seen them. `sentences`: by language code.

    Takes some times as long as training, so its result is kept in data/safety/likeness.yml.
    """
    signals = _rules(lexicons)
    rows = [row for code in sorted(sentences) for row in sentences[code]]
    language = np.array([code for code in sorted(sentences) for _ in sentences[code]])
    made = _made(signals, rows)
    wanted = _wanted(rows)
    scores, neutral = _unseen_scores(made, wanted), ~wanted[:, -1]
    fired = [bool(signals.find(sentence)) for _, sentence in rows]
    eased = [ease.get(signal, 0.0) for signal in Signal]
    each = np.array([evidence(row.tolist(), eased, rule) for row, rule in zip(scores, fired, strict=True)])
    return {
        code: round(float(np.quantile(each[neutral & (language == code)], 1 - share)), 2)
        for code, share in shares.items()
    }


def _rules(lexicons: Lexicons) -> Signals:
    """Only those of `LANGUAGES`: nothing is learnt from the others, and reading takes most of the time."""
    return Signals.load({code: lexicons[code] for code in LANGUAGES})


def _wanted(rows: Sequence[Row]) -> Column:
    """One row a sentence, one column a signal: whether it should raise it; the last: whether it raises any."""
    return np.array([[*(signal in labels for signal in Signal), bool(labels)] for labels, _ in rows])


def _rounded(numbers: Column) -> list[float]:
    return [round(float(number), 4) for number in numbers]


def _made(signals: Signals, rows: Sequence[Row]) -> Made:
    index: dict[str, int] = {}
    columns: list[int] = []
    ends = [0]
    for _, sentence in rows:
        spoken = words(sentence)
        readings = signals.read(spoken)
        for name in features(spoken, classes([readings[code] for code in LANGUAGES])):
            columns.append(index.setdefault(name, len(index)))
        ends.append(len(columns))
    names = np.array(list(index), dtype=object)
    order = np.argsort(names)
    there = csr_matrix((np.ones(len(columns), np.float32), columns, ends), shape=(len(rows), len(index)))
    names = names[order]
    scale = np.array([SCALE[name[0]] for name in names], np.float32)
    return Made(names, scale, np.array([name[0] == "w" for name in names]), there[:, order])


def _counts(made: Made, rows: Column) -> Column:
    """Which features are in enough of these sentences to count."""
    return np.bincount(made.there[rows].indices, minlength=len(made.names)) >= LEAST


def _matrix(made: Made, rows: Column, counts: Column) -> Matrix:
    """A row a sentence, a column for each feature that counts, then for each of `UNKNOWN` (as `features.unknown` does)."""
    there = made.there[rows]
    unknown = there @ (made.is_word & ~counts)
    half = (unknown > 0) & (2 * unknown >= there @ made.is_word)
    told = np.stack([unknown >= 1, unknown >= 2, unknown >= 3, half], axis=1).astype(np.float32)
    size = np.maximum(np.sqrt(there @ made.scale**2), 1e-6)
    scaled = hstack([there[:, counts].multiply(made.scale[counts]), csr_matrix(told * SCALE["u"])])
    return (diags(VOLUME / size).astype(np.float32) @ scaled).tocsr()


def _fit(matrix: Matrix, wanted: Column) -> list[MLPClassifier]:
    return [_fit_one(matrix, wanted, seed) for seed in range(NETWORKS)]


def _fit_one(matrix: Matrix, wanted: Column, seed: int) -> MLPClassifier:
    network = MLPClassifier(
        (UNITS,), activation="tanh", alpha=RESTRAINT, batch_size=BATCH, learning_rate_init=STEP, random_state=seed
    )
    for _ in range(ROUNDS):
        network.partial_fit(matrix, wanted.astype(int), classes=np.arange(wanted.shape[1]))
    return network


def _log_odds(networks: Sequence[MLPClassifier], matrix: Matrix) -> Column:
    """The mean of what the networks say."""
    said = [
        np.tanh(matrix @ network.coefs_[0] + network.intercepts_[0]) @ network.coefs_[1] + network.intercepts_[1]
        for network in networks
    ]
    return np.mean(said, axis=0)


def _unseen_scores(made: Made, wanted: Column) -> Column:
    """One row a sentence, one column a signal and any: the log-odds from networks trained without it."""
    scores = np.zeros(wanted.shape)
    order = np.random.RandomState(0).permutation(len(wanted))
    for fold in range(FOLDS):
        apart = order[fold::FOLDS]
        rest = np.setdiff1d(order, apart)
        counts = _counts(made, rest)
        networks = _fit(_matrix(made, rest, counts), wanted[rest])
        scores[apart] = _log_odds(networks, _matrix(made, apart, counts))
    return scores
