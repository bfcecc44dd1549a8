"""Instrument files: locked wording with a version, a source and a hash, or an honest `missing` (promise P4)."""

from __future__ import annotations

from hashlib import sha256
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from safety.gate import Block
from screening.catalogue.document import Document
from screening.instrument import Instrument, Item


class _ItemFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    number: int = Field(ge=1)
    text: str = Field(min_length=1)
    block: Block
    label: str | None
    explanation: str = Field(min_length=1)


class InstrumentFile(BaseModel):
    """An official text. `sha256` is over the introduction and the item texts, joined by line feeds, in UTF-8."""

    model_config = ConfigDict(extra="allow")

    id: str
    version: str
    title: str
    language: str
    status: Literal["official"]
    sha256: str
    introduction: str = Field(min_length=1)
    items: list[_ItemFile] = Field(min_length=1)
    answers: list[Literal["yes", "no"]]
    declined_allowed: Literal[True]
    no_score: Literal[True]

    def instrument(self) -> Instrument:
        items = tuple(Item(i.number, i.text, i.explanation.strip(), i.block) for i in self.items)
        return Instrument(self.id, self.version, self.language, self.title, self.introduction, items, self.sha256)


class MissingFile(BaseModel):
    """A version or language that exists but whose text is not ours to write."""

    model_config = ConfigDict(extra="allow")

    id: str
    version: str
    language: str
    status: Literal["missing"]
    why: str = Field(min_length=10)


def text_hash(introduction: str, items: list[str]) -> str:
    """The hash of the canonical text of an instrument."""
    return sha256("\n".join([introduction, *items]).encode()).hexdigest()


def read_instrument(document: Document) -> Instrument | None:
    """The instrument in this file; None when it is registered as missing, or has faults."""
    if isinstance(document.data, dict) and document.data.get("status") == "missing":
        document.read(MissingFile)
        return None
    found = document.read(InstrumentFile)
    if found is None:
        return None
    if [item.number for item in found.items] != list(range(1, len(found.items) + 1)):
        document.faults.append(document.fault("items are not numbered 1, 2, 3 …", "items"))
    actual = text_hash(found.introduction, [item.text for item in found.items])
    if actual != found.sha256:
        said = "the locked wording was changed: its hash is not the registered one"
        document.faults.append(document.fault(said, "sha256"))
        return None
    return found.instrument()
