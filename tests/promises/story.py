"""A conversation as a reader can follow it: who did what, and what was answered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from screening.journey import step
from screening.journey.stages.code import come_back
from screening.journey.stages.human import news_of_human
from screening.journey.state import Moved
from tests.promises.moves import Move, prepared
from tests.promises.oracle import Oracle
from tests.promises.world import NOON, World, take


@dataclass(frozen=True)
class Line:
    who: str
    said: str

    def __str__(self) -> str:
        return f"  {self.who:>10}: {self.said}"


def short(text: str, longest: int = 110) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= longest else f"{flat[: longest - 1]}…"


def printed(lines: Iterable[Line], why: str) -> str:
    """The story with what it breaks, for the message of a failing test."""
    return "\n".join([why, "The shortest conversation that shows it:", *map(str, lines)])


def told_lines(world: World, moves: Sequence[Move]) -> list[Line]:
    """Replay moves on the journey as it is, without folding anything."""
    state = world.begin().state
    lines = [
        Line("assistant", short(told.text))
        for told in world.outbound(world.begin().says, state, world.situation(None, NOON))
    ]
    for move in moves:
        state = replace(state, gate=replace(state.gate, seen_at=NOON, said_at=NOON)) if state.gate.blocks else state
        state, _, now = prepared(state, Oracle(), move, world)
        at = world.situation(move.act, now, move.human, move.typed, away=move.away)
        if move.back:
            back = come_back(state, at)
            state = back.state
            lines += [
                Line("assistant", f"[{told.cls}] {short(told.text)}") for told in world.outbound(back.says, state, at)
            ]
        if move.away and (news := news_of_human(step.look(state, at).state, at)):
            state = news.state
            lines += [Line("desk", short(told.text)) for told in world.outbound(news.says, state, at)]
        moved: Moved = step.look(state, at) if move.act is None else take(world, state, move.act, at)
        state = moved.state
        lines.append(Line("person", str(move)))
        lines += [
            Line("assistant", f"[{told.cls}] {short(told.text)}")
            for told in world.outbound(moved.says, state, at, strict=False)
        ]
    return lines
