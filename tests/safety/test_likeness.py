"""Likeness: what is like known sentences is noticed, an ordinary message overrules a rule, and training is repeatable."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from bot.data_files import BadData
from bot.engine.likeness import calibrated
from bot.safety_data import (
    load_care,
    load_lexicons,
    load_likeness,
    load_sentences,
    load_sentences_by_language,
    load_signals,
)
from bot.settings import DATA, PROJECT
from safety.folding import words
from safety.signals import Signal, Signals
from safety.signals.features import classes, features, unknown
from safety.signals.likeness import Likeness, evidence
from safety.signals.sentences import read

TESTS = Path(__file__).parent / "sentences"


@cache
def rules() -> Signals:
    return Signals.load(load_lexicons())


@cache
def signals() -> Signals:
    return load_signals(PROJECT / "var")


def names(text: str) -> set[str]:
    spoken = words(text)
    return set(features(spoken, classes([rules().read(spoken)["sv"]])))


def tiny(weight: float, alarm: float = 0.0, feature: str = "w:knar") -> Likeness:
    """A model of one signal, exposed, and any; of one unit, which the one feature stirs."""
    model = {"languages": ["sv"], "signals": ["exposed"], "unit_bias": [0], "bias": [-0.5, -0.5]}
    model |= {"alarms": {"sv": alarm, "en": alarm + 100}, "ease": {}}
    return Likeness.load({**model, "out": [[weight, weight]], "weights": {feature: [10_000]}})


def test_a_message_like_known_ones_is_noticed_where_no_rule_fires() -> None:
    text = "Hej. Det knarr där hemma"
    noticed = Signals.load({"sv": load_lexicons()["sv"]}, tiny(9)).find(text)
    assert [found.rule for found in noticed] == ["likeness.exposed"]
    assert text[noticed[0].start : noticed[0].end] == "knarr"
    assert rules().find(text) == []


def test_a_rule_counts_unless_the_message_is_a_very_ordinary_one() -> None:
    sv = {"sv": load_lexicons()["sv"]}
    text = "han slår mig med knarr"
    assert "sv.exposed.hits_me" in {found.rule for found in Signals.load(sv, tiny(0)).find(text)}
    assert Signals.load(sv, tiny(-9)).find(text) == []
    assert evidence([1.0, 2.0], [0], True) > evidence([1.0, 2.0], [0], False) > evidence([0.5, 2.0], [0], False)


def test_each_language_has_its_own_alarm_and_one_without_has_the_lowest() -> None:
    signals = Signals.load({"sv": load_lexicons()["sv"]}, tiny(9))
    assert signals.find("Det knarr där hemma", "sv") and signals.find("Det knarr där hemma", "ti")
    assert not signals.find("Det knarr där hemma", "en")


def test_a_signal_with_ease_needs_less_evidence_where_it_is_the_likeliest() -> None:
    assert evidence([1.0, 0.5, 2.0], [0.3, 0.0], False) > evidence([1.0, 0.5, 2.0], [0.0, 9.0], False)


def test_a_message_of_unknown_words_says_so() -> None:
    known = {"w:han", "w:slar"}
    assert unknown(names("han slår mig"), known) == ["u:1"]
    assert unknown(names("han gnorf mig"), known) == ["u:1", "u:2", "u:half"]
    assert unknown(names("han slår"), known) == []
    assert {"k:1"} <= names("hej") and {"k:more"} <= names("hej " * 13) and {"k:3"} <= names("han slår mig")


def test_a_rule_of_a_language_without_sentences_is_never_overruled() -> None:
    lexicons = load_lexicons()
    both = Signals.load({"sv": lexicons["sv"], "fi": lexicons["fi"]}, tiny(0, alarm=1_000.0))
    assert {found.rule.split(".")[0] for found in both.find("hän lyö minua, han slår mig med knarr")} == {"fi"}
    # What is like nothing that is known is no ordinary message: all rules stand.
    assert {found.rule.split(".")[0] for found in both.find("hän lyö minua, han slår mig")} == {"fi", "sv"}


@pytest.mark.parametrize("before", [0, 60, 150])
def test_one_grave_sentence_does_not_drown_in_ordinary_ones(before: int) -> None:
    ordinary = "jag söker jobb på lager och har skickat in min rapport i tid. "
    text = ordinary * (before // 12) + "om jag bara fick somna och aldrig vakna. " + ordinary * (before // 12)
    assert "self_harm" in {found.signal for found in signals().find(text)}


def test_what_a_message_is_made_of() -> None:
    made = names("han slår mig")
    assert {"w:slar", "b:slar mig", "s:han mig", "c:_sl", "c:n_s", "l:hit", "m:they hit", "p:slår"} <= made
    assert "l:about_blow" in made
    assert names("") == set()


def test_diacritics_that_are_missing_change_little() -> None:
    one, other = names("han slår mig"), names("han slar mig")
    assert other < one and all(name.startswith(("p:", "l:", "m:")) for name in one - other)


SOUND = {
    "languages": [],
    "signals": ["exposed"],
    "unit_bias": [0],
    "out": [[1, 1]],
    "bias": [1, 1],
    "alarms": {"sv": 0},
    "ease": {},
    "weights": {"w:a": [1]},
}


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {**SOUND, "weights": {"w:a": [1, 1]}},
        {**SOUND, "weights": {"w:a": [100_000]}},
        {**SOUND, "signals": ["no_such"]},
        {**SOUND, "out": [[1]]},
        {**SOUND, "bias": [1]},
        {**SOUND, "alarms": {}},
    ],
)
def test_a_broken_model_is_refused(broken: dict[str, object]) -> None:
    assert Likeness.load(SOUND).alarms == {"sv": 0}
    with pytest.raises((ValueError, KeyError, OverflowError)):
        Likeness.load(broken)


def test_training_twice_gives_the_same_and_what_is_broken_is_trained_again(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for room in ("signals", "themes", "sentences"):
        (data / "safety" / room).mkdir(parents=True)
        for file in (DATA / "safety" / room).iterdir():
            if file.stem in ("sv", "en"):
                text = file.read_text("utf-8")
                few = "".join(line + "\n" for line in text.splitlines()[::25]) if file.suffix == ".tsv" else text
                (data / "safety" / room / file.name).write_text(few, "utf-8")
    (data / "safety" / "likeness.yml").write_bytes((DATA / "safety" / "likeness.yml").read_bytes())
    lexicons = load_lexicons(data)
    one = load_likeness(tmp_path, lexicons, data)
    (kept,) = (tmp_path / "models").iterdir()
    first = kept.read_bytes()
    kept.write_bytes(first[:100])
    assert load_likeness(tmp_path, lexicons, data) == one
    assert kept.read_bytes() == first


def test_the_more_alarms_are_borne_the_less_evidence_is_asked_for() -> None:
    few = {code: rows[::80] for code, rows in load_sentences_by_language().items()}
    wary = calibrated(load_lexicons(), few, {"sv": 0.1, "en": 0.1}, {})
    calm = calibrated(load_lexicons(), few, {"sv": 0.02}, {})
    assert set(wary) == {"sv", "en"} and set(calm) == {"sv"}
    assert wary["sv"] < calm["sv"]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ("alarms: {sv: 0.5}\nalarm: {sv: 2}", "at most"),
        ("alarms: {sv: 0.04}\nalarm: {sv: 2, en: 2}", "same languages"),
        ("alarms: {sv: 0.04}\nalarm: {sv: 2}\nease: {no_such: 1}", "no_such"),
        ("alarms: {sv: 0.04}\nalarm: {sv: 2}\nease: {exposed: 99}", "ease"),
        ("alarms: 0.04\nalarm: 2", "cannot be used"),
    ],
)
def test_a_wrong_care_is_named(tmp_path: Path, wrong: str, why: str) -> None:
    (tmp_path / "safety").mkdir()
    (tmp_path / "safety" / "likeness.yml").write_text(wrong, "utf-8")
    with pytest.raises(BadData) as raised:
        load_care(tmp_path)
    assert [fault.file for fault in raised.value.faults] == ["safety/likeness.yml"] and why in str(raised.value)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("exposed han slår mig", "is not signals"),
        ("exposed\t", "is not signals"),
        ("exposd\than slår mig", "exposd"),
        ("-,exposed\than slår mig", "-"),
        ("-\tHej!", "same sentence as line 1"),
        ("-\thej \N{REPLACEMENT CHARACTER}", "UTF-8"),
    ],
)
def test_a_wrong_line_in_a_sentence_file_is_named(line: str, why: str) -> None:
    rows, faults = read(f"-\thej\n{line}\nexposed,child_harm\than slår oss\n")
    assert [number for number, _ in faults] == [2] and why in faults[0][1]
    assert rows == [(frozenset(), "hej"), (frozenset({Signal.EXPOSED, Signal.CHILD_HARM}), "han slår oss")]


def test_no_test_sentence_is_learnt_from() -> None:
    def form(sentence: str) -> str:
        return " ".join(word.bare for word in words(sentence))

    learnt = {form(sentence) for _, sentence in load_sentences()}
    for file in TESTS.glob("*.tsv"):
        longer = {form(sentence) for _, sentence in read(file.read_text("utf-8"))[0] if len(sentence.split()) > 2}
        assert not longer & learnt, file.name


FLOODS = {
    "emoji": "😀" * 40,
    "long": "😀" * 3000,
    "faces": "ヽ༼ຈل͜ຈ༽ﾉ " * 20,
    "ones": "1 " * 50,
    "signs": "?! " * 200,
    "ok": "ok " * 80,
}


@pytest.mark.parametrize("flood", FLOODS)
def test_a_flood_is_like_nothing(flood: str) -> None:
    assert signals().find(FLOODS[flood], "sv") == [] == signals().find(FLOODS[flood], "en")


def test_there_are_sentences_for_every_signal() -> None:
    labels = [labels for labels, _ in load_sentences()]
    assert all(sum(signal in each for each in labels) >= 200 for signal in Signal)
    assert sum(not each for each in labels) >= 1_500
