"""From an input to an act: a choice names it, a safety signal decides it, words that are waited for are taken as words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bot.talk.hearing import Heard, clean
from bot.talk.reply import Choice
from safety.signals import Noticed, Signal
from screening.journey.acts import Act
from screening.journey.prompt import EXPECTS_WORDS
from screening.journey.signal_rules import SignalRules
from screening.journey.stages.told import concerns_screen
from screening.journey.state import HumanState, Journey, Step

WISHES = {Signal.WANTS_EXIT: Act.EXIT, Signal.WANTS_HUMAN: Act.HUMAN, Signal.NOT_NOW: Act.LATER}
"""Signals that say what a button says."""

PAST_THE_HUMAN = (Act.EXIT, Act.COVER)
"""What is met at once also while a human has the conversation. All other words are delivered."""

FindSignals = Callable[[str, str], Sequence[Noticed]]
"""Text and locale to the signals that it raises."""


def chosen_by_words(text: str, offered: Iterable[Choice]) -> str | None:
    """The id of the choice whose label was typed, letter for letter but for case and signs at the end.

    Not for saying that one is alone: there only the button and plain words count (`safety.alone`).
    """
    typed = _plain(text)
    return next((one.id for one in offered if one.id != Act.PRIVATE and _plain(one.label) == typed), None)


def _plain(words: str) -> str:
    return words.casefold().strip(" .!?")


@dataclass(frozen=True)
class Meant:
    """`act` is None where Rasa is to understand the words. `detail` goes into the situation.

    `leaves`: the words say outright that the person wants to leave. `about_screen`: what a human is told beside the words.
    """

    act: Act | None
    detail: str = ""
    text: str | None = None
    signals: tuple[str, ...] = ()
    leaves: bool = False
    about_screen: tuple[Noticed, ...] = ()


def meant(heard: Heard, state: Journey, find_signals: FindSignals, rules: SignalRules) -> Meant:
    """What the input means. Raises `hearing.TooLong`, `hearing.Unreadable`."""
    if heard.choice is not None:
        if heard.choice.startswith("card_"):
            return Meant(Act.CARD, heard.choice.removeprefix("card_"))
        return Meant(Act(heard.choice))
    text = clean(heard.text or "")
    if rules.is_command(text):
        return Meant(Act.EXIT, text=text, signals=(Signal.WANTS_EXIT.value,), leaves=True)
    found = find_signals(text, state.locale)
    leaves = "?" not in text and any(one.plain for one in found if one.signal is Signal.WANTS_EXIT)
    if to_human(state) and not (leaves and state.human is not HumanState.CLAIMED):
        # Delivered first. What concerns the screen is met beside it.
        about = concerns_screen(found)
        return Meant(Act.TOLD, text, text, tuple(one.signal.value for one in about), about_screen=about)
    names = [one.signal for one in found]
    if not leaves and (len(names) > 1 or state.step in EXPECTS_WORDS):
        # What only sounds like leaving says less than what else was said, and nothing where words are taken as words.
        names = [name for name in names if name is not Signal.WANTS_EXIT]
    raised = rules.raised(names, with_human=state.human is not HumanState.NONE)
    if raised:
        first = raised[0].signal
        act = WISHES.get(first) or Act(first.value)
        return Meant(act, text=text, signals=tuple(row.signal.value for row in raised), leaves=leaves)
    if state.step in EXPECTS_WORDS:
        return Meant(Act.TOLD, text, text)
    return Meant(None, text=text)


def to_human(state: Journey) -> bool:
    """Whether typed words go to a human: one has the conversation, or is waited for, and that is on the screen."""
    return state.step is Step.WAITING or (state.human is HumanState.CLAIMED and state.step is not Step.COVER)
