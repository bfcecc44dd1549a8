"""Everything that can happen next: one input at a state, and the state as it finds it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from safety.content import Channel
from screening.journey import code
from screening.journey.acts import Act
from screening.journey.state import NEEDS_GATE, HumanState, Journey, Step
from tests.promises.oracle import Oracle
from tests.promises.values import changed
from tests.promises.world import ALONE_IN_WORDS, NOON, NOT_ALONE_IN_WORDS, World

WORD = "blåbär"
RECORDS = {
    HumanState.NONE: (HumanState.NONE,),
    HumanState.WAITING: tuple(HumanState),
    HumanState.CLAIMED: (HumanState.CLAIMED, HumanState.NONE),
}
"""What the records can say by now, by what the journey knew last."""
WHEN_AWAY = (None, Act.CONTACT_ME, Act.NONE, Act.PRIVATE, Act.COVER, Act.EXIT)
"""What is tried when the caseworker is away: whatever else is done then goes the same way as when they are there."""


@dataclass(frozen=True)
class Move:
    """One input: an act (None: only a look at the screen), when, what the records say, and what is not in the state."""

    act: Act | None
    typed: str = ""
    human: HumanState = HumanState.NONE
    stale: str = ""
    """How the gate went stale before it: idle, old, clock, session, channel; empty: not at all, to the second."""
    missed: bool = False
    coded: bool = False
    away: bool = False
    """The caseworker who has the conversation is not there, and the person has just been told so."""
    back: bool = False
    """The person comes back with the code: another session, on another phone or the same."""

    def __str__(self) -> str:
        if self.back:
            return "(comes back with the code)"
        what = self.act.value if self.act else "(looks at the screen)"
        extra = [f"typed: {self.typed}" if self.typed else "", STALE.get(self.stale, "")]
        extra.append("" if self.human is HumanState.NONE else f"the records say: {self.human.value}")
        extra.append("the caseworker is away" if self.away else "")
        said = "; ".join(part for part in extra if part)
        return f"{what} ({said})" if said else what


STALE = {
    "idle": "after a silence longer than the limit",
    "old": "long after the confirmation",
    "clock": "the clock went backwards",
    "session": "in another session",
    "channel": "on another channel",
}


def moves(state: Journey, acts: Sequence[Act] = tuple(Act)) -> Iterator[Move]:
    """Everything that can happen next."""
    if state.ended:
        yield from (Move(act) for act in Act)
        return
    open_gate = bool(state.gate.blocks)
    for human in RECORDS[state.human]:
        yield Move(None, human=human)
        yield Move(None, human=human, back=True)
        if state.paused:
            continue
        if human is HumanState.CLAIMED:
            yield from (Move(act, human=human, away=True) for act in WHEN_AWAY)
        for act in acts:
            yield Move(act, human=human)
            if open_gate and state.step in NEEDS_GATE:
                yield Move(act, human=human, stale="idle")
        for act in (Act.PRIVATE, Act.YES):
            for typed in (ALONE_IN_WORDS, NOT_ALONE_IN_WORDS):
                yield Move(act, typed, human)
    if state.paused:
        yield from (Move(act) for act in Act)
        return
    yield Move(Act.NOT_UNDERSTOOD, missed=True, human=state.human)
    yield Move(Act.EXIT, "hur lämnar jag honom", human=state.human)
    if state.step in (Step.LATER, Step.NOT_PRIVATE):
        yield Move(Act.PAUSE, human=state.human, coded=True)
    if state.step is Step.COVER:
        yield Move(Act.TOLD, WORD, human=state.human, coded=True)
        yield Move(Act.TOLD, "hej", human=state.human, coded=True)
    if open_gate:
        for stale in ("idle", "old", "clock", "session", "channel"):
            for act in (None, Act.CONTINUE, Act.YES, Act.HELP_NOW, Act.EXPOSED, Act.AGAIN):
                yield Move(act, human=state.human, stale=stale)


def prepared(state: Journey, oracle: Oracle, move: Move, world: World) -> tuple[Journey, Oracle, datetime]:
    """The state as the move finds it, and when."""
    if move.missed:
        state = changed(state, misses=1)
    if move.coded:
        state = changed(state, code=code.fingerprint(code.folded(WORD), state.session))
    now = NOON
    if move.stale == "idle":
        now += world.rules.idle + timedelta(seconds=1)
    elif move.stale == "old":
        past = NOON - world.rules.longest - timedelta(seconds=1)
        state = changed(state, gate=changed(state.gate, said_at=past))
        oracle = changed(oracle, said_at=past)
    elif move.stale == "clock":
        now -= timedelta(seconds=1)
    elif move.stale == "session":
        state, oracle = changed(state, session="another"), oracle.came_back()
    elif move.stale == "channel":
        other = Channel.WEB if state.channel is Channel.VOICE else Channel.VOICE
        state, oracle = changed(state, channel=other), oracle.came_back()
    return state, oracle, now
