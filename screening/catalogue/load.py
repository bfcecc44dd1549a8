"""The one loader: the text of every data file in, a catalogue and its faults out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from itertools import chain
from typing import Any

from safety.neutral_wording import Lexicon, Lexicons
from screening.catalogue.agency import Agency
from screening.catalogue.checklists import Checklist, read_checklist, unknown_lines
from screening.catalogue.content import Content, Language, read_choices, read_tables, read_texts, table_of
from screening.catalogue.desk_words import desk_faults
from screening.catalogue.document import Document, Fault, Severity, Unreadable
from screening.catalogue.instruments import read_instrument
from screening.catalogue.line_numbers import can_be_rung
from screening.catalogue.phone_words import read_phone_words, read_sms_words
from screening.catalogue.prices import Prices
from screening.catalogue.promises import read_promises
from screening.catalogue.quick_replies import read_quick_replies
from screening.catalogue.signal_acts import SignalActs
from screening.catalogue.support import CHECK_DAYS, LONG_AGO, Line, National, Region
from screening.instrument import Instrument
from screening.journey.acts import EVERYWHERE
from screening.journey.prompt import SIMPLE
from screening.journey.says import WORDINGS
from screening.journey.signal_rules import SignalRules
from screening.keep import how_long

MOST_REMEMBERED = 4096


@dataclass
class Catalogue:
    """Everything that a non-programmer may change, as values."""

    agencies: dict[str, Agency] = field(default_factory=dict)
    instruments: dict[tuple[str, str, str], Instrument] = field(default_factory=dict)
    """By id, version and language."""
    languages: dict[str, Content] = field(default_factory=dict)
    desk: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Words of the desk by language. The desk can speak a language that the journey does not."""
    desk_admin: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    """Words of the desk's pages for accounts and contents, by language."""
    checklists: dict[str, Checklist] = field(default_factory=dict)
    lexicons: dict[str, Lexicon] = field(default_factory=dict)
    signal_rules: SignalRules = field(default_factory=SignalRules)
    national: tuple[Line, ...] = ()
    regions: dict[str, Region] = field(default_factory=dict)
    """By municipality code."""
    prices: Prices | None = None
    """What the carrier charges."""
    _all: tuple[int, Lexicons] | None = None
    """The lexicons together, made when first asked, with how many they were."""

    _found: dict[bytes, tuple[str, ...]] = field(default_factory=dict, repr=False, compare=False)

    def sensitive_words(self, text: str) -> list[str]:
        """Words that a neutral message must not hold, in any language: a reader may know more than one.

        The same texts are asked about again and again, so what was found is remembered, by the text's hash alone.
        """
        known = sha256(text.encode("utf-8", "surrogatepass")).digest()
        found = self._found.get(known)
        if found is None:
            if self._all is None or self._all[0] != len(self.lexicons):
                self._all = len(self.lexicons), Lexicons(self.lexicons.values())
            found = tuple(self._all[1].sensitive_words(text))
            if len(self._found) >= MOST_REMEMBERED:
                self._found.clear()
            self._found[known] = found
        return list(found)

    def is_neutral(self, text: str) -> bool:
        """Whether anybody may read or hear it."""
        return not self.sensitive_words(text)

    def instrument_for(self, agency: Agency, locale: str) -> Instrument | None:
        """The agency's instrument in this language, or None where there is no official text."""
        if agency.instrument is None:
            return None
        name, _, version = agency.instrument.partition("/")
        return self.instruments.get((name, version, locale))

    def lines(self, day: date, region: str = "", *, short: bool = False) -> tuple[Line, ...]:
        """The contacts that may be shown on this day: the same for everybody in the same place (P5)."""
        local = self.regions[region].lines if region in self.regions and not short else ()
        return tuple(line for line in (*self.national, *local) if line.shown_on(day) and (line.always or not short))

    def line_text(self, line_id: str, day: date) -> str:
        """Name and number of a national contact, on one line; empty where it is not to be shown on this day."""
        line = next((line for line in self.national if line.id == line_id and line.shown_on(day)), None)
        if line is None:
            return ""
        return f"{line.name}: {line.number}" if line.number else line.name


def load(files: Mapping[str, str], today: date) -> tuple[Catalogue, list[Fault]]:
    """Read every file (path below `data/` to its text). `today` decides which contacts are out of date.

    Never raises for bad data: what is wrong is in the faults, sorted by file and line.
    """
    catalogue, faults = Catalogue(), []
    documents: dict[str, Document] = {}
    for path, text in sorted(files.items()):
        if not path.endswith(".yml") or path.startswith(("nlu/", "rules/")):
            continue
        try:
            documents[path] = Document(path, text)
        except Unreadable as unreadable:
            faults.append(unreadable.args[0])
    for path, document in documents.items():
        if path.startswith("safety/lexicon/"):
            _lexicon(catalogue, document, path)
    for path, document in documents.items():
        _take(catalogue, document, path, today)
    for locale in catalogue.languages:
        faults += _whole(catalogue, documents, locale)
    if "safety/signal_acts.yml" not in documents:
        faults.append(Fault("safety/signal_acts.yml", 0, "rows", "is missing: no signal would do anything"))
    if "carrier/prices.yml" not in documents:
        faults.append(Fault("carrier/prices.yml", 0, "prices", "is missing: write `missing` where no price is known"))
    faults += _references(catalogue, documents)
    faults += unknown_lines(catalogue.checklists, {line.id for line in catalogue.national})
    faults += desk_faults(catalogue.desk)
    faults += desk_faults(catalogue.desk_admin, "desk_admin.yml")
    faults += _keep_in_words(catalogue, documents)
    own = tuple(str(one.secrecy.get("never_promise", "")) for one in catalogue.agencies.values())
    faults += read_promises(documents, own)
    faults += chain.from_iterable(document.faults for document in documents.values())
    return catalogue, sorted(set(faults))


def _lexicon(catalogue: Catalogue, document: Document, path: str) -> None:
    try:
        catalogue.lexicons[path.rsplit("/", 1)[-1].removesuffix(".yml")] = Lexicon.load(document.data)
    except (ValueError, TypeError, AttributeError) as error:
        document.faults.append(document.fault(f"is no lexicon: {error}"))


def _take(catalogue: Catalogue, document: Document, path: str, today: date) -> None:
    room, _, rest = path.partition("/")
    if path == "safety/signal_acts.yml":
        table = document.read(SignalActs)
        if table is not None:
            catalogue.signal_rules = table.rules()
            document.faults += [document.fault(fault) for fault in catalogue.signal_rules.faults()]
    elif room == "agencies":
        agency = document.read(Agency)
        if agency is not None and agency.id != rest.removesuffix(".yml"):
            document.faults.append(document.fault("must be the name of the file", "id", code="file_name"))
        elif agency is not None:
            catalogue.agencies[agency.id] = agency
    elif room == "instruments" and not rest.endswith("languages.yml"):
        instrument = read_instrument(document)
        if instrument is not None:
            catalogue.instruments[(instrument.id, instrument.version, instrument.language)] = instrument
    elif path == "support/national.yml":
        national = document.read(National)
        if national is not None:
            catalogue.national = national.lines
            _out_of_date(document, national.lines, today)
            _long_ago(catalogue, document, national.lines, today)
            _wrong_numbers(document, national.lines)
    elif path.startswith("support/regions/"):
        region = document.read(Region)
        if region is not None:
            catalogue.regions[region.municipality] = region
            _out_of_date(document, region.lines, today)
            _long_ago(catalogue, document, region.lines, today)
            _wrong_numbers(document, region.lines)
    elif path == "carrier/prices.yml":
        catalogue.prices = document.read(Prices)
    elif room == "checklists":
        checklist = read_checklist(document, path)
        if checklist is not None:
            catalogue.checklists[checklist.id] = checklist
    elif room == "content" and rest.endswith("/desk.yml"):
        catalogue.desk[rest.partition("/")[0]] = document.data if isinstance(document.data, dict) else {}
    elif room == "content" and rest.endswith("/desk_admin.yml"):
        _take_desk_admin(catalogue, document, rest.partition("/")[0])
    elif room == "content":
        _take_content(catalogue, document, rest)


def _take_desk_admin(catalogue: Catalogue, document: Document, locale: str) -> None:
    tables = read_tables(document)
    catalogue.desk_admin[locale] = tables
    for key, words in tables.get("out", {}).items():
        if found := catalogue.sensitive_words(words):
            document.faults.append(document.fault(f"is neutral but says {', '.join(found)}", "out", key))


def _take_content(catalogue: Catalogue, document: Document, rest: str) -> None:
    locale, _, name = rest.partition("/")
    content = catalogue.languages.setdefault(
        locale, Content(Language(locale=locale, name=locale, direction="ltr", status="draft", reviewed_by=None))
    )
    match name:
        case "language.yml":
            language = document.read(Language)
            if language is not None:
                content.language = language
                if language.status == "reviewed" and not language.reviewed_by:
                    said = "says reviewed but not by whom"
                    document.faults.append(document.fault(said, "reviewed_by", code="no_reviewer"))
        case "choices.yml":
            read_choices(document, content, catalogue.sensitive_words)
        case "page.yml":
            content.page = {str(key): str(value) for key, value in table_of(document).items()}
            for key, value in content.page.items():
                if found := catalogue.sensitive_words(value):
                    said, words = f"is neutral but says {', '.join(found)}", ", ".join(found)
                    document.faults.append(document.fault(said, key, code="sensitive", words=words))
        case "quick_replies.yml":
            content.quick_replies = read_quick_replies(document, catalogue.sensitive_words)
        case "phone.yml":
            content.phone = read_phone_words(document, catalogue.sensitive_words)
        case "sms.yml":
            content.sms = read_sms_words(document, catalogue.sensitive_words)
        case _:
            read_texts(document, content, catalogue.sensitive_words)


def _out_of_date(document: Document, lines: tuple[Line, ...], today: date) -> None:
    for index, line in enumerate(lines):
        if not line.shown_on(today):
            said = f"{line.id} was valid until {line.valid_until}: check it and renew the date"
            until = line.valid_until
            document.faults.append(document.fault(said, "lines", index, "valid_until", code="out_of_date", day=until))


def _long_ago(catalogue: Catalogue, document: Document, lines: tuple[Line, ...], today: date) -> None:
    """The list is every agency's: the one that asks soonest counts. (Agencies are read before the contacts.)"""
    days = min((agency.contact_check_days for agency in catalogue.agencies.values()), default=CHECK_DAYS)
    for index, line in enumerate(lines):
        if line.checked_long_ago(today, days):
            when = f"was last checked on {line.verified_on}" if line.verified_on else "has never been checked"
            said = f"{line.id} {when}: a check is due every {days} days"
            place = ("lines", index, "verified_on")
            told = {"day": line.verified_on or "–", "days": days}
            document.faults.append(document.fault(said, *place, severity=Severity.WARNING, code=LONG_AGO, **told))


def _wrong_numbers(document: Document, lines: tuple[Line, ...]) -> None:
    for index, line in enumerate(lines):
        if line.number is not None and not can_be_rung(line.number):
            said = f"{line.number} is no number that can be rung in Sweden"
            document.faults.append(document.fault(said, "lines", index, "number", code="no_number"))


def _whole(catalogue: Catalogue, documents: Mapping[str, Document], locale: str) -> list[Fault]:
    """Every language has every wording, label and page word that the product uses."""
    content, home = catalogue.languages[locale], f"content/{locale}"
    faults = [
        Fault(f"{home}/{key.split('.', 1)[0]}.yml", 0, key, "is missing", code="missing")
        for key in WORDINGS
        if key not in content.texts
    ]
    steps = [(step.value, act.value) for step, acts in SIMPLE.items() for act in acts]
    for step, choice in [*steps, *(("", act.value) for act in EVERYWHERE)]:
        if not content.choices.get(f"{step}.{choice}") and not content.choices.get(choice):
            faults.append(Fault(f"{home}/choices.yml", 0, choice, "has no label", code="no_text"))
    if not content.cards:
        faults.append(Fault(f"{home}/information.yml", 0, "cards", "there are none", code="no_cards"))
    if content.language.status == "draft":
        faults.append(
            Fault(f"{home}/language.yml", 0, "status", "is a draft: nobody has reviewed it", Severity.WARNING, "draft")
        )
    return faults


def _references(catalogue: Catalogue, documents: Mapping[str, Document]) -> list[Fault]:
    known = {f"{name}/{version}" for name, version, _ in catalogue.instruments}
    faults = []
    for agency in catalogue.agencies.values():
        if agency.instrument is not None and agency.instrument not in known:
            document, said = (
                documents[f"agencies/{agency.id}.yml"],
                f"{agency.instrument} is not an instrument that is here",
            )
            faults.append(document.fault(said, "instrument", code="instrument_unknown", name=agency.instrument))
    return faults


def _keep_in_words(catalogue: Catalogue, documents: Mapping[str, Document]) -> list[Fault]:
    """The words of a table of what is kept say what its rules do."""
    faults = []
    for agency in catalogue.agencies.values():
        document, content = documents[f"agencies/{agency.id}.yml"], catalogue.languages.get(agency.language)
        for index, kept in enumerate(agency.keep):
            try:
                said = how_long(kept, content.keep_phrases if content else {}, agency.language)
            except KeyError:
                continue  # a wording is missing, which is a fault of its own
            if said != kept.how_long:
                message = f"the rule says: {said}"
                faults.append(document.fault(message, "keep", index, "how_long", code="keep_words", words=said))
    return faults
