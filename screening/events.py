"""What happened, as values. `screening` produces them, `casework.intake` makes records and counters of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from safety.safe_contact import SafeContactPlan


class Stage(StrEnum):
    """The stages of the journey, in order."""

    WELCOME = "welcome"
    PRIVACY = "privacy"
    INFORMATION = "information"
    INVITATION = "invitation"
    QUESTIONS = "questions"
    SUPPORT = "support"
    HANDOVER = "handover"
    CLOSE = "close"


class Outcome(StrEnum):
    """How a conversation ended. None of them means "no" to an item (promise P3)."""

    COMPLETED = "completed"
    """Went through the journey with all items met (each answered yes, no or declined)."""
    STOPPED = "stopped"
    """Began the items, stopped before the last, went on to support."""
    DECLINED = "declined"
    """Was invited and said no."""
    INFORMED = "informed"
    """Got information and support; no invitation was made, or there was no official text in the language."""
    LATER = "later"
    NOT_SAFE = "not_safe"
    """Said that somebody can see or hear, and ended there."""
    OTHER_PERSON = "other_person"
    LEFT = "left"
    """Used the exit. Do not contact."""
    ERASED = "erased"
    """Asked for everything to be erased. Not a "no", and none of the answers is counted."""
    INTERRUPTED = "interrupted"
    """Went silent until the session ended by itself."""


class Answer(StrEnum):
    YES = "yes"
    NO = "no"
    DECLINED = "declined"


class HandoverKind(StrEnum):
    CHAT = "chat"
    CONTACT = "contact"


@dataclass(frozen=True)
class StageReached:
    stage: Stage


@dataclass(frozen=True)
class GateOpened:
    block: str


@dataclass(frozen=True)
class GateClosed:
    reason: str


@dataclass(frozen=True)
class InvitationMade:
    pass


@dataclass(frozen=True)
class InvitationAnswered:
    answer: str
    """yes, no or later"""


@dataclass(frozen=True)
class RunEnded:
    """An instrument run is over. Items that were never met are absent: they are not "no"."""

    instrument: str
    version: str
    answers: tuple[tuple[int, Answer], ...] = field(repr=False)
    completed: bool


@dataclass(frozen=True)
class SupportGiven:
    pass


@dataclass(frozen=True)
class HandoverRequested:
    """The person asked for a human. `answers` are there only if the person chose to share them."""

    kind: HandoverKind
    urgent: bool
    answers: tuple[tuple[int, Answer], ...] = field(default=(), repr=False)
    plan: SafeContactPlan | None = field(default=None, repr=False)
    instrument: str = ""
    """Id of the instrument that the answers are to, with its version below."""
    version: str = ""


@dataclass(frozen=True)
class HandoverCancelled:
    """The person no longer waits."""


@dataclass(frozen=True)
class SignalRaised:
    """A safety signal acted. Only its name is kept."""

    signal: str


@dataclass(frozen=True)
class Counted:
    """Something worth an anonymous counter, e.g. `not_understood`, `outlet_refused`."""

    what: str


@dataclass(frozen=True)
class CodeChosen:
    """The person chose a word to come back with. `digits` are ours; `hours` is how long both hold."""

    word: str = field(repr=False)
    digits: str = field(repr=False)
    hours: int


@dataclass(frozen=True)
class Paused:
    """The person goes, and will come back with the code: what is on the phone opens nothing any more."""


@dataclass(frozen=True)
class CodeUsed:
    """The person came back with the code."""


@dataclass(frozen=True)
class Erased:
    """The person had everything erased. `receipt` is the code that proves it."""

    receipt: str = field(repr=False)


@dataclass(frozen=True)
class Ended:
    outcome: Outcome


Event = (
    StageReached
    | GateOpened
    | GateClosed
    | InvitationMade
    | InvitationAnswered
    | RunEnded
    | SupportGiven
    | HandoverRequested
    | HandoverCancelled
    | SignalRaised
    | Counted
    | CodeChosen
    | CodeUsed
    | Paused
    | Erased
    | Ended
)
