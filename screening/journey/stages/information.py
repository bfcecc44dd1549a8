"""Information cards, and where they lead: what violence is, told so that people can recognise their own situation."""

from __future__ import annotations

from dataclasses import replace

from screening.events import InvitationMade, Outcome, StageReached, SupportGiven
from screening.instrument import Run
from screening.journey.acts import Act
from screening.journey.prompt import prompt
from screening.journey.says import introduction, say
from screening.journey.state import Journey, Moved, Situation, Step


def card(state: Journey, act: Act, at: Situation) -> Moved | None:
    position = at.cards.index(state.card) if state.card in at.cards else 0
    match act:
        case Act.CONTINUE | Act.YES if position + 1 < len(at.cards):
            return _open(state, at.cards[position + 1], at)
        case Act.CONTINUE | Act.YES | Act.SKIP | Act.NO | Act.FINISH:
            return after_information(state, at)
        case Act.BACK:
            return _open(state, at.cards[max(0, position - 1)], at)
        case Act.SIMPLER:
            return _open(replace(state, simpler=True), state.card, at)
        case Act.TOPICS:
            moved = replace(state, step=Step.TOPICS)
            return Moved(moved, (), prompt(moved, at))
        case Act.CARD if at.detail in at.cards:
            return _open(state, at.detail, at)
        case Act.WANT_QUESTIONS:
            return want_questions(state, at)
    return None


def topics(state: Journey, act: Act, at: Situation) -> Moved | None:
    if act in (Act.CONTINUE, Act.BACK, Act.TOPICS):
        return _open(state, state.card, at)
    return card(state, act, at) if act in (Act.CARD, Act.SKIP, Act.FINISH, Act.WANT_QUESTIONS, Act.NO) else None


def after_information(state: Journey, at: Situation) -> Moved:
    """Invite by the agency's rule for the programme, or go on to support."""
    informed = replace(state, informed=True, outcome=state.outcome or Outcome.INFORMED)
    invited = at.mode == "routine" or (at.mode == "indication" and (state.wants_questions or at.indicated))
    if not invited or state.run_over:
        return to_support(informed, at)
    if at.instrument is None:
        return Moved(informed, (), (say("questions.missing"),)).then(to_support(informed, at))
    moved = replace(informed, step=Step.INVITE, may_ask=False)
    conditions = say("invitation.conditions", agency=at.agency_name, kept="say:invitation.kept")
    return Moved(moved, (StageReached(moved.stage), InvitationMade()), (conditions, *prompt(moved, at)))


def want_questions(state: Journey, at: Situation) -> Moved:
    """The person asks to be asked. Where the agency may not ask, that is said."""
    wanting = replace(state, wants_questions=True)
    if at.mode == "information_only":
        return Moved(wanting, (), (say("invitation.not_here", agency=at.agency_name), *prompt(wanting, at)))
    return after_information(wanting, at)


def to_support(state: Journey, at: Situation) -> Moved:
    moved = replace(state, step=Step.SUPPORT, support_given=True)
    return Moved(moved, (StageReached(moved.stage), SupportGiven()), prompt(moved, at))


def begin_questions(state: Journey, at: Situation) -> Moved:
    """The person said yes to being asked."""
    if at.instrument is None:
        raise ValueError("an invitation was made without an instrument")
    run = Run(at.instrument.id, at.instrument.version)
    moved = replace(state, step=Step.ITEM, may_ask=True, run=run, outcome=Outcome.STOPPED)
    return Moved(moved, (StageReached(moved.stage),), (say("questions.start"), introduction(), *prompt(moved, at)))


def _open(state: Journey, card_id: str, at: Situation) -> Moved:
    moved = replace(state, step=Step.CARD, card=card_id)
    return Moved(moved, (), prompt(moved, at))
