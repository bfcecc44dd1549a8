"""A state machine for Hypothesis: the pure journey with the real words, through the outlet, the oracle beside it.

Nothing is folded here: answers, outcomes and times are as they are. Hypothesis makes a bad story as short as it can.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from safety.content import Channel
from screening.events import Ended, HandoverCancelled, HandoverKind, HandoverRequested, RunEnded
from screening.journey import step
from screening.journey.acts import Act
from screening.journey.state import HumanState, Journey, Moved
from tests.promises.oracle import Breach, Oracle
from tests.promises.story import Line, short
from tests.promises.world import ALONE_IN_WORDS, NOON, NOT_ALONE_IN_WORDS, World, catalogue, take, worlds

TO_QUESTIONS = (Act.CONTINUE, Act.PRIVATE, Act.NO, Act.CONTINUE, Act.SKIP, Act.YES, Act.YES)
"""The way to the second item, where everybody is invited: stories may begin anywhere on it."""
TYPED = st.sampled_from((ALONE_IN_WORDS, NOT_ALONE_IN_WORDS, "ja", "nej", "ja tack", "vet inte"))


ENDS = (Act.EXIT, Act.OTHER_PERSON, Act.FINISH)


def mostly_busy() -> list[World]:
    """Every world, and the one where most can happen most of the time."""
    everywhere = worlds()
    busy = [one for one in everywhere if one.instrument is not None and one.channel is Channel.WEB]
    return [*busy * 4, *everywhere]


class Conversation(RuleBasedStateMachine):
    """One person, one caseworker, one clock."""

    world: World
    state: Journey
    oracle: Oracle
    last: ClassVar[list[Line]] = []
    """The story that was told last: after a failure, the shortest one."""

    @initialize(world=st.deferred(lambda: st.sampled_from(mostly_busy())), ahead=st.integers(0, len(TO_QUESTIONS)))
    def begin(self, world: World, ahead: int) -> None:
        cards = tuple(card.id for card in catalogue().languages["sv"].cards)
        self.world = replace(world, cards=cards)
        self.last.clear()
        self.now, self.records = NOON, HumanState.NONE
        self.run_counted, self.outcome = False, ""
        self.oracle = Oracle(channel=self.world.channel.value, limits=self.world.limits)
        self._meet(self.world.begin())
        for act in TO_QUESTIONS[:ahead]:
            self._do(act)

    @precondition(lambda self: not self.state.ended)
    @rule(data=st.data())
    def choose(self, data: st.DataObject) -> None:
        """Something that is offered."""
        choice = data.draw(st.sampled_from(sorted(self.oracle.offered - {"exit", "finish"})))
        if choice.startswith("card_"):
            self._do(Act.CARD, detail=choice.removeprefix("card_"))
        else:
            self._do(Act(choice))

    @precondition(lambda self: not self.state.ended)
    @rule(data=st.data())
    def go_on(self, data: st.DataObject) -> None:
        """What leads on: without it, few stories would come to the questions."""
        forward = [
            choice for choice in ("private", "continue", "yes", "no", "decline") if choice in self.oracle.offered
        ]
        if forward:
            self._do(Act(data.draw(st.sampled_from(forward))))

    @precondition(lambda self: self.oracle.topic.startswith("item:"))
    @rule(act=st.sampled_from((Act.YES, Act.NO, Act.DECLINE, Act.SKIP, Act.BACK, Act.EXPLAIN)))
    def answer(self, act: Act) -> None:
        self._do(act)

    @rule(act=st.sampled_from([act for act in Act if act not in ENDS]))
    def act(self, act: Act) -> None:
        """Anything, offered or not."""
        self._do(act)

    @precondition(lambda self: len(self.last) > 25)
    @rule(act=st.sampled_from(ENDS))
    def end(self, act: Act) -> None:
        self._do(act)

    def teardown(self) -> None:
        """Every story ends, so that what is counted is counted."""
        for _ in range(3):
            if hasattr(self, "state") and not self.state.ended and self.records is not HumanState.CLAIMED:
                self._do(Act.FINISH)

    @rule(act=st.sampled_from([Act.YES, Act.NO, Act.PRIVATE, Act.DECLINE, Act.OVERSEEN, Act.EXPOSED]), typed=TYPED)
    def write(self, act: Act, typed: str) -> None:
        """Words that were understood as something, rightly or not."""
        self._do(act, typed)

    @rule(minutes=st.sampled_from((1, 5, 6, 21)))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        self._tell("clock", f"{minutes} minutes go by")
        self._look()

    @rule(act=st.sampled_from(("claim", "back")))
    def desk(self, act: str) -> None:
        """A caseworker claims what waits, or hands it back."""
        wanted = {"claim": HumanState.WAITING, "back": HumanState.CLAIMED}
        if self.records is not wanted[act]:
            return
        self.records = HumanState.CLAIMED if act == "claim" else HumanState.NONE
        self._tell("caseworker", act)
        self.oracle = self.oracle.desk(act)
        self._look()

    def _do(self, act: Act, typed: str = "", detail: str = "") -> None:
        self._tell("person", f"{act.value} {typed}".rstrip())
        at = self.world.situation(act, self.now, self.records, typed, detail)
        before = self.state
        now_offered = self.world.offered(step.look(before, at).state, at)
        self.oracle = replace(self.oracle, offered=self.oracle.offered | now_offered)
        self.oracle = self.oracle.heard(act.value, self.now, typed)
        moved = take(self.world, before, act, at)
        if before.ended and (moved.says or moved.events):
            raise Breach("P6", "something happened after the end")
        self._meet(moved)

    def _tell(self, who: str, said: str) -> None:
        self.last.append(Line(who, said))

    def _look(self) -> None:
        if not self.state.ended:
            looked = step.look(self.state, self.world.situation(None, self.now, self.records))
            if looked.state.human is not HumanState.CLAIMED:
                self._check_words(looked)

    def _meet(self, moved: Moved) -> None:
        self.state = moved.state
        for event in moved.events:
            self._check_event(event)
        self._check_words(moved)

    def _check_words(self, moved: Moved) -> None:
        at = self.world.situation(None, self.now, self.records)
        screen = self.world.screen(moved, at)
        for told in screen.messages:
            self._tell("assistant", f"[{told.cls}] {short(told.text)}")
        self.oracle = self.oracle.told(screen, self.now)

    def _check_event(self, event: Any) -> None:
        match event:
            case HandoverRequested():
                self.oracle.may_share([(number, answer.value) for number, answer in event.answers])
                if event.kind is HandoverKind.CHAT:
                    self.records = HumanState.WAITING
            case HandoverCancelled():
                self.records = HumanState.NONE
            case RunEnded():
                if self.run_counted:
                    raise Breach("P3", "a run was counted twice")
                self.run_counted = True
                self.oracle.may_count([(number, answer.value) for number, answer in event.answers])
            case Ended(outcome):
                if self.outcome:
                    raise Breach("P3", "a conversation ended twice")
                self.outcome = outcome.value
                self.oracle.may_end(outcome.value)
