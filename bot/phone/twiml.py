"""The only place where TwiML is made. What is not in `VERBS` cannot be said to the carrier.

There is no verb here that records, transcribes, listens to speech or streams a call, and no field that could ask for it:
nothing of a call is kept by switching something on by mistake. `Gather` listens to keys, never to speech.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, tostring

VERBS = frozenset(
    {"Response", "Say", "prosody", "Pause", "Gather", "Redirect", "Hangup", "Dial", "Number", "Conference"}
)
"""Every element that a document of ours may hold. A test makes one of each and looks."""


@dataclass(frozen=True)
class Say:
    text: str
    voice: str
    language: str
    slow: bool = False


@dataclass(frozen=True)
class Pause:
    seconds: int = 1


@dataclass(frozen=True)
class Gather:
    """Waits for keys while it speaks, and goes to `action` with them, also when none was pressed.

    `digits` is how many keys end it; None: `#` ends it. With one key, `*` and `#` are keys like any other.
    """

    action: str
    says: tuple[Say | Pause, ...]
    digits: int | None = 1
    timeout: int = 8


@dataclass(frozen=True)
class Redirect:
    url: str


@dataclass(frozen=True)
class Hangup:
    pass


@dataclass(frozen=True)
class Dial:
    """Connects to a number. `shown` is the number that is shown there: ours, not the person's."""

    number: str
    shown: str
    action: str
    timeout: int = 25


@dataclass(frozen=True)
class Join:
    """Connects with whoever else joins `room`: two, silently. When one goes, it is over for both."""

    room: str
    action: str


Verb = Say | Pause | Gather | Redirect | Hangup | Dial | Join


def document(verbs: Sequence[Verb]) -> str:
    """The document as the carrier reads it. Without verbs: a call ends. An SMS is never answered here:
    what goes out goes through `casework.contact`."""
    response = Element("Response")
    for verb in verbs:
        _add(response, verb)
    return '<?xml version="1.0" encoding="UTF-8"?>' + tostring(response, encoding="unicode")


def _add(parent: Element, verb: Verb) -> None:
    match verb:
        case Say():
            element = SubElement(parent, "Say", voice=verb.voice, language=verb.language)
            if verb.slow:
                element = SubElement(element, "prosody", rate="75%")
            element.text = verb.text
        case Pause():
            SubElement(parent, "Pause", length=str(verb.seconds))
        case Gather():
            _gather(parent, verb)
        case Redirect():
            SubElement(parent, "Redirect", method="POST").text = verb.url
        case Hangup():
            SubElement(parent, "Hangup")
        case Dial():
            attributes = {
                "action": verb.action,
                "method": "POST",
                "timeout": str(verb.timeout),
                "answerOnBridge": "true",
            }
            if verb.shown:
                attributes["callerId"] = verb.shown
            dial = SubElement(parent, "Dial", attributes)
            SubElement(dial, "Number").text = verb.number
        case Join():
            joined = SubElement(parent, "Dial", action=verb.action, method="POST")
            # An empty address to wait at: without it the carrier plays music.
            SubElement(
                joined, "Conference", beep="false", endConferenceOnExit="true", maxParticipants="2", waitUrl=""
            ).text = verb.room


def _gather(parent: Element, verb: Gather) -> None:
    attributes = {"input": "dtmf", "action": verb.action, "method": "POST", "timeout": str(verb.timeout)}
    attributes |= {"actionOnEmptyResult": "true", "finishOnKey": "" if verb.digits == 1 else "#"}
    if verb.digits is not None:
        attributes["numDigits"] = str(verb.digits)
    gather = SubElement(parent, "Gather", attributes)
    for said in verb.says:
        _add(gather, said)
