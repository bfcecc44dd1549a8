"""Random conversations: what people, caseworkers and machines do, weighted; and a bad one made as short as it can be."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import cache
from random import Random

import yaml

from bot.composition import House
from bot.settings import PROJECT
from casework.caseworker import Caseworker
from screening.journey.acts import Act
from tests.conftest import Clock
from tests.promises import wording
from tests.promises.oracle import Breach
from tests.promises.story import Line
from tests.promises.talk import Input, Start, Talk

KINDS = {
    "offered": 66,
    "forward": 14,
    "text": 10,
    "not_offered": 4,
    "wait": 6,
    "desk": 5,
    "look": 2,
    "retry": 2,
    "old": 2,
    "fail": 2,
    "leave": 0.4,
    "sweep": 0.6,
}
FORWARD = ("private", "continue", "yes", "skip", "no", "decline")
AWKWARD = (
    "a" * 10_000,
    "\u202ednekkär\u202c nån är här",
    "j\u200ba\u200b e\u200bnsam",
    "ja\u0430 ensam",  # a Cyrillic a
    "JA!!!! " * 200,
    "((((((((((" * 150,
    "a a a a a a a a a a a a a a a a a a a a b",
    "😀" * 300,
    "yes oui sí نعم haa ئەرێ да так po tak kyllä",
    "/restart",
    "{agency} %s {0.__class__}",
    "<script>alert(1)</script>",
    "' or 1=1 --",
    "\u0000\u0007",
    "0701740605",
    "blåbär",
    "ja men han är här",
    "ja ja ja ja ja ja ja ja ja ja ja ja ja",
    "nej jag är inte ensam",
)
WAITS = ("1", "4", "5", "6", "12", "21", "31")


@cache
def sentences() -> tuple[str, ...]:
    """Words that people write: training data, safety sentences, what closes and ends, and what is awkward."""
    found: set[str] = set()
    for path in sorted((PROJECT / "data/nlu").glob("*.yml")):
        for entry in yaml.safe_load(path.read_text("utf-8"))["nlu"]:
            found |= {line.removeprefix("- ").strip() for line in (entry.get("examples") or "").splitlines()}
    for path in sorted((PROJECT / "tests/safety/sentences").glob("*.tsv")):
        found |= {line.split("\t")[-1].strip() for line in path.read_text("utf-8").splitlines()}
    return tuple(sorted(re.sub(r"\[(.*?)\]\(.*?\)", r"\1", text) for text in found if text))


def starts(house: House, random: Random) -> Start:
    agency = random.choice(sorted(house.catalogue.agencies))
    if random.random() < 0.5:
        agency = "arbetsformedlingen"
    programmes = house.catalogue.agencies[agency].programmes
    channel = random.choices(("web", "voice", "sms"), (80, 12, 8))[0]
    at = datetime.fromisoformat("2026-11-23T06:00:00+00:00") + timedelta(minutes=random.randrange(5 * 24 * 60))
    return Start(agency, random.choice(programmes).id, channel, at)


def next_input(talk: Talk, random: Random) -> Input:
    """What happens next, from what is on the screen."""
    kind = random.choices(list(KINDS), list(KINDS.values()))[0]
    offered = sorted(talk.offered)
    match kind:
        case "offered" if offered:
            quick = [c for c in offered if c not in ("exit", "finish", "later", "cover", "human", "help_now")]
            some = quick if quick and random.random() < 0.85 else offered
            return Input("choice", random.choice(some))
        case "forward" if offered:
            return Input("choice", next((c for c in FORWARD if c in offered), offered[0]))
        case "text":
            special = (*wording.SOMEBODY_IS_THERE, *wording.SOMEBODY_ELSE_WRITES, *AWKWARD)
            return Input("text", random.choice(special if random.random() < 0.2 else sentences()))
        case "not_offered":
            return Input("choice", random.choice([act.value for act in Act]))
        case "wait":
            return Input("wait", random.choice(WAITS))
        case "desk":
            return Input(random.choices(("claim", "write", "back", "end"), (4, 3, 2, 1))[0])
        case "old" if offered:
            return Input("old", random.choice(offered))
        case "fail":
            return Input("fail", random.choice(("action", "commit")))
        case "leave" | "sweep" | "retry":
            return Input(kind)
    return Input("look")


class Failed(AssertionError):
    """A breach, with the conversation that shows it."""

    def __init__(self, breach: Breach, start: Start, inputs: list[Input], story: list[Line]) -> None:
        super().__init__(str(breach))
        self.breach, self.start, self.inputs, self.story = breach, start, inputs, story


Playing = Callable[[Start], Talk]


async def converse(talk: Talk, random: Random, longest: int = 70) -> None:
    """One random conversation. Raises Failed."""
    inputs: list[Input] = []
    try:
        await talk.begin()
        while not talk.oracle.ended and len(inputs) < longest:
            inputs.append(next_input(talk, random))
            await talk.do(inputs[-1])
        if talk.oracle.ended and random.random() < 0.5:
            inputs.append(Input("choice", random.choice(["yes", "private", "again"])))
            await talk.do(inputs[-1])
        await talk.finish()
    except Breach as breach:
        raise Failed(breach, talk.start, inputs, talk.story) from None


async def play(talk: Talk, inputs: list[Input]) -> Breach | None:
    """The same conversation again."""
    try:
        await talk.begin()
        for what in inputs:
            await talk.do(what)
        await talk.finish()
    except Breach as breach:
        return breach
    return None


async def shortened(failed: Failed, playing: Playing, tries: int = 150) -> Failed:
    """Drop inputs while the same promise is still broken."""
    inputs, found = list(failed.inputs), failed
    size = max(1, len(inputs) // 2)
    while size and tries:
        position = 0
        while position < len(inputs) and tries:
            tries -= 1
            fewer = inputs[:position] + inputs[position + size :]
            talk = playing(failed.start)
            breach = await play(talk, fewer)
            if breach is not None and breach.promise == failed.breach.promise:
                inputs = fewer
                found = Failed(breach, failed.start, inputs, talk.story)
            else:
                position += size
        size //= 2
    return found


async def walk(
    house: House,
    clock: Clock,
    user: Caseworker,
    seed: int,
    turns: int,
    on_failure: Callable[[], Awaitable[None]] | None = None,
) -> tuple[int, int]:
    """Random conversations until so many turns are taken. Returns (turns, conversations). Raises Failed, shortened."""
    random, taken, held = Random(seed), 0, 0
    while taken < turns:
        talk = Talk(house, clock, user, starts(house, random))
        try:
            await converse(talk, random)
        except Failed as failed:
            raise await shortened(failed, lambda start: Talk(house, clock, user, start)) from None
        taken, held = taken + talk.turns_taken, held + 1
    return taken, held
