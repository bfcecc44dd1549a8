"""From a say to the words that the person reads or hears."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from safety.content import Channel, ContentClass
from safety.gate import Block
from screening.catalogue.load import Catalogue
from screening.catalogue.shown_name import shown_name
from screening.instrument import Instrument
from screening.journey.says import Say
from screening.keep import OF_THE_PERSON, Kept, how_long, rule_of


@dataclass(frozen=True)
class Worded:
    """One message in words. `title` is set for information cards."""

    text: str
    content_class: ContentClass
    part: str = ""
    title: str = ""
    block: Block = Block.GENERAL


@dataclass(frozen=True)
class Reader:
    """For whom a say is worded."""

    locale: str
    channel: Channel
    simpler: bool
    instrument: Instrument | None
    today: date
    region: str = ""
    keep: tuple[Kept, ...] = ()
    timezone: str = "Europe/Stockholm"


OF_A_CASEWORKER = frozenset({"name", "other"})
"""Params that hold a caseworker's name."""


def word(catalogue: Catalogue, say: Say, reader: Reader) -> Worded:
    """Raises KeyError for a say that the language does not have: `load` reports that as a fault."""
    content = catalogue.languages[reader.locale]
    kind, _, detail = say.key.partition(":")
    title = ""
    match kind:
        case "card":
            card = content.card(detail)
            title = card.title
            text = card.simpler if reader.simpler and card.simpler else card.text
            if reader.channel is Channel.VOICE and card.voice:
                text = card.voice
            text = text.strip()
        case "introduction":
            text = _instrument(reader).introduction
        case "item":
            text = _instrument(reader).item(int(detail)).text
        case "explanation":
            text = _instrument(reader).item(int(detail)).explanation
        case "lines":
            lines = catalogue.lines(reader.today, reader.region, short=detail == "short")
            text = "\n\n".join(line.text() for line in lines)
        case "kept":
            text = _kept(catalogue, reader)
        case _:
            text = _format(catalogue, say, reader)
    return Worded(text, say.content_class, say.part, title, say.block)


def _format(catalogue: Catalogue, say: Say, reader: Reader) -> str:
    content = catalogue.languages[reader.locale]
    values = {}
    for name, value in say.params:
        kind, _, key = value.partition(":")
        if kind == "choice":
            value = content.label(f"{say.key.split('.', 1)[0]}.{name}", key)
        elif kind == "say":
            value = content.texts[key].pick(reader.channel, simpler=reader.simpler)
        elif kind == "text":
            value = key
        elif kind == "hours":
            value = "; ".join(_hour(hour, reader) for hour in key.split(","))
        elif name in OF_A_CASEWORKER:
            value = shown_name(value, catalogue.is_neutral)
        values[name] = value
    return content.texts[say.key].pick(reader.channel, simpler=reader.simpler).format(**values)


def _kept(catalogue: Catalogue, reader: Reader) -> str:
    """One line for each kind of record that concerns the person."""
    texts = catalogue.languages[reader.locale].texts
    phrases = catalogue.languages[reader.locale].keep_phrases
    lines = [
        f"{texts[f'kept.what.{record}'].text}: {how_long(rule_of(reader.keep, record), phrases, reader.locale)}"
        for record in OF_THE_PERSON
    ]
    return "\n\n".join(line[:1].upper() + line[1:] for line in lines)


def _hour(written: str, reader: Reader) -> str:
    """A time by the hour as people say it: "23 november 10"."""
    local = datetime.fromisoformat(written).astimezone(ZoneInfo(reader.timezone))
    return str(format_datetime(local, "d MMMM 'kl.' HH", locale=reader.locale))


def _instrument(reader: Reader) -> Instrument:
    if reader.instrument is None:
        raise KeyError(f"no instrument in {reader.locale}")
    return reader.instrument
