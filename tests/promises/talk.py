"""One conversation on the loaded agent, with real records and the oracle beside it. Raises Breach at the first bad message.

A list of inputs is the whole conversation: played again it does the same, so that it can be made shorter.
"""

from __future__ import annotations

from collections import Counter as Tally
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import select

from bot.composition import House
from bot.talk.hearing import Heard
from bot.talk.opening import Begun
from bot.talk.reply import NotTaken, Refusal, Reply
from bot.talk.turns import Turns
from casework.caseworker import Caseworker
from casework.encounter import current
from casework.records import Conversation, Handover
from casework.refusals import AlreadyClaimed, NotOpen, UnknownHandover
from casework.requests import read_answers
from safety.content import Channel, Sender
from screening.events import HandoverKind
from tests.conftest import MONDAY_MORNING, Clock
from tests.figures import figures_of
from tests.promises import wording
from tests.promises.oracle import Breach, Limits, Oracle, Screen, Told
from tests.promises.story import Line, short


@dataclass(frozen=True)
class Input:
    """`choice`, `text`, `wait` (minutes), `look`, `claim`, `write`, `back`, `end`, `leave`, `retry`, `old`, `fail`, `sweep`."""

    kind: str
    value: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {short(self.value, 60)}".strip()


@dataclass(frozen=True)
class Start:
    """Who begins, where and when."""

    agency: str = "arbetsformedlingen"
    programme: str = "jobb-och-utvecklingsgarantin"
    channel: str = "web"
    at: datetime = MONDAY_MORNING


TELLS_OF_HARM = frozenset({"exposed", "danger_now", "child_harm", "self_harm"})


class PlantedFailure(RuntimeError):
    """Something broke in the middle of a turn."""


class Spy:
    """The engine, telling which act it took. What the words were understood as is no decision of the gate."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine
        self.acted: str | None = None
        self.signals: tuple[str, ...] = ()
        self.breaks = False

    async def act(self, *args: Any) -> Any:
        says = await self._engine.act(*args)
        if self.breaks:
            from bot.engine.agent import TurnAborted

            raise TurnAborted("Planted")
        acted, self.signals = current().acted, current().situation.signals
        self.acted = acted.value if acted else None
        return says


class Talk:
    """A conversation in the making. `story` grows with it."""

    def __init__(self, house: House, clock: Clock, user: Caseworker, start: Start) -> None:
        shared = house.turns
        self.house, self.clock, self.user, self.start = house, clock, user, start
        self.spy = Spy(shared._engine)
        self.turns = Turns(self.spy, house.intake, shared._place, shared._find_signals)  # type: ignore[arg-type]
        agency = house.catalogue.agencies[start.agency]
        mode = agency.programme(start.programme).mode
        items = 7 if agency.instrument else 0
        idle, longest = (timedelta(minutes=m) for m in (agency.gate.idle_minutes, agency.gate.longest_minutes))
        limits = Limits(idle, longest, items, mode != "information_only" and items > 0)
        self.session = timedelta(minutes=agency.gate.session_minutes)
        self.oracle = Oracle(channel=start.channel, limits=limits)
        self.offered: frozenset[str] = frozenset()
        self.old_id = ""
        self.last_id = ""
        self.begun: Begun
        self.story: list[Line] = []
        self.turns_taken = 0
        self._handovers: set[str] = set()
        self._taken: Heard | None = None
        """The last input that was taken, for a retry of it."""
        self._before: dict[str, int] = {}

    async def begin(self) -> None:
        # What an earlier conversation left open is not this one's.
        self.house.intake.expire(timedelta(0), self.start.at + timedelta(days=365))
        self.clock.at = self.start.at
        self._before = self.figures()
        self.begun = await self.turns.open(self.start.agency, self.start.programme, Channel(self.start.channel), "sv")
        self._hear_reply(self.begun.reply)

    async def do(self, what: Input) -> None:
        """Take one input. Raises Breach."""
        self.story.append(Line("desk" if what.kind in ("claim", "write", "back", "end") else "person", str(what)))
        match what.kind:
            case "wait":
                self.clock.pass_by(minutes=float(what.value))
            case "look":
                await self._look()
            case "claim" | "write" | "back" | "end":
                self._desk(what.kind)
                await self._look()
            case "leave":
                await self.turns.leave(self.begun.id)
                self.oracle = self.oracle.heard("exit", self.clock.at)
                await self._gone()
            case "sweep":
                self.house.intake.expire(self.session, self.clock.at)
                await self._look()
            case "fail":
                await self._fail(what)
            case "choice":
                await self._take(Heard(choice=what.value, key=self._new_key()), what)
            case "old":
                await self._take(Heard(choice=what.value, reply_to=self.old_id or None), what)
            case "retry":
                await self._retry()
            case "text":
                await self._take(Heard(text=what.value, key=self._new_key()), what)
            case _:
                raise ValueError(what.kind)

    async def finish(self) -> None:
        """Let silence end it, and hold the figures against what happened."""
        over = self.oracle.ended and "away" not in self.oracle.facts
        self.clock.pass_by(minutes=self.session.total_seconds() / 60 + 1)
        self.house.intake.expire(self.session, self.clock.at)
        # Who chose a code could have come back until now.
        self.clock.pass_by(hours=80)
        self.house.intake.expire(self.session, self.clock.at)
        after = self.figures()
        told = {what: n - self._before.get(what, 0) for what, n in after.items() if n != self._before.get(what, 0)}
        outcomes = {what.removeprefix("outcome:"): n for what, n in told.items() if what.startswith("outcome:")}
        if sum(outcomes.values()) != 1:
            raise Breach("P3", f"a conversation ended as {outcomes or 'nothing'}")
        outcome = next(iter(outcomes))
        if (outcome == "interrupted") == over:
            raise Breach("P3", f"counted as {outcome}, and it {'had' if over else 'had not'} ended before the silence")
        self.oracle.may_end(outcome)
        counted = Tally(
            (int(what.split(":")[1]), what.split(":")[2])
            for what, n in told.items()
            for _ in range(n)
            if what.startswith("fov-vuxna") and what.split(":")[1].isdigit()
        )
        run_over = bool(self.oracle.facts & {"complete", "stopped"})
        in_good_order = outcome not in ("left", "other_person", "interrupted", "erased")
        expected = self.oracle.answers if run_over or in_good_order else ()
        if counted != Tally(expected):
            raise Breach("P3", f"counted {sorted(counted.items())}, given {list(expected)}")

    # inputs

    def _new_key(self) -> str:
        return f"k{len(self.story)}"

    async def _take(self, heard: Heard, what: Input) -> None:
        self.spy.acted, self.spy.signals = None, ()
        self.turns_taken += 1
        try:
            reply = await self.turns.take(self.begun.id, heard)
        except NotTaken as not_taken:
            self._refused(not_taken.refusal)
            return
        act = self.spy.acted
        self._taken = heard if act is not None and heard.key else None
        if what.kind == "text":
            # Several signals in one text: leaving may be what they come to.
            strong = [name for name in ("other_person", "overseen") if name in self.spy.signals]
            if "other_person" in strong and TELLS_OF_HARM & set(self.spy.signals):
                # The person's own story, or a relative's: the gate closes, and privacy is asked.
                strong = ["own_story"]
            act = "exit" if reply.left else "not_understood" if act == "exit" else act
            act = strong[0] if strong and act not in (None, "exit") else act
            self._check_delivered(reply, what)
            self.oracle = self.oracle.heard(act or "told", self.clock.at, what.value)
            if reply.left and not self.oracle.left:
                raise Breach("P6", "what was erased had only been said in words that sound like leaving")
        elif act is not None or (what.value in ("private", "not_private") and what.value in self._can_choose(reply)):
            self.oracle = self.oracle.heard(act or what.value, self.clock.at)
        self._hear_reply(reply)
        if act is not None:
            self._check_handovers()
        if self.oracle.left:
            await self._gone()

    def _check_delivered(self, reply: Reply, what: Input) -> None:
        """What is typed to a human who has the conversation, and has it on the screen, is at the desk."""
        covered = any(choice.startswith("cover_") for choice in self.offered)
        if not self.oracle.claimed or covered or reply.left or what.value.strip() == "Byt ämne":
            return
        written = [m for m in self.house.intake.messages(self.begun.id) if m.sender is Sender.PERSON]
        if not written or what.value.strip().split()[0][:3] not in written[-1].body["text"]:
            raise Breach("P7", "what was written to a human did not reach the human")

    def _can_choose(self, reply: Reply) -> frozenset[str]:
        return self.offered | {choice.id for choice in reply.choices}

    async def _retry(self) -> None:
        """The last input once more with the same key: answered, not taken again."""
        if self._taken is None:
            return
        self.spy.acted, self.spy.signals = None, ()
        self.turns_taken += 1
        try:
            reply = await self.turns.take(self.begun.id, self._taken)
        except NotTaken as not_taken:
            self._refused(not_taken.refusal)
            return
        if self.spy.acted is not None:
            raise Breach("P12", "a retry was taken as a second answer")
        self._hear_reply(reply)

    async def _fail(self, what: Input) -> None:
        """A turn that breaks: a calm sentence, and what was asked still is."""
        before = await self._seen()
        self.spy.acted, self.spy.signals = None, ()
        self.turns_taken += 1
        commit = self.house.intake.commit

        def broken(turn: Any) -> Any:
            raise PlantedFailure

        self.spy.breaks = what.value == "action"
        if what.value == "commit":
            self.house.intake.commit = broken  # type: ignore[method-assign]
        try:
            await self.turns.take(self.begun.id, Heard(choice=self._any_choice(), key=f"f{len(self.story)}"))
        except NotTaken as not_taken:
            self._refused(not_taken.refusal)
        except PlantedFailure:
            pass
        finally:
            self.spy.breaks = False
            self.house.intake.commit = commit  # type: ignore[method-assign]
        after = await self._seen()
        if before != after and not (before and after and before.handover != after.handover):
            raise Breach("P12", "a turn that failed left something behind")

    def _any_choice(self) -> str:
        here = sorted(self.offered - {"exit", "human", "help_now", "what_happens", "again", "later", "cover"})
        return here[0] if here else "again"

    async def _seen(self) -> Any:
        try:
            reply = await self.turns.look(self.begun.id)
        except NotTaken as not_taken:
            return not_taken.refusal
        messages = tuple(replace(message, id="") for message in reply.messages)
        return replace(reply, messages=messages)

    async def _look(self) -> None:
        try:
            reply = await self.turns.look(self.begun.id)
        except NotTaken as not_taken:
            self._refused(not_taken.refusal)
            return
        self._hear_reply(reply)

    def _desk(self, act: str) -> None:
        desk = self.house.handovers
        with self.house.records.reading() as session:
            rows = select(Handover).where(Handover.conversation_id == self.begun.id, Handover.kind == HandoverKind.CHAT)
            ids = [row.id for row in session.scalars(rows) if row.status in ("waiting", "claimed")]
        if not ids:
            return
        try:
            match act:
                case "claim":
                    desk.claim(ids[0], self.user)
                case "write":
                    desk.write(ids[0], self.user, "Hej, jag är handläggare. Vill du berätta om våldet?")
                case "back":
                    desk.hand_back(ids[0], self.user)
                case _:
                    desk.end(ids[0], self.user)
        except (AlreadyClaimed, NotOpen, UnknownHandover):
            return
        self.oracle = self.oracle.desk(act)

    # what is checked

    def _hear_reply(self, reply: Reply) -> None:
        messages = tuple(
            Told(
                f"{m.title}\n{m.text}" if m.title else m.text,
                m.content_class.value,
                m.part,
                m.sender.value,
                "" if m.id.startswith("now-") else m.id,
            )
            for m in reply.messages
        )
        offered = frozenset(choice.id for choice in reply.choices)
        labels = tuple(choice.label for choice in reply.choices)
        self.story += [Line(m.sender, f"[{m.cls}] {short(m.text)}") for m in messages]
        self.oracle = self.oracle.told(Screen(messages, offered, reply.gate, reply.ended, labels), self.clock.at)
        if reply.offline_help and not self.oracle.alone:
            raise Breach("P1", "the page is given the short help list without a confirmation that stands")
        self._same_list(messages)
        self.offered = offered
        if reply.messages and reply.messages[-1].id != self.last_id:
            self.old_id, self.last_id = self.last_id, reply.messages[-1].id

    def _same_list(self, messages: tuple[Told, ...]) -> None:
        """The list is the same for everybody (P5): as the data has it, whatever was answered."""
        for before, message in pairwise(messages):
            if message.part == "support":
                in_full = wording.says(before.text, wording.SUPPORT)
                lines = [line for line in self.house.catalogue.national if in_full or line.always]
                wanted = [line.text() for line in lines if self.clock.at.date() <= line.valid_until]
                if message.text != "\n\n".join(wanted):
                    raise Breach("P5", "the help list is not the one that everybody gets")

    def _refused(self, refusal: Refusal) -> None:
        sentence = self.turns.sentence(f"errors.{refusal.value}")
        self.story.append(Line("assistant", f"({refusal.value}) {short(sentence)}"))
        if wording.CORE.search(sentence) or wording.CALM.get(refusal.value, sentence) != sentence:
            raise Breach("P12", f"what is said to {refusal.value} is not the calm sentence")
        if refusal is Refusal.ENDED and not self.oracle.ended:
            self.oracle = replace(self.oracle, alone=frozenset())

    async def _gone(self) -> None:
        """After the exit: no key, no words, no contact."""
        if self.house.intake.admit(self.begun.id, self.begun.token):
            raise Breach("P6", "the token still opens the conversation after the exit")
        if not isinstance(await self._seen(), Refusal):
            raise Breach("P6", "there is still something to see after the exit")
        with self.house.records.reading() as session:
            row = session.get_one(Conversation, self.begun.id)
            rows = session.scalars(select(Handover).where(Handover.conversation_id == self.begun.id)).all()
            if not row.erased or not row.do_not_contact:
                raise Breach("P6", "the conversation is not erased, or contact is not forbidden")
            if any(handover.status in ("waiting", "claimed") or handover.plan for handover in rows):
                raise Breach("P6", "a request to a caseworker is still open after the exit")

    def _check_handovers(self) -> None:
        with self.house.records.reading() as session:
            rows = session.scalars(select(Handover).where(Handover.conversation_id == self.begun.id)).all()
            for row in rows:
                if row.id in self._handovers:
                    continue
                self._handovers.add(row.id)
                shared = read_answers(self.house.records.keys, row)
                self.oracle.may_share([(number, answer.value) for number, answer in shared.answers] if shared else [])

    def figures(self) -> dict[str, int]:
        return figures_of(self.house.records)
