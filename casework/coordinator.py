"""What a coordinator changes: contents, contacts and the agency's rules, each change checked as `enrum check` does.

Instruments, safety data, rules and the words of the desk itself are locked: they are not in the list, and a change to
them is refused whatever is sent.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from casework.audit import note
from casework.caseworker import Caseworker
from casework.edits import Edit, Edits, Meanwhile, mark
from casework.help_contacts import CONTACTS, Contact, contacts_in
from casework.records import Records
from casework.to_confirm import Unconfirmed, to_confirm
from safety.safe_contact import ZONE
from screening.catalogue.agency import Agency
from screening.catalogue.document import Document, Fault, Severity, Unreadable
from screening.catalogue.load import Catalogue, load
from screening.catalogue.support import CHECK_DAYS, LONG_AGO

CONTENT = re.compile(r"content/[a-z-]+/(?!desk)[a-z_]+\.yml")
AT_START = re.compile(r"content/[^/]+/(phone|sms|quick_replies)\.yml")
"""What the running program has taken in already: a change to it counts from the next start."""


class Locked(Exception):
    """Nobody changes this file in the desk, or there is none."""


class Refused(Exception):
    """The text has errors. `faults` names file, line and key of each."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("refused")
        self.faults = tuple(faults)


@dataclass(frozen=True)
class File:
    """One file in the list."""

    path: str
    name: str
    """What the file itself is about: the municipality or the agency. Empty for others."""
    changed: Edit | None
    """The newest change, if the file is not as it was shipped."""
    faults: tuple[Fault, ...]


@dataclass(frozen=True)
class Version:
    """One change in a file's history, with what it changed."""

    edit: Edit
    diff: str


Apply = Callable[[Catalogue], None]


class Coordinator:
    """`shipped` are the product's data files; `today` and `now` give the time."""

    def __init__(
        self, records: Records, edits: Edits, shipped: Mapping[str, str], agency: str, now: Callable[[], datetime]
    ) -> None:
        self._records = records
        self._edits = edits
        self._shipped = shipped
        self._agency = agency
        self._now = now
        self._remembered: tuple[object, tuple[Catalogue, list[Fault]]] | None = None

    def may_change(self, path: str) -> bool:
        known = path in self._shipped and (CONTENT.fullmatch(path) or CONTACTS.fullmatch(path))
        return bool(known) or path == self.agency_file

    @staticmethod
    def counts_from(path: str) -> str:
        """The word for when a change counts, where that is not at once: `start`, or `agency` for all but some."""
        if path.startswith("agencies/"):
            return "agency"
        return "start" if AT_START.fullmatch(path) else ""

    def files(self, by: Caseworker) -> list[File]:
        """Everything that can be changed, with what is wrong or has to be looked at."""
        self._seen(by, "contents.seen")
        changes = {edit.path: edit for edit in self._edits.all()}
        texts = self._texts()
        faults = [fault for fault in self._loaded(texts)[1] if fault.code != LONG_AGO]  # A list of its own, above.
        return [
            File(
                path,
                name_of(path, texts[path]),
                changes[path] if path in changes and changes[path].text is not None else None,
                tuple(fault for fault in faults if fault.file == path),
            )
            for path in sorted(self._shipped)
            if self.may_change(path)
        ]

    def contacts(self) -> list[Contact]:
        """Contacts that are out of date or will be soon, and those checked too long ago; the most pressing first."""
        texts, today, days = self._texts(), self._today, self.check_days
        found = [
            contact
            for path in sorted(texts)
            if CONTACTS.fullmatch(path)
            for contact in contacts_in(path, texts[path], today, days)
        ]
        wanted = [one for one in found if one.gone or one.soon or one.long_ago]
        return sorted(wanted, key=lambda one: one.order)

    @property
    def check_days(self) -> int:
        """After how many days a contact is to be checked again. The agency's file may be one that cannot be read."""
        agency = self._loaded(self._texts())[0].agencies.get(self._agency)
        return agency.contact_check_days if agency is not None else CHECK_DAYS

    def agency(self) -> Agency:
        """The agency as the files say now, changes that count from the next start too."""
        return self._loaded(self._texts())[0].agencies[self._agency]

    @property
    def agency_file(self) -> str:
        return f"agencies/{self._agency}.yml"

    def now(self) -> datetime:
        return self._now()

    def text(self, path: str, by: Caseworker) -> str:
        """The file as it is now. Raises Locked."""
        if not self.may_change(path):
            raise Locked(path)
        self._seen(by, "content.seen")
        return self._texts()[path]

    def versions(self, path: str) -> list[Version]:
        """The file's history, newest first."""
        before, versions = self._shipped.get(path, ""), list[Version]()
        for edit in self._edits.all():
            if edit.path == path:
                after = self._shipped[path] if edit.text is None else edit.text
                versions.append(Version(edit, _diff(before, after)))
                before = after
        return versions[::-1]

    def save(self, path: str, text: str, seen: str, by: Caseworker, confirmed: str | None = None) -> Catalogue:
        """Check and keep. Returns the catalogue with the change, to be used from now on.

        `seen` is the mark of the text that was edited, `confirmed` that of the text that was read once more; None where
        nobody can be asked. Raises Locked, Meanwhile, Refused, Unconfirmed: then nothing is changed.
        """
        return self._put(path, "\n".join(text.split("\r\n")).rstrip() + "\n", seen, by, confirmed)

    def revert(self, path: str, n: int, seen: str, by: Caseworker, confirmed: str | None = None) -> Catalogue:
        """Make the file as it was after change `n`, or as it was shipped (0). It is a change too. Raises as `save`."""
        texts = {edit.n: edit.text for edit in self._edits.all() if edit.path == path}
        if n and n not in texts:
            raise Locked(path)
        return self._put(path, texts.get(n), seen, by, confirmed)

    def _put(self, path: str, text: str | None, seen: str, by: Caseworker, confirmed: str | None = None) -> Catalogue:
        if not self.may_change(path):
            raise Locked(path)
        after, at, texts = self._edits.newest(), self._now(), self._texts()
        if mark(texts[path]) != seen:
            raise Meanwhile
        changed = texts | {path: self._shipped[path] if text is None else text}
        catalogue = self._checked(texts, changed, path)
        wanted = mark(changed[path])
        if confirmed is not None and confirmed != wanted:
            name = catalogue.agencies[self._agency].name
            if changes := to_confirm(path, texts[path], changed[path], name):
                raise Unconfirmed(changes, wanted)
        with self._records.session() as session:
            note(session, at, by.id, "content.changed", f"change:{after + 1}")
            file = self._edits.add(after, path, text, at, by.id, by.name)
            try:
                session.flush()
            except BaseException:
                file.unlink()
                raise
        return catalogue

    def _checked(self, before: Mapping[str, str], after: Mapping[str, str], path: str) -> Catalogue:
        """Errors that were there before, such as another contact that is out of date, stand in nobody's way."""
        old, old_faults = self._loaded(before)
        new, new_faults = load(after, self._today)
        known = {(fault.file, fault.item, fault.message) for fault in old_faults}
        errors = [
            fault
            for fault in new_faults
            if fault.severity is Severity.ERROR and (fault.file, fault.item, fault.message) not in known
        ]
        # What is not there because it could not be read is named above.
        errors = errors or _lost(path, old, new, self._agency)
        if errors:
            raise Refused(sorted(set(errors)))
        return new

    def _texts(self) -> dict[str, str]:
        return {**self._shipped, **self._edits.current()}

    def _loaded(self, texts: Mapping[str, str]) -> tuple[Catalogue, list[Fault]]:
        """What the files say as they are. It takes a moment, so the last answer is remembered: nobody changes it."""
        key = (dict(texts), self._today)
        if self._remembered is None or self._remembered[0] != key:
            self._remembered = key, load(texts, self._today)
        return self._remembered[1]

    def _seen(self, by: Caseworker, what: str) -> None:
        with self._records.session() as session:
            note(session, self._now(), by.id, what)

    @property
    def _today(self) -> date:
        return self._now().astimezone(ZONE).date()


def name_of(path: str, text: str) -> str:
    """What the file itself says that it is about, where it is one of many of its kind. Empty where it cannot be read."""
    if not path.startswith(("agencies/", "support/regions/")):
        return ""
    try:
        data = Document(path, text).data
    except Unreadable:
        return ""
    return str(data.get("name") or "") if isinstance(data, dict) else ""


def _lost(path: str, old: Catalogue, new: Catalogue, agency: str) -> list[Fault]:
    """What a conversation that goes on may stand on: it cannot be taken away while the program runs."""

    def lost(item: str, what: str, name: str, message: str) -> Fault:
        return Fault(path, 0, item, f"{name} {message}", code=f"lost_{what}", params=(("name", name),))

    found = [] if agency in new.agencies else [lost("id", "agency", agency, "must stay the id")]
    for locale, content in old.languages.items():
        there = {card.id for card in new.languages[locale].cards} if locale in new.languages else set()
        gone = [card.id for card in content.cards if card.id not in there]
        found += [lost("cards", "card", name, "is missing: somebody may be reading it") for name in gone]
    kept, wanted = old.agencies.get(agency), new.agencies.get(agency)
    if kept and wanted:
        gone = [one.id for one in kept.programmes if one.id not in {programme.id for programme in wanted.programmes}]
        found += [lost("programmes", "programme", name, "is missing: it has conversations") for name in gone]
        gone = [one.id for one in kept.offices if one.id not in {office.id for office in wanted.offices}]
        found += [lost("offices", "office", name, "is missing: it has conversations") for name in gone]
    return found


def _diff(before: str, after: str) -> str:
    return "\n".join(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=2))
