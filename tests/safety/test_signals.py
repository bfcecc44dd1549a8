"""Signals in free text: what a reviewer wrote in the rules holds, and the recall we promise is met on sentences kept apart."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.safety_data import load_sentences, load_signals
from bot.settings import PROJECT
from safety.signals import Finding, Signal, Signals
from safety.signals.language import Language
from safety.signals.measure import Measurement, measure
from safety.signals.pattern import parsed
from safety.signals.sentences import read
from safety.signals.vocabulary import one_slip_apart

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "data" / "safety" / "signals"
LANGUAGES = sorted(path.stem for path in FOLDER.glob("*.yml"))
EXPECTED = {"sv", "en", "fi", "ar", "so", "prs", "fa", "ckb", "ti", "pl", "es", "sq", "bs", "uk"}


@cache
def lexicon(language: str) -> dict[str, Any]:
    data: dict[str, Any] = yaml.load((FOLDER / f"{language}.yml").read_text("utf-8"), Loader=yaml.CSafeLoader)
    return data


@cache
def signals() -> Signals:
    """As they are served: the likeness is trained once and kept in var/."""
    return load_signals(PROJECT / "var")


def noticed(text: str, locale: str = "sv") -> set[str]:
    return {finding.signal.value for finding in signals().find(text, locale)}


@cache
def measured(name: str) -> Measurement:
    rows, faults = read((Path(__file__).parent / "sentences" / f"{name}.tsv").read_text("utf-8"))
    assert not faults
    return measure(signals(), rows, name.split("_")[0])


@cache
def measured_known() -> Measurement:
    """On a sixth of the sentences that are learnt from."""
    return measure(signals(), load_sentences()[::6])


RULES = [(language, rule) for language in LANGUAGES for rule in lexicon(language)["rules"]]


@pytest.mark.parametrize(("language", "rule"), RULES, ids=[f"{code}.{rule['id']}" for code, rule in RULES])
def test_each_rule_fires_on_its_example_and_not_on_its_near_miss(language: str, rule: dict[str, Any]) -> None:
    alone = Signals.load({language: {**lexicon(language), "rules": [rule]}})
    fired = [finding.rule for finding in alone.find(rule["example"], language)]
    assert fired and set(fired) == {f"{language}.{rule['id']}"}
    assert alone.find(rule["near_miss"], language) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_notices_every_signal_and_is_honest_about_its_review(language: str) -> None:
    data = lexicon(language)
    assert data["locale"] == language
    assert (data["status"] == "reviewed") == (data["reviewed_by"] is not None)
    assert {rule["signal"] for rule in data["rules"]} == {signal.value for signal in Signal}
    ids = [rule["id"] for rule in data["rules"]]
    assert len(ids) == len(set(ids))


def test_every_language_of_the_product_is_there() -> None:
    assert set(LANGUAGES) >= EXPECTED


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("sv_held_out", 0.6),
        ("en_held_out", 0.45),
        ("sv_blind_acceptance", 0.93),
        ("sv_blind_plain", 0.91),
        ("sv_blind_oblique", 0.79),
        ("sv_blind_tester", 0.94),
        ("en_blind_acceptance", 0.88),
        ("en_blind_tester", 0.87),
        ("en_blind_oblique", 0.85),
    ],
)
def test_sentences_that_were_never_learnt_from(name: str, least: float) -> None:
    """Does not slip back. How it does on authors that it never learnt from stands in docs/signals.md."""
    result = measured(name)
    found, expected = sum(score.found for score in result.scores), sum(score.expected for score in result.scores)
    assert found / expected >= least
    assert result.false_alarm_rate is not None and result.false_alarm_rate <= (0.05 if name[:2] == "sv" else 0.07)


@pytest.mark.parametrize("signal", list(Signal))
def test_known_sentences_are_noticed(signal: Signal) -> None:
    """0.93: sentences that also raise something graver are labelled `exposed` by some authors and not by others."""
    recall = measured_known().of(signal).recall
    assert recall is not None and recall >= 0.93


@pytest.mark.parametrize(
    ("text", "signal"),
    [
        ("han kommer nu", "danger_now"),
        ("nån är här", "overseen"),
        ("måste sluta", "overseen"),
        ("kan inte prata", "overseen"),
        ("byt ämne", "overseen"),
        ("inte nu", "not_now"),
        ("ring mig sen", "not_now"),
        ("det är hennes man", "other_person"),
        ("jag är inte hon", "other_person"),
        ("hon är i duschen, jag svarar åt henne", "other_person"),
        ("orkar inte leva längre", "self_harm"),
        ("jag vill inte leva", "self_harm"),
        ("pappa slår lillebror", "child_harm"),
        ("sluta", "wants_exit"),
        ("lämna", "wants_exit"),
        ("jag vill prata med en riktig människa", "wants_human"),
        ("han slog mig", "exposed"),
        ("jag blev slagen", "exposed"),
        ("jag har blivit slagen", "exposed"),
        ("jag slog henne", "uses_violence"),
    ],
)
def test_what_people_write_in_a_hurry(text: str, signal: str) -> None:
    assert signal in noticed(text)


@pytest.mark.parametrize(
    "text",
    [
        "jag har varit arbetslös sedan mars",
        "min chef slog rekord",
        "jag dör av stress inför intervjun",
        "jag har sparkats från jobbet",
        "barnen går på förskola",
        "jag har blivit hotad med avstängning från a-kassan",
        "han slår mig inte",
        "",
        "   ",
        "12345",
    ],
)
def test_ordinary_words_raise_nothing(text: str) -> None:
    assert noticed(text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "näckros 4",
        "gräsand 12",
        "zebra9",
        "knallert 0042",
        "Kvarnvik",
        "violett",
        "xqzt 88",
        "14/3",
        "8841",
        "vinbär sadel",
        "min kod är lokatt 61",
        "otter 5520",
    ],
)
def test_a_code_a_place_or_a_number_raises_nothing(text: str) -> None:
    """A code to come back with is typed as free text."""
    assert text not in {sentence for _, sentence in load_sentences()}
    assert noticed(text) == set() and noticed(text, "en") == set()


def test_no_number_raises_anything_but_that_of_emergency() -> None:
    """Digits alone are a key that was pressed, a code, an amount: 12 is no slip of 112."""
    assert {number for number in map(str, range(1500)) if noticed(number)} == {"112"}
    assert noticed("112") == {"danger_now"}


def test_what_is_like_nothing_known_is_left_to_the_rules() -> None:
    assert "danger_now" in noticed("\N{SQUARED SOS}\N{SQUARED SOS}")


def test_who_did_it_to_whom() -> None:
    assert "uses_violence" not in noticed("han slog mig") and "exposed" not in noticed("jag slog henne")
    assert "sv.uses.hit" not in {found.rule for found in signals().find("jag vet att han slog henne")}


def test_then_is_not_now() -> None:
    assert "danger_now" in noticed("han slår mig just nu")
    assert noticed("han slog mig för flera år sedan") >= {"exposed"}
    assert "danger_now" not in noticed("han slog mig för flera år sedan")


@pytest.mark.parametrize(
    "text",
    [
        "HAN SLÅR MIG",
        "han slar mig",
        "han slåååår mig",
        "h4n sl4r m1g",
        "han sl\u200bår m\u200big",
        "\u202ehan slår mig",
        "han sla\u030ar mig",
        "h\u0430n sl\u00e5r mig",
        "ｈａｎ ｓｌåｒ ｍｉｇ",
        "han misshandlde mig",
        "han knufade mig",
        "min man he beats me every day",
    ],
)
def test_however_it_is_written(text: str) -> None:
    assert "exposed" in noticed(text)


@pytest.mark.parametrize(
    ("text", "signal"),
    [
        ("زوجي يضربني", "exposed"),
        ("nie chcę żyć", "self_harm"),
        ("він мене б'є", "exposed"),
        ("he has a knife", "danger_now"),
    ],
)
def test_other_languages_than_the_chosen_one_are_understood(text: str, signal: str) -> None:
    assert signal in noticed(text, "sv")


def test_a_word_stands_for_its_other_spellings_too() -> None:
    rule = {"id": "a.b", "signal": "exposed", "patterns": ["[hit] mig"], "example": "", "near_miss": ""}
    lexicon = {"locale": "sv", "classes": {"hit": ["slår på mig", "knuffar"]}, "rules": [rule]}
    assert not list(Signals.load({"sv": lexicon}).find("han knuffar mej"))
    spelling = Signals.load({"sv": {**lexicon, "spellings": {"mig": ["mej"]}}})
    assert list(spelling.find("han knuffar mej")) and list(spelling.find("slår på mej mig"))


def test_a_finding_points_at_the_original_text() -> None:
    text = "Hej!  😀 Min ma\u200bn SLÅR mig."
    finding = next(found for found in signals().find(text) if found.rule == "sv.exposed.hits_me")
    assert text[finding.start : finding.end].endswith("SLÅR mig")
    assert isinstance(finding, Finding)


def test_a_long_message_is_read_at_both_ends() -> None:
    flood = "planering " * 1_000
    assert "exposed" in noticed("han slår mig. " + flood)
    assert "exposed" in noticed(flood + " han slår mig")
    assert noticed(flood + " han slår mig. " + flood) == set()
    text = "\u200b" * 9_000 + "han slår mig" + "\u200b" * 9_000
    finding = next(found for found in signals().find(text) if found.signal is Signal.EXPOSED)
    assert text[finding.start : finding.end] == "han slår mig"


BAD = {
    "long": "a" * 10_000,
    "zero width": "\u200b" * 10_000,
    "right to left": "\u202e" + "han slår mig " * 800,
    "look-alikes": "hаn slår mіg " * 800,
    "marks": "a" + "\u0301" * 10_000,
    "emoji": "🔪😭🆘" * 3_000,
    "subjects": "jag han min man slår " * 500,
    "almost": "jag min fru han barnen inte " * 400,
    "regex bomb": "(a+)+$" * 1_000 + "!",
    "controls": "".join(map(chr, range(32))) * 300,
    "surrogate": "\ud800han slår mig",
    "ten languages": "han slår mig he hits me زوجي يضربني mąż mnie bije чоловік мене б'є me pega burri më rreh ሰብኣየይ ይወቕዓኒ wuu i garaacaa hän lyö minua",
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
def test_bad_input_never_raises(text: str) -> None:
    for finding in signals().find(text):
        assert 0 <= finding.start < finding.end <= len(text)


@pytest.mark.parametrize("text", ["^ $", "..2", "a-b c", "[broken"])
def test_a_pattern_that_cannot_work_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="pattern"):
        parsed(text)


def test_a_class_that_does_not_exist_is_refused() -> None:
    rule = {"id": "x.y", "signal": "exposed", "patterns": ["[nobody_knows] mig"]}
    with pytest.raises(ValueError, match="do not exist"):
        Language({"locale": "sv", "classes": {}, "rules": [rule]})


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("slagen", "slagen", True),
        ("slagen", "slagn", True),
        ("slagen", "slaggen", True),
        ("slagen", "slegen", True),
        ("slagen", "slaegn", True),
        ("slagen", "lagar", False),
        ("knuffade", "knffde", False),
    ],
)
def test_one_slip(one: str, other: str, near: bool) -> None:
    assert one_slip_apart(one, other) is near
