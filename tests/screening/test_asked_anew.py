"""Somebody waits for a human, goes on meanwhile, and comes back to where they were: is what they said there still true?"""

from __future__ import annotations

import pytest

from safety.content import Channel, ContentClass
from screening.journey.acts import Act
from screening.journey.stages.code import come_back
from screening.journey.state import HumanState, Journey, Moved, Step
from screening.journey.step import step
from tests.promises.world import NOON, worlds

TO_ITEM = (Act.CONTINUE, Act.PRIVATE, Act.NO, Act.CONTINUE, Act.SKIP, Act.YES)
WAITS = (Act.HUMAN, Act.YES)
ROUND_AGAIN = (Act.PRIVATE, Act.NOT_PRIVATE, Act.PRIVATE, Act.NO, Act.CONTINUE, Act.SKIP)
"""Back with the code: alone, not alone, alone again, the information once more, and there is the invitation."""


class Person:
    def __init__(self) -> None:
        self.world = next(
            one for one in worlds() if one.mode == "routine" and one.instrument and one.channel is Channel.WEB
        )
        self.state: Journey = self.world.begin().state
        self.human = HumanState.NONE
        self.last: Moved

    def does(self, *acts: Act) -> Person:
        for act in acts:
            self.last = step(self.state, act, self.world.situation(act, NOON, self.human))
            self.state = self.last.state
            if self.state.human is HumanState.WAITING:
                self.human = HumanState.WAITING
        return self

    def comes_back_with_the_code(self) -> Person:
        self.state = come_back(self.state, self.world.situation(None, NOON, self.human)).state
        return self

    def is_left_by_the_human(self) -> Person:
        self.human = HumanState.NONE
        return self.does(Act.CONTINUE)

    @property
    def is_asked(self) -> bool:
        return any(one.content_class is ContentClass.QUESTION for one in self.last.says)


def waiting_and_invited() -> Person:
    person = Person().does(*TO_ITEM)
    assert person.is_asked
    person.does(*WAITS)
    assert person.state.step is Step.WAITING
    person.does(Act.LATER).comes_back_with_the_code().does(*ROUND_AGAIN)
    assert person.state.step is Step.INVITE
    return person


def test_whoever_was_asked_anew_and_did_not_answer_is_asked_anew() -> None:
    person = waiting_and_invited().is_left_by_the_human()
    assert person.state.step is Step.INVITE
    assert not person.is_asked
    assert not person.state.may_ask
    assert person.does(Act.YES).is_asked


@pytest.mark.parametrize("answer", [Act.NO, Act.DECLINE, Act.SKIP])
def test_whoever_stopped_meanwhile_is_not_asked_again(answer: Act) -> None:
    person = waiting_and_invited().does(answer).is_left_by_the_human()
    assert person.state.step is Step.SUPPORT
    assert not person.is_asked


def test_whoever_answered_all_meanwhile_is_not_invited_again() -> None:
    person = waiting_and_invited().does(Act.YES)
    while not person.state.run_over:
        person.does(Act.PRIVATE if person.state.step is Step.RECHECK else Act.NO)
    person.is_left_by_the_human()
    assert person.state.step is Step.SUPPORT


def test_whoever_only_waited_goes_on_with_the_item() -> None:
    person = Person().does(*TO_ITEM, *WAITS).is_left_by_the_human()
    assert person.state.step is Step.ITEM
    assert person.is_asked


def test_a_yes_to_sharing_ends_when_a_human_takes_over() -> None:
    """What was asked for has been answered then. A plan that was begun before sends nothing along unasked."""
    person = Person().does(*TO_ITEM, Act.YES, *WAITS)
    assert person.state.step is Step.SHARE
    person.does(Act.YES)
    person.comes_back_with_the_code().does(Act.PRIVATE, Act.CONTINUE, Act.FINISH, Act.CONTINUE, Act.CONTACT_ME, Act.YES)
    assert person.state.step is Step.PLAN_WAY and person.state.share
    person.comes_back_with_the_code()
    person.human = HumanState.CLAIMED
    person.does(Act.PRIVATE)
    assert not person.state.share


def test_whoever_is_offered_a_human_again_is_asked_about_sharing_again() -> None:
    person = Person().does(*TO_ITEM, Act.YES, *WAITS, Act.YES)
    assert person.state.share
    person.comes_back_with_the_code().does(Act.PRIVATE, Act.CONTINUE, Act.FINISH, Act.CONTINUE)
    assert person.state.step is Step.HANDOVER and not person.state.share


def test_a_wish_that_was_forgotten_behind_the_cover_is_asked_about_anew() -> None:
    """Somebody who wanted to be contacted must not end up waiting for a chat, which a phone does not even have."""
    person = Person().does(*TO_ITEM, Act.YES, Act.HUMAN, Act.CONTACT_ME)
    assert person.state.step is Step.SHARE
    person.does(Act.COVER, Act.HUMAN, Act.CONTINUE).comes_back_with_the_code().does(Act.PRIVATE)
    assert person.state.step is Step.SHARE
    person.does(Act.YES)
    assert person.state.step is Step.HANDOVER and person.human is HumanState.NONE
    assert not person.state.share
