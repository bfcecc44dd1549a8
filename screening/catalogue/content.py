"""Content in one language: wordings, choice labels, information cards, words of the page, quick replies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from string import Formatter
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from safety.content import Channel, ContentClass
from screening.catalogue.document import Document, Fault
from screening.catalogue.phone_words import PhoneWords, SmsWords
from screening.catalogue.quick_replies import QuickReply
from screening.journey.says import WORDINGS

Words = Mapping[str, str]
SensitiveWords = Callable[[str], Sequence[str]]


class Language(BaseModel):
    """A language and how far its texts have come. `reviewed` needs the name of who reviewed."""

    model_config = ConfigDict(extra="allow", frozen=True)

    locale: str
    name: str
    direction: Literal["ltr", "rtl"]
    status: Literal["reviewed", "draft"]
    reviewed_by: str | None


class Card(BaseModel):
    """One information card."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z_]+$")
    title: str
    text: str
    simpler: str | None = None
    voice: str | None = None
    source: str


@dataclass(frozen=True)
class Text:
    """A wording: as written, in plain language, shaped for listening. Empty means: use `text`."""

    text: str
    simpler: str = ""
    voice: str = ""

    def pick(self, channel: Channel, *, simpler: bool) -> str:
        if channel is Channel.VOICE and self.voice:
            return self.voice
        return self.simpler if simpler and self.simpler else self.text


@dataclass
class Content:
    """All words of one language."""

    language: Language
    texts: dict[str, Text] = field(default_factory=dict)
    choices: dict[str, str] = field(default_factory=dict)
    cards: tuple[Card, ...] = ()
    page: dict[str, str] = field(default_factory=dict)
    quick_replies: dict[str, QuickReply] = field(default_factory=dict)
    desk: dict[str, Any] = field(default_factory=dict)
    phone: PhoneWords | None = None
    """None: no calls in this language."""
    sms: SmsWords | None = None

    def label(self, step: str, choice: str) -> str:
        """What is written on a choice, as this step says it. Raises KeyError for a choice without a label."""
        if choice.startswith("card_"):
            return self.card(choice.removeprefix("card_")).title
        return self.choices.get(f"{step}.{choice}") or self.choices[choice]

    @property
    def keep_phrases(self) -> dict[str, str]:
        """The phrases that `screening.keep.how_long` puts a rule into words with."""
        return {key.removeprefix("kept."): text.text for key, text in self.texts.items() if key.startswith("kept.")}

    def card(self, card_id: str) -> Card:
        for card in self.cards:
            if card.id == card_id:
                return card
        raise KeyError(card_id)


def table_of(document: Document) -> dict[Any, Any]:
    """The file's data, with a fault where that is no table."""
    if not isinstance(document.data or {}, dict):
        document.faults.append(document.fault("is not a table of words", code="no_table"))
        return {}
    return document.data or {}


def read_texts(document: Document, content: Content, sensitive_words: SensitiveWords) -> None:
    """Take the wordings of a stage file into `content`, with a fault for each that does not fit the register."""
    for key, value in table_of(document).items():
        if key == "cards":
            _read_cards(document, content, sensitive_words)
            continue
        text = _text(value)
        if text is None:
            document.faults.append(
                document.fault("is neither a text nor a table of text, simpler and voice", key, code="no_text")
            )
        elif key not in WORDINGS:
            document.faults.append(document.fault("is not a wording that the journey knows", key, code="name_unknown"))
        else:
            content.texts[key] = text
            document.faults += _text_faults(document, key, text, sensitive_words)


def _text(value: Any) -> Text | None:
    if isinstance(value, str) and value.strip():
        return Text(paragraphs(value))
    if not isinstance(value, dict) or set(value) - {"text", "simpler", "voice"} or not value.get("text"):
        return None
    if not all(isinstance(part, str) for part in value.values()):
        return None
    return Text(*(paragraphs(str(value.get(part, ""))) for part in ("text", "simpler", "voice")))


def paragraphs(written: str) -> str:
    """A folded YAML text makes one line feed of a blank line: give the paragraphs their gap back."""
    text = written.strip()
    return text if "\n\n" in text else text.replace("\n", "\n\n")


def _text_faults(document: Document, key: str, text: Text, sensitive_words: SensitiveWords) -> list[Fault]:
    faults = []
    wording = WORDINGS[key]
    for part, words in (("text", text.text), ("simpler", text.simpler), ("voice", text.voice)):
        try:
            names = {name for _, name, _, _ in Formatter().parse(words) if name is not None}
        except ValueError as error:
            faults.append(document.fault(f"has a broken placeholder: {error}", key, part, code="place_broken"))
            continue
        if unknown := names - set(wording.params):
            said, listed = f"uses unknown placeholders {sorted(unknown)}", ", ".join(sorted(unknown))
            faults.append(document.fault(said, key, part, code="place_unknown", names=listed))
        if wording.content_class is ContentClass.NEUTRAL and (found := sensitive_words(words)):
            faults.append(_says_too_much(document, found, key, part))
    return faults


def _says_too_much(document: Document, found: Sequence[str], *path: str | int, what: str = "neutral") -> Fault:
    words = ", ".join(found)
    return document.fault(f"is {what} but says {words}", *path, code="sensitive", words=words)


def _read_cards(document: Document, content: Content, sensitive_words: SensitiveWords) -> None:
    """Titles are buttons too, which stand on the screen whether the gate is open or not: they are neutral."""
    cards = []
    entries = document.data["cards"] or []
    if not isinstance(entries, list):
        document.faults.append(document.fault("is no list of cards", "cards", code="list_type"))
        entries = []
    for index, entry in enumerate(entries):
        try:
            cards.append(Card.model_validate(entry))
        except ValueError:
            said = "is not a card (id, title, text, simpler, source)"
            document.faults.append(document.fault(said, "cards", index, code="no_card"))
    if len({card.id for card in cards}) != len(cards):
        document.faults.append(document.fault("two cards have the same id", "cards", code="same_id"))
    for index, card in enumerate(cards):
        if found := sensitive_words(card.title):
            document.faults.append(_says_too_much(document, found, "cards", index, "title", what="a button"))
    content.cards = tuple(cards)


def read_tables(document: Document) -> dict[str, dict[str, str]]:
    """Tables of words, with a fault for each that is empty or no text."""
    tables: dict[str, dict[str, str]] = {}
    for group, words in table_of(document).items():
        if not isinstance(words, dict):
            document.faults.append(document.fault("is not a table of words", group))
            continue
        tables[group] = {str(key): str(value) for key, value in words.items()}
        for key, value in words.items():
            if not isinstance(value, str) or not value.strip():
                document.faults.append(document.fault("has no words", group, key))
    return tables


def read_choices(document: Document, content: Content, sensitive_words: SensitiveWords) -> None:
    """Labels are on the screen whether the gate is open or not: all of them are neutral."""
    for key, label in table_of(document).items():
        if not isinstance(label, str) or not label.strip():
            document.faults.append(document.fault("has no label", str(key), code="no_text"))
        elif found := sensitive_words(label):
            document.faults.append(_says_too_much(document, found, str(key)))
        else:
            content.choices[str(key)] = label.strip()
