"""What can be said to the carrier, and what cannot."""

from __future__ import annotations

import ast
import re
from datetime import date
from typing import get_args
from xml.etree import ElementTree

import pytest

from bot.data_files import catalogue
from bot.phone.script import Script
from bot.phone.speech import aloud
from bot.phone.twiml import VERBS, Dial, Gather, Hangup, Join, Pause, Redirect, Say, Verb, document
from bot.settings import PROJECT
from safety.sms_length import fits_one_sms, septets

SAY = Say("Hej & <hopp>", "Polly.Elin-Neural", "sv-SE", slow=True)
ONE_OF_EACH: list[Verb] = [
    SAY,
    Pause(),
    Gather("/x?a=1&b=2", (SAY, Pause())),
    Gather("/x", (SAY,), digits=None),
    Gather("/x", (SAY,), digits=4),
    Redirect("/x"),
    Dial("+46104160000", "+46700000001", "/x"),
    Join("room", "/x"),
    Hangup(),
]


def test_only_these_verbs_and_no_other_attribute() -> None:
    assert {type(verb) for verb in ONE_OF_EACH} == set(get_args(Verb)), "a new verb is not in the test"
    elements = list(ElementTree.fromstring(document(ONE_OF_EACH)).iter())
    assert {element.tag for element in elements} == VERBS
    attributes = {name for element in elements for name in element.attrib}
    assert attributes == {
        *("voice", "language", "rate", "length", "input", "action", "method", "timeout", "actionOnEmptyResult"),
        *("numDigits", "finishOnKey", "callerId", "answerOnBridge"),
        *("beep", "endConferenceOnExit", "maxParticipants", "waitUrl"),
    }
    assert {element.attrib["input"] for element in elements if element.tag == "Gather"} == {"dtmf"}


def test_nothing_else_makes_twiml_or_can_ask_to_record() -> None:
    """No other file of the product imports the carrier's TwiML builder, or writes such a verb by hand."""
    written = re.compile(
        r"<(Response|Record|Say|Gather|Stream|Transcription|Start|Connect)\b|[\"'](Record|Transcri\w+|Stream)[\"']"
    )
    for path in [*PROJECT.glob("bot/**/*.py"), *PROJECT.glob("actions/**/*.py"), *PROJECT.glob("casework/**/*.py")]:
        source = path.read_text("utf-8")
        imported = {node.module or "" for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)} | {
            name.name for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Import) for name in node.names
        }
        carrier = {name for name in imported if name.split(".")[0] == "twilio"}
        assert not any(name.startswith("twilio.twiml") for name in carrier), path
        assert not carrier or path.is_relative_to(PROJECT / "bot" / "phone"), path
        assert not written.search(source), path


def test_no_request_to_the_carrier_can_ask_to_record() -> None:
    """Every argument by name of every call to the carrier's client, and none of them is of that kind."""
    tree = ast.parse((PROJECT / "bot" / "phone" / "carrier.py").read_text("utf-8"))
    made = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    created = [node for node in made if node.func.attr == "create"]  # type: ignore[attr-defined]
    assert len(created) == 2, "an SMS, and a call"
    named = {keyword.arg for node in created for keyword in node.keywords if keyword.arg}
    assert named == {"to", "from_", "body", "url", "status_callback", "timeout"}
    # What is put in besides has these keys, and no others.
    written = [node.slice for node in ast.walk(tree) if isinstance(node, ast.Subscript)]
    keys = {index.value for index in written if isinstance(index, ast.Constant) and index.value}
    assert keys == {"machine_detection"}
    assert not re.search(
        r"record|transcri|stream", (PROJECT / "bot" / "phone" / "carrier.py").read_text("utf-8").lower()
    )


def test_the_shipped_fallback_is_what_we_would_say_ourselves() -> None:
    words = catalogue(date(2026, 11, 23)).languages["sv"].phone
    assert words is not None
    shipped = (PROJECT / "bot" / "phone" / "fallback.xml").read_text("utf-8")
    assert shipped.strip() == Script(words, "sv", "").goodbye([words.out_of_order])


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Kvinnofridslinjen: 020-50 50 50", "Kvinnofridslinjen: 0 2 0, 5 0, 5 0, 5 0"),
        ("Ring 112.", "Ring 1 1 2."),
        ("Bris 116 111, 1177", "Bris 1 1 6, 1 1 1, 1 1 7 7"),
        ("Förmiddag, 8–12", "Förmiddag, 8 till 12"),
        ("måndag 08:00", "måndag 8"),
        ("till 2027-02-21.", "till 21 februari 2027."),
        ("år 2025, 100 procent, fråga 1 - 4", "år 2025, 100 procent, fråga 1 - 4"),
        ("8.30–16", "8.30 till 16"),
        ("2027-13-45", "2 0 2 7, 1 3, 4 5"),
    ],
)
def test_numbers_as_they_are_said(written: str, said: str) -> None:
    assert aloud(written, "sv", "till") == said


def test_the_length_of_an_sms() -> None:
    assert septets("åäöÅÄÖé€[") == 11
    assert septets("–") is None
    assert fits_one_sms("a" * 160) and not fits_one_sms("a" * 161)
    assert fits_one_sms("€" * 80) and not fits_one_sms("€" * 81)
    assert not fits_one_sms("") and not fits_one_sms("Hej 😀")
