"""What is said plainly is noticed by the rules alone, however it is typed, and everyday messages raise nothing.

The sentences were written for this test by somebody who also wrote rules: they hold what is noticed, and measure nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from bot.safety_data import load_lexicons, load_signals
from bot.settings import PROJECT
from safety.signals import Signals
from safety.signals.measure import measure
from safety.signals.sentences import Row, read

LEAST = 0.97
"""Of the signals of all sentences."""

Typed = Callable[[str], str]


def as_written(sentence: str) -> str:
    return sentence


def without_diacritics(sentence: str) -> str:
    return sentence.translate(str.maketrans("åäöÅÄÖ", "aaoAAO"))


def in_a_text_message(sentence: str) -> str:
    """As on a phone, in a hurry: "e" for "är", "o" for "och", no punctuation."""
    short = {"är": "e", "och": "o", "mig": "mej", "någon": "nån"}
    return " ".join(short.get(word, word) for word in sentence.replace(",", "").split())


def loudly(sentence: str) -> str:
    return f"{sentence.upper()}!!"


@cache
def rows() -> list[Row]:
    found, faults = read((Path(__file__).parent / "plain_sentences.tsv").read_text("utf-8"))
    assert not faults and sum(not labels for labels, _ in found) >= 150
    return found


@cache
def rules() -> Signals:
    return Signals.load(load_lexicons())


@cache
def served() -> Signals:
    return load_signals(PROJECT / "var")


@pytest.mark.parametrize("typed", [as_written, without_diacritics, in_a_text_message, loudly])
@pytest.mark.parametrize("signals", [rules, served], ids=["rules alone", "as served"])
def test_what_is_said_plainly_is_noticed(typed: Typed, signals: Callable[[], Signals]) -> None:
    result = measure(signals(), [(labels, typed(sentence)) for labels, sentence in rows()])
    assert sum(score.found for score in result.scores) >= LEAST * sum(score.expected for score in result.scores)
    for score in result.scores:
        assert score.recall is not None and score.recall >= 0.9, score.signal


@pytest.mark.parametrize("typed", [as_written, without_diacritics, in_a_text_message, loudly])
@pytest.mark.parametrize("signals", [rules, served], ids=["rules alone", "as served"])
def test_everyday_messages_raise_nothing(typed: Typed, signals: Callable[[], Signals]) -> None:
    raised = [sentence for labels, sentence in rows() if not labels and signals().find(typed(sentence))]
    assert raised == []


ENGLISH_LEAST = 0.95
"""Of the English ones: a very ordinary message overrules a rule, and there are fewer sentences to tell it by."""


def without_apostrophes(sentence: str) -> str:
    return sentence.replace("'", "")


@cache
def english_rows() -> list[Row]:
    found, faults = read((Path(__file__).parent / "plain_sentences_en.tsv").read_text("utf-8"))
    assert not faults and sum(not labels for labels, _ in found) >= 40
    return found


@pytest.mark.parametrize("typed", [as_written, without_apostrophes, loudly])
@pytest.mark.parametrize("signals", [rules, served], ids=["rules alone", "as served"])
def test_what_is_said_plainly_in_english_is_noticed(typed: Typed, signals: Callable[[], Signals]) -> None:
    result = measure(signals(), [(labels, typed(sentence)) for labels, sentence in english_rows()], "en")
    assert sum(score.found for score in result.scores) >= ENGLISH_LEAST * sum(score.expected for score in result.scores)


@pytest.mark.parametrize("typed", [as_written, without_apostrophes, loudly])
@pytest.mark.parametrize("signals", [rules, served], ids=["rules alone", "as served"])
def test_everyday_messages_in_english_raise_nothing(typed: Typed, signals: Callable[[], Signals]) -> None:
    raised = [sentence for labels, sentence in english_rows() if not labels and signals().find(typed(sentence), "en")]
    assert raised == []
