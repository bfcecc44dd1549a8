"""From an input to an act: a choice names it, a safety signal decides it, words that are waited for are taken as words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.talk.hearing import Heard, clean
from screening.journey.acts import Act
from screening.journey.prompt import EXPECTS_WORDS
from screening.journey.state import HumanState, Journey

SIGNAL_ACT = {
    "danger_now": Act.DANGER_NOW,
    "self_harm": Act.SELF_HARM,
    "child_harm": Act.CHILD_HARM,
    "other_person": Act.OTHER_PERSON,
    "overseen": Act.OVERSEEN,
    "wants_exit": Act.EXIT,
    "uses_violence": Act.USES_VIOLENCE,
    "exposed": Act.EXPOSED,
    "wants_human": Act.HUMAN,
    "not_now": Act.LATER,
}
"""What each signal brings, the most urgent first: where several are raised, the first decides."""

FindSignals = Callable[[str, str], Sequence[str]]
"""Text and locale to the names of the signals that it raises."""


@dataclass(frozen=True)
class Meant:
    """`act` is None where Rasa is to understand the words. `detail` goes into the situation."""

    act: Act | None
    detail: str = ""
    text: str | None = None
    signals: tuple[str, ...] = ()


def meant(heard: Heard, state: Journey, find_signals: FindSignals) -> Meant:
    """What the input means. Raises `hearing.TooLong`, `hearing.Unreadable`."""
    if heard.choice is not None:
        if heard.choice.startswith("card_"):
            return Meant(Act.CARD, heard.choice.removeprefix("card_"))
        return Meant(Act(heard.choice))
    text = clean(heard.text or "")
    raised = find_signals(text, state.locale)
    signals = tuple(name for name in SIGNAL_ACT if name in raised)
    if state.human is not HumanState.NONE:
        # To a human people may write what they need to write. Only what concerns the screen itself is met at once.
        signals = tuple(name for name in signals if name in ("overseen", "wants_exit", "other_person"))
    if signals:
        return Meant(SIGNAL_ACT[signals[0]], text=text, signals=signals)
    if state.step in EXPECTS_WORDS:
        return Meant(Act.TOLD, text, text)
    return Meant(None, text=text)
