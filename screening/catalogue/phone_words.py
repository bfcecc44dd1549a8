"""What the phone says beside the journey: data/content/<lang>/phone.yml (calls) and sms.yml.

A language without the file is not offered there. Every word is neutral: it may be heard or read by anybody, any time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from string import Formatter

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from safety.sms_length import fits_one_sms
from screening.catalogue.document import Document

SensitiveWords = Callable[[str], Sequence[str]]


class Words(BaseModel):
    """A file of short neutral texts: a missing or an unknown one is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PhoneWords(Words):
    """`voice` and `speech_language` are the carrier's names; the rest is said."""

    voice: str = Field(pattern=r"^[A-Za-z0-9.-]+$")
    speech_language: str = Field(pattern=r"^[a-z]{2,3}-[A-Z]{2}$")
    choose_language: str
    """Said in this language, in the list of languages, after "press" and the key."""
    press: str
    press_and_pound: str
    always: str
    all_choices: str
    """After a question whose choices were said in full before."""
    more: str
    slower: str
    normal: str
    other_language: str
    have_code: str
    enter_code: str
    wrong_code: str
    silence: str
    still_there: str
    wrong_key: str
    say_again: str
    """Said where only the choices are said again."""
    connecting: str
    no_answer: str
    failed: str
    goodbye: str
    out_of_order: str
    call_back_ready: str
    """To the caseworker, who has asked for the call."""
    call_back_ringing: str
    call_back_results: dict[str, str]
    """How a call-back went, to the caseworker."""
    opening: str
    """To whoever answers. Where the plan allows it, `opening_by` names the agency."""
    opening_by: str
    opening_keys: str
    voicemail: str
    """To a machine, where the plan allows it."""
    to: str
    """Between two figures of a range: "8–12" is read "8 till 12"."""

    @field_validator("press", "press_and_pound")
    @classmethod
    def _has_both(cls, text: str) -> str:
        if {name for _, name, _, _ in Formatter().parse(text) if name is not None} != {"key", "choice"}:
            raise PydanticCustomError("places_must", "must use {names}", {"names": "{key}, {choice}"})
        return text

    @field_validator("opening_by")
    @classmethod
    def _names_agency(cls, text: str) -> str:
        if [name for _, name, _, _ in Formatter().parse(text) if name is not None] != ["agency"]:
            raise PydanticCustomError("places_must", "must use {names}", {"names": "{agency}"})
        return text

    @property
    def texts(self) -> dict[str, str]:
        """Everything that is said, by name."""
        told = {name: text for name, text in self.model_dump().items() if isinstance(text, str)}
        return told | self.call_back_results


KEYWORDS = frozenset({"call", "help", "stop", "no", "language", "code"})
LONGEST_LINK = "https://" + "x" * 68
"""What {link} may become in an SMS."""


class SmsWords(Words):
    """`keywords` are what people send, folded; the rest are whole messages, each one SMS long at most."""

    keywords: dict[str, tuple[str, ...]]
    """`call`, `help`, `stop`, `no`, `language` and `code`, each with the words that mean it."""
    call_promised: str
    help: str
    stopped: str
    no: str
    """After a no. It promises nothing: another plan may hold for the same number."""
    language: str
    code: str
    received: str
    call_me: str
    reminder: str
    subject: str
    """Of an e-mail."""
    email_call_me: str
    email_reminder: str
    invitation: str

    @field_validator("keywords")
    @classmethod
    def _all_of_them(cls, given: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        if set(given) != KEYWORDS:
            names = {"names": ", ".join(sorted(KEYWORDS))}
            raise PydanticCustomError("all_of", "must name all of: {names}", names)
        return given

    @property
    def templates(self) -> dict[str, str]:
        """Every message that may be sent, by name."""
        return {name: text for name, text in self.model_dump().items() if isinstance(text, str)}


def read_phone_words(document: Document, sensitive_words: SensitiveWords) -> PhoneWords | None:
    words = document.read(PhoneWords)
    if words is not None:
        _neutral(document, words.texts, sensitive_words)
    return words


def read_sms_words(document: Document, sensitive_words: SensitiveWords) -> SmsWords | None:
    words = document.read(SmsWords)
    if words is None:
        return None
    _neutral(document, words.templates, sensitive_words)
    for name, text in words.templates.items():
        if set(_names(text)) - {"link"}:
            document.faults.append(document.fault("may use {link} and no other placeholder", name, code="place_link"))
        elif not fits_one_sms(text.replace("{link}", LONGEST_LINK)):
            document.faults.append(document.fault("does not fit one SMS in the GSM alphabet", name, code="long_sms"))
    return words


def _neutral(document: Document, texts: dict[str, str], sensitive_words: SensitiveWords) -> None:
    for name, text in texts.items():
        if found := sensitive_words(text):
            said, listed = f"is neutral but says {', '.join(found)}", ", ".join(found)
            document.faults.append(document.fault(said, name, code="sensitive", words=listed))


def _names(text: str) -> list[str]:
    return [name for _, name, _, _ in Formatter().parse(text) if name is not None]
