"""The invitation and the items: only after a yes, one at a time, verbatim, each can be skipped, stopping is free."""

from __future__ import annotations

from dataclasses import replace

from safety.gate import ClosedBecause
from screening.events import Answer, InvitationAnswered, Outcome
from screening.journey import says
from screening.journey.acts import Act
from screening.journey.prompt import prompt
from screening.journey.says import say
from screening.journey.stages.information import begin_questions, to_support
from screening.journey.stages.opening import ask_again
from screening.journey.state import Journey, Moved, Situation, Step, gate_open

ANSWERS = {Act.YES: Answer.YES, Act.NO: Answer.NO, Act.DECLINE: Answer.DECLINED, Act.SKIP: Answer.DECLINED}


def invite(state: Journey, act: Act, at: Situation) -> Moved | None:
    begun = state.run is not None and not state.run_over
    if act is Act.YES:
        answered = Moved(state, (InvitationAnswered("yes"),))
        return answered.then(
            _go_to(replace(state, step=Step.ITEM, may_ask=True), at) if begun else begin_questions(state, at)
        )
    if act in (Act.NO, Act.DECLINE, Act.SKIP) and begun:
        # Invited again after having been away: a no now is a stop. What was answered before is counted as such.
        return Moved(state, (InvitationAnswered("no"),)).then(_over(state, at, completed=False))
    if act in (Act.NO, Act.DECLINE, Act.SKIP):
        declined = replace(state, outcome=Outcome.DECLINED)
        said = Moved(declined, (InvitationAnswered("no"),), (say("invitation.declined"),))
        return said.then(to_support(declined, at))
    if act is Act.LATER:
        # The same help as for everybody else (P5): what is shown must not depend on the answer.
        waiting = replace(state, may_ask=False, outcome=state.outcome if begun else Outcome.LATER)
        said = Moved(waiting, (InvitationAnswered("later"),), (say("invitation.later"),))
        return said.then(to_support(waiting, at))
    if act is Act.DONT_KNOW:
        return Moved(state, (), prompt(state, at))
    return None


def item(state: Journey, act: Act, at: Situation) -> Moved | None:
    run, instrument = state.run, at.instrument
    if run is None or instrument is None:
        raise ValueError("an item is pending without a run")
    if act in ANSWERS:
        return _go_to(replace(state, run=run.answered(ANSWERS[act])), at)
    if act is Act.BACK:
        return _go_to(replace(state, run=run.back()), at)
    if act is Act.EXPLAIN:
        block = instrument.item(run.number).block
        note = (says.explanation(run.number, block), say("questions.explanation_note"))
        return Moved(state, (), (*note, *prompt(state, at)))
    if act is Act.DONT_KNOW:
        return Moved(state, (), (say("questions.dont_know"), *prompt(state, at)))
    if act is Act.FINISH:
        return _over(state, at, completed=False)
    return None


def _go_to(state: Journey, at: Situation) -> Moved:
    """Show the item that the run stands at; ask for privacy anew before a block that needs it."""
    run, instrument = state.run, at.instrument
    assert run is not None and instrument is not None
    if run.complete(instrument):
        return _over(state, at, completed=True)
    block = instrument.item(run.number).block
    if not gate_open(state, at, block):
        return ask_again(state, at, block, ClosedBecause.NEW_BLOCK)
    return Moved(state, (), prompt(state, at))


def _over(state: Journey, at: Situation, *, completed: bool) -> Moved:
    assert state.run is not None
    outcome = Outcome.COMPLETED if completed else Outcome.STOPPED
    over = replace(state, may_ask=False, run_over=True, outcome=outcome)
    said = say("questions.done" if completed else "questions.stopped")
    return Moved(over, (state.run.ended(completed=completed),), (said,)).then(to_support(over, at))
