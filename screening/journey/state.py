"""The state of one journey: a value that can be written down between turns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal

from safety.content import Channel
from safety.gate import Block, Gate, Staleness, close, settle, why_closed
from screening.events import Event, Outcome, Stage
from screening.instrument import Instrument, Run
from screening.journey.says import Say
from screening.journey.signal_rules import SignalRules
from screening.keep import Kept
from screening.kept_now import KeptNow


class Step(StrEnum):
    """Where in a stage the person is: one step, one thing asked."""

    HELLO = "welcome.hello"
    ALONE = "privacy.alone"
    SHARED = "privacy.shared"
    LEAVING = "privacy.leaving"
    NOT_PRIVATE = "privacy.not_private"
    RECHECK = "privacy.recheck"
    CARD = "information.card"
    TOPICS = "information.topics"
    INVITE = "invitation.ask"
    ITEM = "questions.item"
    SUPPORT = "support.list"
    CODE = "privacy.code"
    COVER = "cover.line"
    LATER = "later.menu"
    KEPT = "kept.ask"
    ERASE = "erase.ask"
    HANDOVER = "handover.menu"
    SHARE = "handover.share"
    WAITING = "handover.waiting"
    BACK_FROM_HUMAN = "handover.back"
    PLAN_WAY = "plan.way"
    PLAN_NUMBER = "plan.number"
    PLAN_WINDOW = "plan.window"
    PLAN_VOICEMAIL = "plan.voicemail"
    PLAN_AGENCY = "plan.say_agency"
    PLAN_CODE = "plan.code_word"
    PLAN_SUMMARY = "plan.summary"
    DONE = "close.done"


NEEDS_GATE = frozenset({Step.CARD, Step.TOPICS, Step.INVITE, Step.ITEM, Step.SUPPORT, Step.SHARE})
"""Steps whose words are sensitive."""

STAGE_OF_PREFIX = {
    "later": Stage.CLOSE,
    "kept": Stage.CLOSE,
    "erase": Stage.CLOSE,
    "plan": Stage.HANDOVER,
    "cover": Stage.WELCOME,
}
"""The cover looks like a conversation that has hardly begun."""


def stage_of(step: Step) -> Stage:
    prefix = step.value.split(".", 1)[0]
    return STAGE_OF_PREFIX.get(prefix) or Stage(prefix)


class HumanState(StrEnum):
    """How the handover stands, as the person sees it."""

    NONE = "none"
    WAITING = "waiting"
    CLAIMED = "claimed"


class Desk(StrEnum):
    """Whether anybody can answer a person who waits, from best to worst."""

    THERE = "there"
    AWAY = "away"
    """It is open, and nobody sits there."""
    CLOSED = "closed"


@dataclass(frozen=True)
class PlanDraft:
    """A safe-contact plan while it is being made. Empty strings and None are not yet answered."""

    way: str = ""
    number: str = ""
    window: str = ""
    voicemail: bool | None = None
    say_agency: bool | None = None
    code_word: str = ""


@dataclass(frozen=True)
class Journey:
    """All that is remembered of one journey between turns."""

    session: str
    channel: Channel
    locale: str = "sv"
    step: Step = Step.HELLO
    gate: Gate = field(default_factory=Gate)
    return_to: Step | None = None
    """Where to go on after the privacy question has been answered again."""
    put_off: bool = False
    """At what is kept: the person came there from "later", and goes back there, not to what was put off."""
    needed_block: Block = Block.GENERAL
    """The block that the pending privacy question is asked for."""
    came_from: Step | None = None
    """Where the person was when a human was asked for."""
    card: str = ""
    """Id of the information card that is open; empty before the first."""
    simpler: bool = False
    informed: bool = False
    may_ask: bool = False
    run: Run | None = None
    run_over: bool = False
    wants_questions: bool = False
    support_given: bool = False
    wish: Literal["", "chat", "contact"] = ""
    urgent: bool = False
    grave: bool = False
    """What the person wrote last was a sign of danger, harm or exposure: help comes first on the screen."""
    share: bool = False
    plan: PlanDraft = PlanDraft()
    code: str = field(default="", repr=False)
    """Fingerprint of the code that the person chose. Empty: none, or it died of too many guesses."""
    guesses: int = 0
    """Words that were typed behind the cover and were not the code."""
    human: HumanState = HumanState.NONE
    told_desk: Desk = Desk.THERE
    """The worst that the person who waits has been told of the desk: each is said once."""
    told_away: str = ""
    """The name of the caseworker who has the chat, where the person has been told that they are not there right now."""
    misses: int = 0
    outcome: Outcome | None = None
    """How it would end if it ended in good order now; the end itself when `ended`."""
    paused: bool = False
    """Gone with a code: nothing is shown until the person comes back with it."""
    ended: bool = False

    @property
    def stage(self) -> Stage:
        return stage_of(self.step)


def nobody() -> bool:
    """Nobody has the chat, so nobody is missing."""
    return False


@dataclass(frozen=True)
class Situation:
    """What the journey may know of the world at this turn."""

    now: datetime
    agency_name: str
    rules: Staleness
    mode: Literal["routine", "indication", "information_only"]
    instrument: Instrument | None
    """None when there is no official text in the person's language, or the agency asks nothing."""
    cards: tuple[str, ...]
    open_now: bool
    at_desk: Callable[[], bool] = field(repr=False)
    """Whether a caseworker is at the desk. Asked only where a human is offered or waited for: it is looked up then."""
    opens_day: str
    opens_time: str
    """When the desk opens next, in words."""
    plan_days: int
    signal_rules: SignalRules
    """What each signal brings."""
    is_neutral: Callable[[str], bool] = field(repr=False)
    """Whether words of the person's own can be said on a phone that anybody may answer."""
    indicated: bool = False
    """A caseworker asked for the questions in the invitation."""
    human: HumanState = HumanState.NONE
    """How the handover stands in the records, read in this turn."""
    claimer: str = ""
    """The name of the caseworker who has the chat. Empty where nobody has it, also after it was passed on."""
    claimer_away: Callable[[], bool] = field(default=nobody, repr=False)
    """Whether that caseworker's page is not open. Looked up when it is asked for."""
    unseen: bool = False
    """A human who has gone wrote something that has not been on the screen."""
    keep: tuple[Kept, ...] = ()
    """The agency's table of what is kept."""
    kept: KeptNow = field(default_factory=KeptNow)
    """What there is about this conversation; looked up when it is asked for."""
    receipt: str = field(default="", repr=False)
    """The code that proves an erasure, if this turn makes one."""
    detail: str = field(default="", repr=False)
    """Words or a card id that came with the act."""
    typed: str = field(default="", repr=False)
    """The words that were understood as the act; empty for a button or a key."""
    signals: tuple[str, ...] = ()
    """Names of all the signals that the words raised."""
    leaves: bool = False
    """The typed words say outright that the person wants to leave. Without it, words that only sound so are asked about."""
    resume_hours: int = 0
    """How long a person with a code can come back. 0: the agency does not offer it."""
    region: str = ""
    """The person's municipality or county, where an invitation said it."""
    fresh_digits: str = ""
    """Four random digits, for a code that may be chosen in this turn."""

    @property
    def present(self) -> bool:
        """A caseworker is at the desk."""
        return self.at_desk()

    def is_left(self, state: Journey) -> bool:
        """Whether the one who has the chat is away, and the person has been told so."""
        return self.human is HumanState.CLAIMED and state.told_away == self.claimer != "" and self.claimer_away()

    @property
    def desk(self) -> Desk:
        if self.present:
            return Desk.THERE
        return Desk.AWAY if self.open_now else Desk.CLOSED


@dataclass(frozen=True)
class Moved:
    """The outcome of a step: the new state, what happened, and what to say, in order."""

    state: Journey
    events: tuple[Event, ...] = ()
    says: tuple[Say, ...] = ()

    def then(self, other: Moved) -> Moved:
        """This, and then the other: events and words in order, the other's state."""
        return Moved(other.state, self.events + other.events, self.says + other.says)


def says_leave(at: Situation) -> bool:
    """Whether an exit is meant: by the button or a key, or by words that say so outright. Nothing is erased by a guess."""
    return not at.typed or at.leaves


def gate_open(state: Journey, at: Situation, block: Block = Block.GENERAL) -> bool:
    """Whether sensitive content of `block` may be said now."""
    return why_closed(state.gate, state.session, state.channel, at.now, at.rules, block) is None


def went_stale(state: Journey, at: Situation) -> bool:
    """Whether the gate stood open when the person last did something, and does so no longer."""
    return bool(state.gate.blocks) and not gate_open(state, at)


def settled(state: Journey, at: Situation) -> Journey:
    """The state with a stale gate closed."""
    gate = settle(state.gate, state.session, state.channel, at.now, at.rules)
    return state if gate is state.gate else replace(state, gate=gate)


__all__ = [
    "NEEDS_GATE",
    "Desk",
    "HumanState",
    "Journey",
    "Moved",
    "PlanDraft",
    "Situation",
    "Step",
    "close",
    "gate_open",
    "says_leave",
    "settled",
    "stage_of",
    "went_stale",
]
