"""The sentences that the assistant learns from, and the ones it is measured on."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
LEARNT = ROOT / "data" / "nlu" / "sv.yml"
HELD_OUT = Path(__file__).parent / "held_out_sv.yml"
LEAST_LEARNT = 30
LEAST_HELD_OUT = 10


def sentences(file: Path) -> list[tuple[str, str]]:
    """Pairs of intent and sentence, as Rasa reads them: one a line after "- "."""
    return [
        (block["intent"], line.removeprefix("- ").strip())
        for block in yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]
        for line in block["examples"].splitlines()
        if line.strip()
    ]


def alike(sentence: str) -> str:
    return " ".join(sentence.casefold().split())


def test_no_sentence_is_learnt_twice() -> None:
    counted = Counter(alike(sentence) for _, sentence in sentences(LEARNT))
    assert [sentence for sentence, times in counted.items() if times > 1] == []


def test_nothing_that_is_measured_is_learnt() -> None:
    learnt = {alike(sentence) for _, sentence in sentences(LEARNT)}
    assert [sentence for _, sentence in sentences(HELD_OUT) if alike(sentence) in learnt] == []


def test_every_intent_is_learnt_and_measured_with_enough_sentences() -> None:
    learnt, held_out = (Counter(intent for intent, _ in sentences(file)) for file in (LEARNT, HELD_OUT))
    assert set(learnt) == set(held_out)
    assert {intent: n for intent, n in learnt.items() if n < LEAST_LEARNT} == {}
    assert {intent: n for intent, n in held_out.items() if n < LEAST_HELD_OUT} == {}


def test_intents_are_words_and_not_truth_values() -> None:
    """YAML reads a bare yes or no as true or false."""
    assert all(isinstance(intent, str) for file in (LEARNT, HELD_OUT) for intent, _ in sentences(file))


def test_no_sentence_has_the_marks_of_an_entity() -> None:
    marked = [s for file in (LEARNT, HELD_OUT) for _, s in sentences(file) if set(s) & set("[]{}()/")]
    assert marked == []
