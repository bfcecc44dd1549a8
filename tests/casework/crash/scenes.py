"""What people do while something breaks. `done` is true if it is there once and whole, false if it is not at all."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from casework.accounts import LinkRefused
from casework.counting import ENOUGH, close_batch
from casework.handover import ContactNote, NotOpen
from casework.records import User
from casework.requests import HandoverStatus, read_answers, read_plan
from screening.events import (
    Answer,
    Ended,
    HandoverKind,
    HandoverRequested,
    Outcome,
    RunEnded,
    Stage,
    StageReached,
)
from tests.casework.crash.tally import Doubled, Lost
from tests.casework.crash.world import World

ANSWERS = ((1, Answer.YES), (2, Answer.NO), (3, Answer.DECLINED))
CHAT = HandoverRequested(HandoverKind.CHAT, urgent=False)


def one_of(now: object, before: object, after: object) -> bool:
    """Whether all of it happened. Raises Doubled if it is neither as it was nor as it should become."""
    if now == before:
        return False
    if now == after:
        return True
    raise Doubled(f"neither before nor after: {now}")


@dataclass
class Scene(ABC):
    """One act, on a subject of its own. `tag` is the programme, so that its counters are its own too."""

    world: World
    tag: str

    def prepare(self) -> None:
        self.id = self.world.begin(self.tag).id
        self.world.turn(self.id, b"1", key="k1", says=("first",))

    @abstractmethod
    def act(self) -> None:
        """Do it, or do it again: returning is the acknowledgement."""

    @abstractmethod
    def done(self) -> bool: ...

    def end(self) -> None:
        self.world.intake.end(self.id, Outcome.LEFT)


class Opening(Scene):
    def prepare(self) -> None:
        pass

    def act(self) -> None:
        self.world.begin(self.tag)

    def done(self) -> bool:
        """Whose answer was lost has no token: the first conversation stays silent and is swept away."""
        rows = self.world.conversations(self.tag)
        if self.world.figures(self.tag).get("started", 0) != len(rows) or len(rows) > 2:
            raise Doubled("conversations and their counter differ")
        return bool(rows)

    def end(self) -> None:
        for row in self.world.conversations(self.tag):
            self.world.intake.end(row.id, Outcome.LEFT)


class Turning(Scene):
    """A turn with everything in it."""

    def act(self) -> None:
        wish = HandoverRequested(HandoverKind.CONTACT, False, ANSWERS, self.world.plan())
        run = RunEnded("fov-vuxna", "2019", ANSWERS, completed=True)
        self.world.turn(self.id, b"2", StageReached(Stage.SUPPORT), run, wish, key="k2", says=("a", "b"))

    def now(self) -> object:
        turn = self.world.intake.begin(self.id)
        kept = [
            (row.status, read_plan(self.world.keys, row), getattr(read_answers(self.world.keys, row), "answers", None))
            for row in self.world.handovers(self.id)
        ]
        receipt = turn.receipt("k2")
        again = None if receipt is None else [m.body["text"] for m in receipt]
        return self.world.said(self.id), turn.state, turn.snapshot, kept, again, self.world.figures(self.tag)

    def done(self) -> bool:
        run = {f"fov-vuxna/2019:{item}:{answer}": 1 for item, answer in ANSWERS}
        counted = {"started": 1, "stage:support": 1, "handover:contact": 1, "fov-vuxna/2019:completed": 1} | run
        plan = [("waiting", self.world.plan(), ANSWERS)]
        return one_of(
            self.now(),
            (["first"], b"1", b"1", [], None, {"started": 1}),
            (["first", "a", "b"], b"2", b"2", plan, ["a", "b"], counted),
        )


class Replacing(Scene):
    """A new plan in place of the old: one key is made and one destroyed in the same turn."""

    def prepare(self) -> None:
        super().prepare()
        self.world.turn(self.id, b"1", HandoverRequested(HandoverKind.CONTACT, False, plan=self.world.plan()), key="k0")

    def act(self) -> None:
        event = HandoverRequested(HandoverKind.CONTACT, True, plan=self.world.plan())
        self.world.turn(self.id, b"2", event, key="k2", says=("a",))

    def done(self) -> bool:
        rows = sorted((r.status, r.urgent, read_plan(self.world.keys, r)) for r in self.world.handovers(self.id))
        plan = self.world.plan()
        return one_of(
            (rows, self.world.said(self.id)),
            ([("waiting", False, plan)], ["first"]),
            ([("cancelled", False, None), ("waiting", True, plan)], ["first", "a"]),
        )


class Finishing(Scene):
    """The last turn: the plan stays, the conversation is erased."""

    def act(self) -> None:
        wish = HandoverRequested(HandoverKind.CONTACT, False, plan=self.world.plan())
        self.world.turn(self.id, b"2", wish, Ended(Outcome.COMPLETED), key="k2", says=("a",))

    def done(self) -> bool:
        row = self.world.row(self.id)
        plans = [read_plan(self.world.keys, handover) for handover in self.world.handovers(self.id)]
        return one_of(
            (row.outcome, row.erased, self.world.said(self.id), plans, self.world.figures(self.tag)),
            (None, False, ["first"], [], {"started": 1}),
            ("completed", True, [], [self.world.plan()], {"started": 1, "handover:contact": 1, "outcome:completed": 1}),
        )


class Chatting(Scene):
    """With a waiting chat; `claimed` ones belong to Kim."""

    claimed = True

    def prepare(self) -> None:
        super().prepare()
        self.world.turn(self.id, b"1", CHAT, key="k0")
        (handover,) = self.world.handovers(self.id)
        self.handover_id = handover.id
        if self.claimed:
            self.world.desk.claim(self.handover_id, self.world.kim)

    def now(self) -> object:
        (row,) = self.world.handovers(self.id)
        return row.status, row.note, self.world.said(self.id), self.world.audited(self.handover_id)


class Claiming(Chatting):
    claimed = False

    def act(self) -> None:
        self.world.desk.claim(self.handover_id, self.world.kim)

    def done(self) -> bool:
        return one_of(
            self.now(),
            ("waiting", "", ["first"], []),
            ("claimed", "", ["first", "handover.claimed"], ["handover.claimed"]),
        )


class Writing(Chatting):
    def act(self) -> None:
        self.world.desk.write(self.handover_id, self.world.kim, "Hej", key="w1")

    def done(self) -> bool:
        said, audited = ["first", "handover.claimed"], ["handover.claimed"]
        return one_of(
            self.now(),
            ("claimed", "", said, audited),
            ("claimed", "", [*said, "Hej"], [*audited, "message.written"]),
        )


class HandingBack(Chatting):
    def act(self) -> None:
        try:
            self.world.desk.hand_back(self.handover_id, self.world.kim)
        except NotOpen as over:
            assert over.status is HandoverStatus.CLOSED

    def done(self) -> bool:
        said, audited = ["first", "handover.claimed"], ["handover.claimed"]
        return one_of(
            self.now(),
            ("claimed", "", said, audited),
            ("closed", "handed_back", [*said, "handover.returned"], [*audited, "handover.handed_back"]),
        )


class Leaving(Chatting):
    """The exit, with a chat and a plan."""

    claimed = False

    def prepare(self) -> None:
        super().prepare()
        self.world.turn(self.id, b"1", HandoverRequested(HandoverKind.CONTACT, False, plan=self.world.plan()), key="kp")

    def act(self) -> None:
        self.world.intake.end(self.id, Outcome.LEFT)

    def done(self) -> bool:
        row = self.world.row(self.id)
        rows = sorted((r.status, r.plan is None) for r in self.world.handovers(self.id))
        figures = self.world.figures(self.tag)
        left = (row.outcome, row.do_not_contact, row.token_hash == "", rows, figures.get("outcome:left", 0))
        if row.outcome is None and not row.do_not_contact and row.token_hash:
            return one_of(left[3:], ([("waiting", False), ("waiting", True)], 0), None)
        return one_of(left, None, ("left", True, True, [("left", True), ("left", True)], 1))


class Sweeping(Chatting):
    """Silence for an hour."""

    claimed = False

    def act(self) -> None:
        self.world.clock.pass_(hours=1)
        self.world.intake.expire(timedelta(minutes=30), self.world.clock())

    def done(self) -> bool:
        row = self.world.row(self.id)
        figures = self.world.figures(self.tag)
        rows = [(r.status, r.note) for r in self.world.handovers(self.id)]
        return one_of(
            (row.outcome, row.erased, rows, figures.get("outcome:interrupted", 0)),
            (None, False, [("waiting", "")], 0),
            ("interrupted", True, [("cancelled", "interrupted")], 1),
        )


class ClosingABatch(Scene):
    """What was counted becomes figures, or a sum that waits, under a new key."""

    def prepare(self) -> None:
        close_batch(self.world.records)
        for _ in range(ENOUGH):
            self.world.intake.end(self.world.begin(self.tag).id, Outcome.LATER)
        self.world.begin(f"{self.tag}b")

    def act(self) -> None:
        close_batch(self.world.records)

    def done(self) -> bool:
        counted = {"started": ENOUGH, "outcome:later": ENOUGH}
        if (self.world.figures(self.tag), self.world.figures(f"{self.tag}b")) != (counted, {"started": 1}):
            raise Lost("a figure is not what was counted")
        return one_of(self.world.readable(self.tag), {}, counted)

    def end(self) -> None:
        for row in self.world.conversations(f"{self.tag}b"):
            self.world.intake.end(row.id, Outcome.LEFT)


class ClaimedContact(Scene):
    """A request to be contacted that a caseworker has."""

    def prepare(self) -> None:
        super().prepare()
        self.world.turn(self.id, b"1", HandoverRequested(HandoverKind.CONTACT, False, plan=self.world.plan()), key="k0")
        (handover,) = self.world.handovers(self.id)
        self.handover_id = handover.id
        self.world.desk.claim(self.handover_id, self.world.kim)


class NotReaching(ClaimedContact):
    """A note that leaves the request as it is: only its key tells a repeat from a second try."""

    def act(self) -> None:
        self.world.desk.done(self.handover_id, self.world.kim, ContactNote.NOT_REACHED, key="n1")

    def done(self) -> bool:
        counted = self.world.figures(self.tag).get("contact:not_reached", 0)
        return one_of(
            (counted, self.world.audited(self.handover_id)),
            (0, ["handover.claimed"]),
            (1, ["handover.claimed", "contact.not_reached"]),
        )


class Contacting(ClaimedContact):
    def act(self) -> None:
        with suppress(NotOpen):
            self.world.desk.done(self.handover_id, self.world.kim, ContactNote.REACHED)

    def done(self) -> bool:
        (row,) = self.world.handovers(self.id)
        counted = self.world.figures(self.tag).get("contact:reached", 0)
        return one_of(
            (row.status, row.note, row.plan is None, counted, self.world.audited(self.handover_id)),
            ("claimed", "", False, 0, ["handover.claimed"]),
            ("closed", "reached", True, 1, ["handover.claimed", "contact.reached"]),
        )


class Joining(Scene):
    """A new caseworker's account."""

    def prepare(self) -> None:
        self.link = self.world.accounts.link()

    def act(self) -> None:
        with suppress(LinkRefused):
            self.world.accounts.redeem(self.link, self.tag, "en lång lösenfras")

    def done(self) -> bool:
        with self.world.records.reading() as session:
            users = session.scalars(select(User.id).where(User.name == self.tag)).all()
        audited = [what for user in users for what in self.world.audited(user)]
        open_ = self.world.accounts.link_is_open(self.link)
        return one_of((len(users), audited, open_), (0, [], True), (1, ["account.made"], False))

    def end(self) -> None:
        pass


SCENES = (
    Opening,
    Turning,
    Replacing,
    Finishing,
    Claiming,
    Writing,
    HandingBack,
    Contacting,
    NotReaching,
    ClosingABatch,
    Leaving,
    Sweeping,
    Joining,
)
