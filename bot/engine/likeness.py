"""Trains the likeness of the safety signals: a logistic regression for each. Deterministic, no network, some seconds.

Imports scikit-learn, so only whoever trains imports this.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from safety.folding import words
from safety.signals import Signals
from safety.signals.features import SCALE, Features, classes, features
from safety.signals.finding import Signal
from safety.signals.likeness import UNIT, evidence, length
from safety.signals.sentences import Row

LANGUAGES = ("sv", "en")
"""Languages with sentences to learn from. Their word classes and themes are features, too."""

STRENGTH = 40.0
"""Inverse of the regularisation. Found by cross-validation; 20 to 60 do about equally well."""

LEAST = 2
"""A feature must be in so many sentences."""

FOLDS = 5

Matrix = Any
Column = NDArray[Any]


def trained(
    signals: Signals, rows: Sequence[Row], alarm: float, progress: Callable[[str], None] = lambda step: None
) -> dict[str, Any]:
    """What `Likeness.load` takes. `signals`: the rules alone; `rows`: the sentences to learn from."""
    made = [_features(signals, sentence) for _, sentence in rows]
    progress("likeness")
    names = _names(made)
    matrix = _matrix(made, names)
    fits = _fit_all(matrix, _wanted(rows))
    kinds = np.array([SCALE[name[0]] for name in names])
    weights = np.column_stack([fit.coef_[0] * kinds * UNIT for fit in fits]).round().astype(int)
    return {
        "languages": list(LANGUAGES),
        "signals": [signal.value for signal in Signal],
        "bias": [round(float(fit.intercept_[0]), 4) for fit in fits],
        "alarm": alarm,
        "weights": {name: row.tolist() for name, row in zip(names, weights, strict=True) if row.any()},
    }


def calibrated(signals: Signals, rows: Sequence[Row], alarms: float) -> float:
    """The evidence above which the share `alarms` of the neutral rows lie, judged by models that have not seen them.

    Takes five times as long as training, so its result is kept in data/safety/likeness.yml.
    """
    made = [_features(signals, sentence) for _, sentence in rows]
    wanted = _wanted(rows)
    scores, neutral = _unseen_scores(made, wanted), ~wanted[-1]
    fired = [_rule_fires(signals, sentence) for _, sentence in rows]
    each = np.array([evidence(row.tolist(), rule) for row, rule in zip(scores, fired, strict=True)])
    return round(float(np.quantile(each[neutral], 1 - alarms)), 2)


def _wanted(rows: Sequence[Row]) -> list[Column]:
    """For each signal which rows should raise it; the last: which raise any."""
    each = [np.array([signal in labels for labels, _ in rows]) for signal in Signal]
    return [*each, np.array([bool(labels) for labels, _ in rows])]


def _fit_all(matrix: Matrix, wanted: Sequence[Column]) -> list[LogisticRegression]:
    with ThreadPoolExecutor() as pool:
        return list(pool.map(partial(_fit, matrix), wanted))


def _features(signals: Signals, sentence: str) -> Features:
    spoken = words(sentence)
    readings = signals.read(spoken)
    return features(spoken, classes([readings[code] for code in LANGUAGES]))


def _rule_fires(signals: Signals, sentence: str) -> bool:
    return any(finding.rule.startswith(tuple(f"{code}." for code in LANGUAGES)) for finding in signals.find(sentence))


def _names(made: Sequence[Features]) -> dict[str, int]:
    """The features that count, in alphabetical order, each with its column."""
    seen = Counter(name for one in made for name in one)
    return {name: index for index, name in enumerate(sorted(name for name in seen if seen[name] >= LEAST))}


def _matrix(made: Sequence[Features], names: dict[str, int]) -> Matrix:
    row, column, value = [], [], []
    for index, one in enumerate(made):
        size = length(one) or 1.0
        for name in one:
            if name in names:
                row.append(index)
                column.append(names[name])
                value.append(SCALE[name[0]] / size)
    return csr_matrix((value, (row, column)), shape=(len(made), len(names)))


def _fit(matrix: Matrix, wanted: Column) -> LogisticRegression:
    return LogisticRegression(C=STRENGTH, solver="liblinear", class_weight="balanced", random_state=0).fit(
        matrix, wanted
    )


def _unseen_scores(made: Sequence[Features], wanted: Sequence[Column]) -> Column:
    """One row a sentence, one column a signal and any: the log-odds from a model trained without that sentence."""
    scores = np.zeros((len(made), len(wanted)))
    order = np.random.RandomState(0).permutation(len(made))
    for fold in range(FOLDS):
        apart = order[fold::FOLDS]
        rest = np.setdiff1d(order, apart)
        names = _names([made[index] for index in rest])
        known, unknown = _matrix([made[i] for i in rest], names), _matrix([made[i] for i in apart], names)
        for place, fit in enumerate(_fit_all(known, [column[rest] for column in wanted])):
            scores[apart, place] = fit.decision_function(unknown)
    return scores
