"""From an input to an act: a choice names it, a safety signal decides it, words that are waited for are taken as words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bot.talk.hearing import Heard, clean
from bot.talk.reply import Choice
from safety.signals import Signal
from screening.journey.acts import Act
from screening.journey.prompt import EXPECTS_WORDS
from screening.journey.signal_rules import SignalRules
from screening.journey.state import HumanState, Journey

WISHES = {Signal.WANTS_EXIT: Act.EXIT, Signal.WANTS_HUMAN: Act.HUMAN, Signal.NOT_NOW: Act.LATER}
"""Signals that say what a button says."""

PAST_THE_HUMAN = (Act.EXIT, Act.COVER, Act.OVERSEEN, Act.OTHER_PERSON)
"""Acts that concern the screen itself: they are met at once, also while a human has the conversation."""

FindSignals = Callable[[str, str], Sequence[str]]
"""Text and locale to the names of the signals that it raises."""


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
    """`act` is None where Rasa is to understand the words. `detail` goes into the situation."""

    act: Act | None
    detail: str = ""
    text: str | None = None
    signals: tuple[str, ...] = ()


def meant(heard: Heard, state: Journey, find_signals: FindSignals, rules: SignalRules) -> Meant:
    """What the input means. Raises `hearing.TooLong`, `hearing.Unreadable`."""
    if heard.choice is not None:
        if heard.choice.startswith("card_"):
            return Meant(Act.CARD, heard.choice.removeprefix("card_"))
        return Meant(Act(heard.choice))
    text = clean(heard.text or "")
    # To a human people may write what they need to write. Only what concerns the screen itself is met at once.
    raised = rules.raised(find_signals(text, state.locale), with_human=state.human is not HumanState.NONE)
    if raised:
        first = raised[0].signal
        act = WISHES.get(first) or Act(first.value)
        return Meant(act, text=text, signals=tuple(row.signal.value for row in raised))
    if state.step in EXPECTS_WORDS:
        return Meant(Act.TOLD, text, text)
    return Meant(None, text=text)
