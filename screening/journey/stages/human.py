"""Support, the handover to a human, and the safe-contact plan."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from safety.gate import Block
from safety.safe_contact import ContactWay, ContactWindow, SafeContactPlan
from screening.events import HandoverCancelled, HandoverKind, HandoverRequested, StageReached
from screening.journey.acts import Act
from screening.journey.phone_number import e164
from screening.journey.prompt import chat_possible, prompt
from screening.journey.says import Say, say
from screening.journey.stages.information import want_questions
from screening.journey.stages.opening import ask_again
from screening.journey.state import Desk, HumanState, Journey, Moved, PlanDraft, Situation, Step, gate_open


def support(state: Journey, act: Act, at: Situation) -> Moved | None:
    if act in (Act.CONTINUE, Act.YES, Act.FINISH, Act.SKIP, Act.NO):
        return ask_for_human(replace(state, came_from=None), at)
    if act is Act.WANT_QUESTIONS and not state.run_over:
        return want_questions(state, at)
    return None


def ask_for_human(state: Journey, at: Situation, *, urgent: bool = False) -> Moved:
    """Offer the ways to reach a human that are really there now. Whether answers are sent along is asked anew."""
    moved = replace(state, step=Step.HANDOVER, share=False, urgent=state.urgent or urgent)
    return Moved(moved, (StageReached(moved.stage),), prompt(moved, at))


def handover(state: Journey, act: Act, at: Situation) -> Moved | None:
    if act in (Act.CHAT_NOW, Act.YES) and chat_possible(state, at):
        return _wish(replace(state, wish="chat"), at)
    if act is Act.CONTACT_ME:
        return _wish(replace(state, wish="contact"), at)
    if act in (Act.NONE, Act.NO, Act.FINISH, Act.SKIP, Act.BACK):
        return _carry_on(state, at, say_none=True)
    if act is Act.CONTINUE:
        return _carry_on(state, at, say_none=False)
    return None


def _wish(state: Journey, at: Situation) -> Moved:
    """Ask about sharing the answers first, where there are any and the gate is open."""
    if state.run is not None and state.run.answers and gate_open(state, at):
        moved = replace(state, step=Step.SHARE)
        return Moved(moved, (), prompt(moved, at))
    return _fulfil(replace(state, share=False), at)


def share(state: Journey, act: Act, at: Situation) -> Moved | None:
    if act in (Act.YES, Act.NO, Act.DECLINE, Act.SKIP):
        if not state.wish:
            # The way that was chosen before is gone since a human was asked for behind the cover: it is asked about anew.
            return ask_for_human(state, at)
        return _fulfil(replace(state, share=act is Act.YES), at)
    return None


def _fulfil(state: Journey, at: Situation) -> Moved:
    if state.wish == "contact":
        moved = replace(state, step=Step.PLAN_WAY, plan=PlanDraft())
        return Moved(moved, (), prompt(moved, at))
    waiting = replace(state, step=Step.WAITING, human=HumanState.WAITING)
    requested = _request(state, HandoverKind.CHAT)
    if not gate_open(state, at):
        asked = ask_again(waiting, at, Block.GENERAL, waiting.gate.closed_because)
        return Moved(waiting, (requested,)).then(asked)
    return Moved(waiting, (requested,), prompt(waiting, at))


def waiting(state: Journey, act: Act, at: Situation) -> Moved | None:
    if act is Act.TOLD:
        return news_of_desk(state, at) or Moved(state, (), (say("handover.received"),))
    if act is Act.CONTACT_ME:
        moved = replace(
            state,
            step=Step.PLAN_WAY,
            return_to=None,
            human=HumanState.NONE,
            told_away="",
            wish="contact",
            plan=PlanDraft(),
        )
        return Moved(moved, (HandoverCancelled(),), prompt(moved, at))
    if act is Act.NONE and state.human is HumanState.CLAIMED:
        left = replace(state, return_to=None, human=HumanState.NONE, told_away="")
        return Moved(left, (HandoverCancelled(),)).then(back_from_human(left, at))
    if act in (Act.NONE, Act.FINISH):
        cancelled = replace(state, human=HumanState.NONE)
        return Moved(cancelled, (HandoverCancelled(),)).then(_carry_on(cancelled, at, say_none=True))
    return None


def news_of_desk(state: Journey, at: Situation) -> Moved | None:
    """Who waits learns once that nobody is there any more, and what can be done instead. None: there is nothing to say.

    Only to somebody who waits and looks at it: behind the cover, or at a question about privacy, it is not said. Who
    comes back from there is told how it is then.
    """
    if state.step is not Step.WAITING or at.human is not HumanState.WAITING or state.ended or state.paused:
        return None
    if not _is_worse(at.desk, state.told_desk):
        return None
    return Moved(replace(state, told_desk=at.desk), (), prompt(state, at))


def news_of_human(state: Journey, at: Situation) -> Moved | None:
    """Who has a human learns once that the page of that human is not open, and once that it is again.

    Not behind the cover: who comes back from there is told then how it is. None: there is nothing to say.
    """
    if at.human is not HumanState.CLAIMED or not at.claimer or state.step is Step.COVER or state.ended or state.paused:
        return None
    if at.claimer_away():
        if state.told_away == at.claimer:
            return None
        return Moved(replace(state, told_away=at.claimer), (), (say("handover.away", name=at.claimer),))
    if not state.told_away:
        return None
    # Where a colleague has taken over, the line that says so has been written already.
    back = (say("handover.here_again", name=at.claimer),) if state.told_away == at.claimer else ()
    return Moved(replace(state, told_away=""), (), back)


def has_heard(state: Journey, says: tuple[Say, ...], at: Situation) -> Journey:
    """The state after these words: whoever is asked to wait has been told how it is at the desk."""
    if state.step is not Step.WAITING or not any(one.key.startswith(Step.WAITING.value) for one in says):
        return state
    return replace(state, told_desk=at.desk) if _is_worse(at.desk, state.told_desk) else state


def _is_worse(now: Desk, told: Desk) -> bool:
    order = list(Desk)
    return order.index(now) > order.index(told)


def back_from_human(state: Journey, at: Situation) -> Moved:
    """The records say that the human has left the conversation: the assistant speaks again."""
    moved = replace(state, step=Step.BACK_FROM_HUMAN, human=HumanState.NONE)
    return Moved(moved, (), prompt(moved, at))


def after_human(state: Journey, act: Act, at: Situation) -> Moved | None:
    if act in (Act.CONTINUE, Act.YES) and state.came_from:
        moved = replace(state, step=state.came_from, came_from=None)
        return Moved(moved, (), prompt(moved, at))
    if act in (Act.FINISH, Act.NO, Act.NONE, Act.CONTINUE):
        return closing(state, at)
    return None


def _carry_on(state: Journey, at: Situation, *, say_none: bool) -> Moved:
    """Back to where a human was asked for, or on to the close."""
    words = (say("handover.none"),) if say_none else ()
    if state.came_from:
        moved = replace(state, step=state.came_from, came_from=None)
        return Moved(moved, (), (*words, *prompt(moved, at)))
    return Moved(state, (), words).then(closing(state, at))


def closing(state: Journey, at: Situation) -> Moved:
    from screening.journey.stages.closing import close_journey

    return close_journey(state, at)


def _request(state: Journey, kind: HandoverKind, plan: SafeContactPlan | None = None) -> HandoverRequested:
    """The request, with the answers only if the person chose to send them along."""
    if not state.share or state.run is None:
        return HandoverRequested(kind, state.urgent, plan=plan)
    return HandoverRequested(kind, state.urgent, state.run.answers, plan, state.run.instrument, state.run.version)


def plan(state: Journey, act: Act, at: Situation) -> Moved | None:
    """The safe-contact plan, one thing at a time. Nothing is kept until the person says yes to the summary."""
    draft, told = state.plan, at.detail.strip()
    if act is Act.NONE:
        dropped = replace(state, plan=PlanDraft())
        return Moved(dropped, (), (say("plan.dropped"),)).then(_carry_on(dropped, at, say_none=False))
    match state.step, act:
        case Step.PLAN_WAY, Act.CALL | Act.SMS:
            return _next(state, replace(draft, way=act.value), Step.PLAN_NUMBER, at)
        case Step.PLAN_NUMBER, Act.TOLD:
            number = e164(told)
            if number is None:
                return Moved(state, (), (say("plan.bad_number"),))
            return _next(state, replace(draft, number=number), Step.PLAN_WINDOW, at)
        case Step.PLAN_WINDOW, Act.MORNING | Act.AFTERNOON | Act.ANY_TIME:
            after = Step.PLAN_VOICEMAIL if draft.way == "call" else Step.PLAN_AGENCY
            return _next(state, replace(draft, window=act.value, voicemail=False), after, at)
        case Step.PLAN_VOICEMAIL, Act.YES | Act.NO | Act.DONT_KNOW:
            return _next(state, replace(draft, voicemail=act is Act.YES), Step.PLAN_AGENCY, at)
        case Step.PLAN_AGENCY, Act.YES | Act.NO | Act.DONT_KNOW:
            return _next(state, replace(draft, say_agency=act is Act.YES), Step.PLAN_CODE, at)
        case Step.PLAN_CODE, Act.TOLD | Act.SKIP | Act.NO:
            code = told[:40] if act is Act.TOLD else ""
            if not at.is_neutral(code):
                # It is said aloud before anybody knows who answers.
                return Moved(state, (), (say("plan.bad_code_word"),))
            return _next(state, replace(draft, code_word=code), Step.PLAN_SUMMARY, at)
        case Step.PLAN_SUMMARY, Act.NO:
            # Something is not right: from the beginning, where it can also be dropped.
            return _next(state, PlanDraft(), Step.PLAN_WAY, at)
        case Step.PLAN_SUMMARY, Act.YES | Act.CONTINUE:
            return _saved(state, at)
    return None


def _next(state: Journey, draft: PlanDraft, step: Step, at: Situation) -> Moved:
    moved = replace(state, plan=draft, step=step)
    return Moved(moved, (), prompt(moved, at))


def _saved(state: Journey, at: Situation) -> Moved:
    draft, until = state.plan, at.now + timedelta(days=at.plan_days)
    agreed = SafeContactPlan(
        way=ContactWay(draft.way),
        number=draft.number,
        window=ContactWindow(draft.window),
        voicemail=bool(draft.voicemail),
        say_agency=bool(draft.say_agency),
        code_word=draft.code_word,
        expires_at=until,
    )
    requested = _request(state, HandoverKind.CONTACT, agreed)
    moved = replace(state, step=Step.BACK_FROM_HUMAN, plan=PlanDraft(), wish="")
    saved = say("plan.saved", until=until.date().isoformat())
    return Moved(moved, (requested,), (saved, say("handover.back")))
