"""Rasa's way out: the NLG takes words from the catalogue, the output channel collects them. Nothing is sent from here."""

from __future__ import annotations

from typing import Any

from rasa.core.channels.channel import OutputChannel
from rasa.core.nlg.generator import NaturalLanguageGenerator
from rasa.shared.core.trackers import DialogueStateTracker

from safety.content import ContentClass
from safety.gate import Block
from screening.journey.says import Say


class CatalogueSpeech(NaturalLanguageGenerator):
    """Answers Rasa's question for words with the say itself: it is worded behind the outlet, for the channel it goes to."""

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> dict[str, Any] | None:
        say = kwargs.get("say")
        return None if say is None else {"custom": {"say": say}}


class Collected(OutputChannel):
    """Keeps what Rasa would have sent, as says."""

    def __init__(self) -> None:
        self.says: list[Say] = []

    @classmethod
    def name(cls) -> str:
        return "enrum"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        self.says.append(as_say(message["custom"]["say"]))


def as_say(told: dict[str, Any]) -> Say:
    """A say from its JSON form."""
    return Say(
        key=told["key"],
        content_class=ContentClass(told["content_class"]),
        params=tuple((str(name), str(value)) for name, value in told["params"]),
        part=told["part"],
        block=Block(told["block"]),
    )
