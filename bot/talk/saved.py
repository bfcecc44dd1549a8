"""The journey as bytes, to be sealed and kept between turns; and which messages belong on the screen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter

from casework.messages import StoredMessage
from safety.content import Sender
from screening.journey.state import HumanState, Journey, Step


@dataclass(frozen=True)
class Saved:
    """What the conversation's record holds of the journey.

    `shown_from` is the first message still on the screen. `chat_from` is the first of the talk with a human, which is on the
    screen again when the person is back from the cover; 0 where there is none. `live_until` is when words of a human were
    last shown as they came.
    """

    journey: Journey
    shown_from: int = 1
    chat_from: int = 0
    live_until: datetime | None = None
    private_from: int = 1
    """The first message that is still shown if it is private: the screen has been looked at anew since the earlier ones."""


AROUND_THE_CHAT = (Step.COVER, Step.RECHECK, Step.NOT_PRIVATE, Step.WAITING, Step.BACK_FROM_HUMAN)
"""Steps at which a talk with a human that is over has not been left behind yet."""


def follows(before: Saved, state: Journey, first: int) -> Saved:
    """What is kept after a turn whose first new message has the number `first`."""
    chat = before.chat_from
    if state.human is not HumanState.NONE:
        chat = chat or first
    elif state.step not in AROUND_THE_CHAT:
        chat = 0
    return Saved(state, first, chat, before.live_until, before.private_from)


def first_needed(saved: Saved, state: Journey) -> int:
    """The number of the first message that may belong on the screen in this state."""
    chat_on_screen = state.step in (Step.WAITING, Step.BACK_FROM_HUMAN) or state.human is HumanState.CLAIMED
    if saved.chat_from and chat_on_screen and state.step is not Step.COVER:
        return min(saved.chat_from, saved.shown_from)
    return saved.shown_from


def on_screen(saved: Saved, kept: Iterable[StoredMessage]) -> list[StoredMessage]:
    """Of earlier messages only what the person, a human or the desk said: not what the assistant asked in between."""
    return [
        one for one in kept if one.seq >= saved.shown_from or one.sender is not Sender.ASSISTANT or "say" in one.body
    ]


_adapter = TypeAdapter(Saved)


def dump(saved: Saved) -> bytes:
    return _adapter.dump_json(saved)


def load(state: bytes) -> Saved:
    """Raises ValueError for anything that `dump` did not make."""
    return _adapter.validate_json(state)
