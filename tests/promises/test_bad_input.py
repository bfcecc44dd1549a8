"""What comes in wrong at a privacy question, through the whole stack: bounded, calm, and never a reason to open the gate."""

from __future__ import annotations

import asyncio

import pytest

from bot.talk.hearing import Heard
from bot.talk.reply import NotTaken, Refusal
from safety.alone import clearly_alone
from safety.content import Channel
from tests.promises import wording
from tests.promises.conftest import Stage
from tests.promises.conversations import AWKWARD

ZERO_WIDTH, RIGHT_TO_LEFT, SOFT_HYPHEN = "\u200b", "\u202e", "\u00ad"
GENEROUS = 20.0
"""Seconds. Nothing here takes a hundredth of it on an idle machine; a catastrophic pattern takes hours."""

INPUTS = {
    "ten thousand characters": "jag är ensam " * 800,
    "just within the limit": "ja " * 533,
    "zero width between the letters of no": f"n{ZERO_WIDTH}e{ZERO_WIDTH}j",
    "right to left override": f"ja {RIGHT_TO_LEFT}räh rä nah{RIGHT_TO_LEFT}",
    "soft hyphens": f"han{SOFT_HYPHEN} är{SOFT_HYPHEN} här",
    "only invisible": ZERO_WIDTH * 500 + RIGHT_TO_LEFT,
    "Cyrillic a in ja": "j\u0430",
    "Greek omicron": "j\u03bf jag är ensam",
    "full width": "ｊａ men han är här",
    "ten languages": "ja yes كلا haa نه ئەرێ да так kyllä tak po jo, någon är här",
    "a bomb of brackets": "(" * 1500,
    "a bomb of repeats": "a" * 1500 + "!",
    "a bomb of words": "inte ensam " * 140,
    "a bomb of spaced letters": "v å l d " * 190,
    "a bomb of digits": "0 2 0 - 5 0 " * 130,
    "combining marks": "j" + "\u0301" * 700 + "a" + "\u0308" * 700,
    "emoji": "😀👍🏽" * 200,
    "surrogates": "ja \ud83d",
    "a format string": "{agency} %s {0.__class__}",
    "a command": '/private{"a": 1}',
    "a lone slash command": "/private",
    "yes, but": "ja men han är här",
    "another can see": "ja annan kan se skärmen",
    "can hear": "ja kan höra mig",
    "a question": "är jag ensam?",
} | {f"awkward {n}": text for n, text in enumerate(AWKWARD)}


@pytest.mark.parametrize("channel", [Channel.WEB, Channel.VOICE])
@pytest.mark.parametrize("name", INPUTS)
async def test_it_never_opens_the_gate(stage: Stage, name: str, channel: Channel) -> None:
    turns = stage.house.turns
    begun = await turns.open("arbetsformedlingen", "jobb-och-utvecklingsgarantin", channel, "sv")
    await turns.take(begun.id, Heard(choice="continue"))
    try:
        reply = await asyncio.wait_for(turns.take(begun.id, Heard(text=INPUTS[name])), GENEROUS)
    except NotTaken as not_taken:
        assert not_taken.refusal in (Refusal.TOO_LONG, Refusal.UNREADABLE)
        reply = await turns.look(begun.id)
    plain = wording.plainly_alone(INPUTS[name])
    assert reply.gate == "closed" or plain
    assert plain or {message.content_class.value for message in reply.messages} <= {"neutral"}
    if not reply.ended:
        assert (await turns.look(begun.id)).gate == reply.gate


@pytest.mark.parametrize(
    "words",
    [
        "ja annan kan se skärmen",
        "ja kan höra",
        "annan är här ja",
        "ingen annan är här men annan kan se",
        "är jag ensam?",
    ],
)
def test_words_of_the_list_in_another_order_say_something_else(words: str) -> None:
    assert not clearly_alone(words, "sv")


@pytest.mark.parametrize(
    "words", ["ja", "ingen annan kan se skärmen", "ja, jag är ensam", "ingen kan höra", "själv här"]
)
def test_plain_words_still_open(words: str) -> None:
    assert clearly_alone(words, "sv")
