"""Anonymous counters, made at the source (promise P10). There is nothing to search a person by."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from casework.counting import CountedAs, Figure, set_aside
from safety.safe_contact import ZONE
from screening.events import (
    CodeChosen,
    CodeUsed,
    Counted,
    Ended,
    Erased,
    Event,
    GateClosed,
    GateOpened,
    HandoverCancelled,
    HandoverRequested,
    InvitationAnswered,
    InvitationMade,
    Paused,
    RunEnded,
    SignalRaised,
    StageReached,
    SupportGiven,
)

__all__ = ["CountedAs", "count", "names"]


def count(session: Session, as_: CountedAs, at: datetime, whats: Iterable[str]) -> None:
    """Add one for each name, in the caller's transaction. They are among the figures later: see `casework.counting`."""
    month = at.astimezone(ZONE).strftime("%Y-%m")
    set_aside(session, Tally(Figure(month, as_, what) for what in whats))


def names(event: Event) -> list[str]:
    """What an event adds one to. `Ended` adds nothing here: an outcome is counted when it is first recorded."""
    match event:
        case StageReached(stage):
            return [f"stage:{stage}"]
        case GateOpened(block):
            return [f"gate:opened:{block}" if block else "gate:opened"]
        case GateClosed(reason):
            return [f"gate:closed:{reason}"]
        case InvitationMade():
            return ["invitation:made"]
        case InvitationAnswered(answer):
            return [f"invitation:{answer}"]
        case RunEnded(instrument, version, answers, completed):
            run = f"{instrument}/{version}"
            items = [f"{run}:{item}:{answer}" for item, answer in answers]
            return [*items, f"{run}:{'completed' if completed else 'stopped'}"]
        case SupportGiven():
            return ["support:given"]
        case HandoverRequested(kind=kind):
            return [f"handover:{kind}"]
        case HandoverCancelled():
            return ["handover:cancelled"]
        case SignalRaised(signal):
            return [f"signal:{signal}"]
        case Counted(what):
            return [what]
        case CodeChosen():
            return ["code:chosen"]
        case CodeUsed():
            return ["code:used"]
        case Paused():
            return ["code:paused"]
        case Erased() | Ended():
            return []
