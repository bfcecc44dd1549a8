"""The outlet: the only place from which words go to a channel (promise P2).

It words each say, asks `safety.outlet` about the final text, and holds back what may not go out. What is held back is
counted by reason and replaced by one neutral line; its text goes nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from bot.talk.reply import Message
from casework.messages import OutMessage, StoredMessage
from safety.content import ContentClass, Sender
from safety.gate import Block
from safety.outlet import Refused, Setting, verdict
from screening.catalogue.load import Catalogue
from screening.catalogue.word import Reader, Worded, word
from screening.journey.says import WORDINGS, Say, lines, say

COVER = say("cover.line")
UNKEPT = "now-"
"""How the id of a message begins that is shown but not written down; the number of the last one that is follows."""


@dataclass
class Passed:
    """What may go out, and why the rest may not."""

    messages: list[OutMessage] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


class Outlet:
    """Words and checks messages for one reader in one setting."""

    def __init__(self, catalogue: Catalogue, reader: Reader, setting: Setting) -> None:
        self._catalogue = catalogue
        self._reader = reader
        self._setting = setting

    def pass_says(self, says: Iterable[Say]) -> Passed:
        """Word these, and keep those that may go out. At most one neutral line stands for all that may not."""
        passed = Passed()
        for one in says:
            worded = word(self._catalogue, one, self._reader)
            refused = self._verdict(worded)
            if refused is None:
                passed.messages.append(_out(worded))
                continue
            passed.refused.append(refused)
            if len(passed.refused) == 1 and refused is not Refused.LEFT:
                cover = word(self._catalogue, COVER, self._reader)
                if self._verdict(cover) is None:
                    passed.messages.append(_out(cover))
        return passed

    def show(self, stored: Iterable[StoredMessage]) -> tuple[list[Message], list[Refused]]:
        """Messages that were kept, as they may be shown now: time may have closed the gate since they were written."""
        shown, refused = [], []
        for one in stored:
            worded = self._kept(one)
            why = self._verdict(worded, from_human=one.sender is not Sender.ASSISTANT)
            if why is None:
                said = (worded.text, one.cls, one.sender, worded.part, worded.title, worded.block)
                shown.append(Message(one.id, *said, seq=one.seq))
            else:
                refused.append(why)
        return shown, refused

    def unkept(self, says: Iterable[Say], after: int) -> tuple[Message, ...]:
        """Says that are shown but not written down, after the message with the number `after`."""
        return tuple(
            Message(f"{UNKEPT}{after}-{n}", one.body["text"], one.cls, one.sender, one.body["part"], one.body["title"])
            for n, one in enumerate(self.pass_says(says).messages, start=1)
        )

    def short_list(self) -> tuple[str, ...]:
        """The short help list, a line each, for a page that loses the server (P12); empty unless it may be shown now."""
        worded = word(self._catalogue, lines(short=True), self._reader)
        if self._verdict(worded) is not None:
            return ()
        return tuple(contact.split("\n", 1)[0] for contact in worded.text.split("\n\n"))

    def _kept(self, one: StoredMessage) -> Worded:
        body: dict[str, Any] = one.body
        if "say" in body:
            # A line that the desk put in ("… is here now"): worded here, in the person's language.
            wanted = WORDINGS[body["say"]].params
            params = {name: value for name, value in body.get("params", {}).items() if name in wanted}
            return word(self._catalogue, say(body["say"], **params), self._reader)
        block = Block(body.get("block", Block.GENERAL.value))
        return Worded(body["text"], one.cls, body.get("part", ""), body.get("title", ""), block)

    def _verdict(self, worded: Worded, *, from_human: bool = False) -> Refused | None:
        checked = f"{worded.title}\n{worded.text}" if worded.title else worded.text
        return verdict(
            checked,
            worded.content_class,
            self._setting,
            self._catalogue.sensitive_words,
            block=worded.block,
            from_human=from_human,
        )


def fixed(catalogue: Catalogue, key: str, locale: str) -> str:
    """A fixed sentence for when there is no turn to say it in. Raises ValueError for one that is not neutral."""
    text = catalogue.languages[locale].texts[key].text
    if WORDINGS[key].content_class is not ContentClass.NEUTRAL or catalogue.sensitive_words(text):
        raise ValueError(f"{key} is not neutral")
    return text


def _out(worded: Worded) -> OutMessage:
    body = {"text": worded.text, "part": worded.part, "title": worded.title, "block": worded.block.value}
    return OutMessage(Sender.ASSISTANT, worded.content_class, body)


def from_person(text: str, noticed: Iterable[str] = ()) -> OutMessage:
    """What the person wrote to a human. Sensitive, whatever it says. `noticed`: signals that the human is told of beside it."""
    body = {"text": text, "part": "", "title": "", "noticed": sorted(noticed)}
    return OutMessage(Sender.PERSON, ContentClass.SENSITIVE, body)


def line_to_desk(key: str, params: Iterable[tuple[str, str]] = ()) -> OutMessage:
    """A neutral line of the program itself, for both sides: each reads it in words of its own."""
    return OutMessage(Sender.ASSISTANT, ContentClass.NEUTRAL, {"say": key, "params": dict(params)})
