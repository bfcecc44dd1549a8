"""The journey as bytes, to be sealed and kept between turns."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import TypeAdapter

from screening.journey.state import Journey


@dataclass(frozen=True)
class Saved:
    """What the conversation's record holds of the journey. `shown_from` is the first message still on the screen."""

    journey: Journey
    shown_from: int = 1
    private_from: int = 1
    """The first message that is still shown if it is private: the screen has been looked at anew since the earlier ones."""


_adapter = TypeAdapter(Saved)


def dump(saved: Saved) -> bytes:
    return _adapter.dump_json(saved)


def load(state: bytes) -> Saved:
    """Raises ValueError for anything that `dump` did not make."""
    return _adapter.validate_json(state)
