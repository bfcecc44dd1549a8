"""What an SMS means: a keyword, or free words through the safety signals. Whatever it says, the answer is neutral."""

from __future__ import annotations

import asyncio
import logging
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from bot.logs import place_of
from bot.phone.signature import Webhook
from bot.talk.acts import FindSignals
from bot.talk.hearing import MAX_CHARACTERS, TooLong, Unreadable, clean
from casework.contact.inbox import Inbox, Meaning, Sms
from screening.catalogue.phone_words import SmsWords
from screening.journey.phone_number import e164
from screening.journey.signal_rules import SignalRules

log = logging.getLogger("enrum.phone")
ANSWERS = {
    "call": "call_promised",
    "help": "help",
    "stop": "stopped",
    "no": "no",
    "language": "language",
    "code": "code",
}
NO_DISCLOSURE = frozenset({"wants_exit", "not_now", "overseen", "other_person"})
"""Signals that ask for silence rather than for a human."""


@dataclass(frozen=True)
class SmsDesk:
    """Takes what comes in. `on_request` gets the conversation that a human is to see."""

    inbox: Inbox
    words: SmsWords
    locale: str
    find_signals: FindSignals
    rules: SignalRules
    on_request: Callable[[str], None]

    async def take(self, webhook: Webhook) -> None:
        """Never raises: an SMS that could not be taken is not answered, and the carrier does not ask again."""
        sms = Sms(webhook["MessageSid"], e164(webhook["From"]) or "", self.locale)
        if not sms.name:
            return
        # The carrier has understood STOP by itself, has answered, and lets nothing more of ours through.
        stopped = webhook["OptOutType"] == "STOP"
        try:
            meant = Meaning("", stop=True) if stopped else self.meaning(webhook["Body"])
            requested = await asyncio.to_thread(self.inbox.take, sms, meant)
        except Exception as error:  # noqa: BLE001 - the text must not reach a log by way of an exception
            log.error(
                "an SMS was not taken", extra={"error": type(error).__name__, "place": place_of(error.__traceback__)}
            )
            return
        if requested is not None:
            self.on_request(requested)

    def meaning(self, body: str) -> Meaning:
        """What the words mean. A keyword counts only if it is the whole message."""
        try:
            text = clean(body[:MAX_CHARACTERS])
        except (TooLong, Unreadable):
            return Meaning("received")
        word = self._keyword(text)
        if word is not None:
            return Meaning(ANSWERS[word], call_me=word == "call", stop=word == "stop", take_back=word == "no")
        if text.isdecimal() or _looks_like_a_code(text):
            return Meaning("code")
        raised = self.rules.raised(one.signal for one in self.find_signals(text, self.locale))
        asks = any(rule.signal.value == "wants_human" for rule in raised)
        told = [rule for rule in raised if rule.signal.value not in NO_DISCLOSURE]
        someone_else = any(rule.signal.value == "other_person" for rule in raised)
        if not told:
            return Meaning("" if raised else "received", take_back=someone_else)
        urgent = any(rule.urgent for rule in told) or not asks
        signals = tuple(rule.signal.value for rule in told)
        return Meaning("received", signals=signals, urgent=urgent, take_back=someone_else)

    def _keyword(self, text: str) -> str | None:
        said = _folded(text)
        return next((name for name, words in self.words.keywords.items() if said in {*map(_folded, words)}), None)


def _looks_like_a_code(text: str) -> bool:
    """One word with digits in it."""
    return len(text) <= 40 and " " not in text and any(map(str.isdigit, text)) and any(map(str.isalpha, text))


def _folded(text: str) -> str:
    kept = [c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum() or c in " ?"]
    return " ".join("".join(kept).split())
