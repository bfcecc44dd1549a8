"""The turn that is being taken, as actions see it: the journey's state, the situation, and the record it will go into.

The application puts an encounter in place before it hands the turn to Rasa; actions find it with `current()`. Nothing
is written until the application commits the turn: an action that fails leaves no trace.
"""

from __future__ import annotations

from contextvars import ContextVar, Token
from dataclasses import dataclass, field, replace

from casework.turn import Turn
from screening.journey.acts import Act
from screening.journey.says import Say
from screening.journey.state import Journey, Situation
from screening.journey.step import step


@dataclass
class Encounter:
    """One turn in the making. `turn` is None where nothing is to be recorded (`rasa shell`)."""

    state: Journey
    situation: Situation
    turn: Turn | None = None
    says: list[Say] = field(default_factory=list)
    acted: Act | None = None
    snapshot: bytes | None = None
    """Rasa's tracker as it will be kept."""

    def meet(self, act: Act) -> tuple[Say, ...]:
        """Let the journey work out what follows, and stage it. Returns what to say."""
        if act is Act.WHAT_IS_KEPT and self.turn is not None:
            self.situation = replace(self.situation, kept=self.turn.kept())
        moved = step(self.state, act, self.situation)
        self.state, self.acted = moved.state, act
        self.says += moved.says
        if self.turn is not None:
            self.turn.events += moved.events
        return moved.says


class NoEncounter(RuntimeError):
    """An action ran outside a turn."""


_current: ContextVar[Encounter | None] = ContextVar("encounter", default=None)


def current() -> Encounter:
    """The encounter of this task. Raises NoEncounter outside a turn."""
    encounter = _current.get()
    if encounter is None:
        raise NoEncounter("no turn is being taken")
    return encounter


def enter(encounter: Encounter) -> Token[Encounter | None]:
    return _current.set(encounter)


def leave(token: Token[Encounter | None]) -> None:
    _current.reset(token)
