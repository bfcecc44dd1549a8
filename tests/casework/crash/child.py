"""A process that takes conversations from beginning to end, says what it does on a pipe, and is killed."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from casework.handover import NotOpen
from screening.events import Counted, Ended, HandoverKind, HandoverRequested, Outcome
from tests.casework.crash.tally import Doubled
from tests.casework.crash.world import World

CHAT = HandoverRequested(HandoverKind.CHAT, urgent=False)


@dataclass
class Script:
    """One conversation, step by step. Each step can be repeated; `level` tells how many were done."""

    world: World
    tag: str

    def run(self, step: int) -> None:
        if step == 0:
            self.world.begin(self.tag)
            return
        (row,) = self.world.conversations(self.tag)
        contact = HandoverRequested(HandoverKind.CONTACT, False, plan=self.world.plan())
        match step:
            case 1:
                self.world.turn(row.id, b"1", Counted("one"), key="k1", says=("1",))
            case 2:
                self.world.turn(row.id, b"2", CHAT, key="k2", says=("2",))
            case 3:
                self.world.desk.claim(self._chat(row.id), self.world.kim)
            case 4:
                self.world.desk.write(self._chat(row.id), self.world.kim, "w", key="w1")
            case 5:
                with suppress(NotOpen):  # done before, and only the answer was lost
                    self.world.desk.hand_back(self._chat(row.id), self.world.kim)
            case 6:
                self.world.turn(row.id, b"6", contact, Counted("six"), key="k6", says=("6",))
            case 7:
                if self.leaves:
                    self.world.intake.end(row.id, Outcome.LEFT)
                else:
                    self.world.turn(row.id, b"7", Ended(Outcome.COMPLETED), key="k7", says=("7",))

    @property
    def leaves(self) -> bool:
        return self.tag.endswith("0")

    def level(self) -> int:
        """How many steps are there, whole and once. Raises Doubled if it is no whole number."""
        rows = self.world.conversations(self.tag)
        if not rows:
            return 0
        (row,) = rows
        figures = self.world.figures(self.tag)
        counted = tuple(figures.get(what, 0) for what in ("started", "one", "handover:chat", "six"))
        kinds = sorted((h.kind, h.status) for h in self.world.handovers(row.id))
        now = (self.world.said(row.id), kinds, counted, row.outcome)
        said = ["1", "2", "handover.claimed", "w", "handover.returned", "6"]
        closed, wanted = ("chat", "closed"), ("contact", "waiting")
        outcome = "left" if self.leaves else "completed"
        last = ("contact", "left") if self.leaves else wanted
        levels = {
            1: ([], [], (1, 0, 0, 0), None),
            2: (said[:1], [], (1, 1, 0, 0), None),
            3: (said[:2], [("chat", "waiting")], (1, 1, 1, 0), None),
            4: (said[:3], [("chat", "claimed")], (1, 1, 1, 0), None),
            5: (said[:4], [("chat", "claimed")], (1, 1, 1, 0), None),
            6: (said[:5], [closed], (1, 1, 1, 0), None),
            7: (said, [closed, wanted], (1, 1, 1, 1), None),
            8: ([], [closed, last], (1, 1, 1, 1), outcome),
        }
        for level, then in levels.items():
            if now == then and figures.get(f"outcome:{outcome}", 0) == (level == 8):
                return level
        raise Doubled(f"{self.tag}: {now}")

    def _chat(self, conversation_id: str) -> str:
        return next(row.id for row in self.world.handovers(conversation_id) if row.kind == "chat")


STEPS = 8


def live(url: str, room: Path, round_: int, pipe: Connection) -> None:
    """Until it is killed. Before a step it sends `(tag, step, False)`, when it was acknowledged `(tag, step, True)`."""
    world = World(url, room, name=f"Kim {round_}")
    for number in range(10_000):
        script = Script(world, f"r{round_}c{number}")
        for step in range(STEPS):
            pipe.send((script.tag, step, False))
            script.run(step)
            pipe.send((script.tag, step, True))
