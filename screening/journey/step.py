"""One step of the journey: (state, act, situation) to (state, events, words). Pure, total, and the only way forward."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from safety.content import Channel, ContentClass
from safety.gate import Block, ClosedBecause, close, touch
from screening.journey.acts import SIGNAL_ACTS, Act
from screening.journey.anywhere import MEETS, not_understood
from screening.journey.prompt import LEAVES_HUMAN, choices, needs_recheck, prompt
from screening.journey.says import Say
from screening.journey.stages import closing, code, cover, human, information, opening, questions, rights
from screening.journey.state import NEEDS_GATE, HumanState, Journey, Moved, Situation, Step, says_leave, settled

Stage = Callable[[Journey, Act, Situation], Moved | None]

STEPS: dict[Step, Stage] = {
    Step.HELLO: opening.hello,
    Step.ALONE: opening.alone,
    Step.SHARED: opening.shared,
    Step.LEAVING: opening.leaving,
    Step.NOT_PRIVATE: opening.not_private,
    Step.RECHECK: opening.recheck,
    Step.CODE: code.chosen,
    Step.COVER: cover.behind,
    Step.CARD: information.card,
    Step.TOPICS: information.topics,
    Step.INVITE: questions.invite,
    Step.ITEM: questions.item,
    Step.SUPPORT: human.support,
    Step.LATER: closing.later_menu,
    Step.KEPT: rights.kept,
    Step.ERASE: rights.erase,
    Step.HANDOVER: human.handover,
    Step.SHARE: human.share,
    Step.WAITING: human.waiting,
    Step.BACK_FROM_HUMAN: human.after_human,
    Step.PLAN_WAY: human.plan,
    Step.PLAN_NUMBER: human.plan,
    Step.PLAN_WINDOW: human.plan,
    Step.PLAN_VOICEMAIL: human.plan,
    Step.PLAN_AGENCY: human.plan,
    Step.PLAN_CODE: human.plan,
    Step.PLAN_SUMMARY: human.plan,
    Step.DONE: lambda state, act, at: None,
}


MEANT_FOR_ANY_STEP = frozenset(MEETS) - {Act.FINISH, Act.BACK, Act.GREET, Act.SIMPLER}
"""Acts that still mean the same when the step they were said to has been replaced by the privacy question."""


KEEPS_HELP_FIRST = frozenset(
    {*SIGNAL_ACTS, Act.AGAIN, Act.GREET, Act.SIMPLER, Act.HELP_NOW, Act.WHAT_HAPPENS, Act.PRIVATE, Act.NOT_UNDERSTOOD}
)
"""Acts after which the person is still where they were when they wrote of danger or harm."""


def begin(session: str, journey: Journey, at: Situation) -> Moved:
    """The first words of a conversation."""
    state = replace(journey, session=session)
    return Moved(state, (), prompt(state, at))


def step(state: Journey, act: Act, at: Situation) -> Moved:
    """What follows when the person does `act` in `situation`.

    Order: nothing after the end; a stale gate closes, and then an answer that was meant for a sensitive step is
    dropped and privacy asked again; exit and signals; what the step itself understands; what is open everywhere.
    """
    if state.ended or state.paused:
        return Moved(state)
    if state.step is Step.COVER and not (act is Act.EXIT and says_leave(at)):
        checked = look(state, at)
        behind = cover.behind(checked.state, act, at)
        return _guarded(replace(behind, events=checked.events + behind.events), at)
    checked = look(state, at)
    replaced = checked.state.step is not state.step
    state = checked.state
    # The step was replaced: an act counts only if it answers the new one. Their choices have no id in common.
    stale = replaced and act.value not in choices(state, at)
    if act is not Act.EXIT and act not in SIGNAL_ACTS:
        if stale and act not in MEANT_FOR_ANY_STEP:
            return checked
        moved = None if stale else _stage(state, act, at)(state, act, at)
    else:
        moved = MEETS[act](state, at)
    if moved is None:
        moved = MEETS[act](state, at) if act in MEETS else not_understood(state, at)
    if act is not Act.NOT_UNDERSTOOD and moved.state.misses == state.misses > 0:
        moved = replace(moved, state=replace(moved.state, misses=0))
    if act not in KEEPS_HELP_FIRST and moved.state.grave:
        moved = replace(moved, state=replace(moved.state, grave=False))
    moved = _guarded(replace(moved, events=checked.events + moved.events), at)
    state = human.has_heard(moved.state, moved.says, at)
    return replace(moved, state=replace(state, gate=touch(state.gate, at.now)))


def _stage(state: Journey, act: Act, at: Situation) -> Stage:
    """Whoever is left by the human can go on without, whether or not privacy is asked about at that moment."""
    return human.waiting if act in LEAVES_HUMAN and at.is_left(state) else STEPS[state.step]


def look(state: Journey, at: Situation) -> Moved:
    """What the person may see now without having done anything: time and the records may have changed the step."""
    if state.ended or state.paused:
        return Moved(state)
    state = settled(state, at)
    if at.human is HumanState.CLAIMED:
        # The yes to sharing was for what has now been answered: what is asked for afterwards is asked about anew.
        state = replace(state, share=False)
    elif state.told_away:
        state = replace(state, told_away="")
    if state.human is not at.human and state.step is Step.COVER:
        state = cover.while_away(state, at)
    elif state.human is not at.human and at.human is HumanState.NONE and rights.wants_another_time(state):
        # Whoever wanted another time is not brought back because the waiting is over.
        place = Step.BACK_FROM_HUMAN if state.return_to is Step.WAITING else state.return_to
        state = replace(state, human=HumanState.NONE, return_to=place)
    elif state.human is not at.human:
        if at.human is HumanState.NONE:
            back = human.back_from_human(replace(state, return_to=None), at)
            if at.unseen:
                # What is left to read is shown to somebody who is alone.
                back = opening.ask_again(back.state, at, Block.GENERAL, state.gate.closed_because)
            return _guarded(back, at)
        state = replace(state, human=at.human, step=Step.WAITING if state.step is not Step.RECHECK else state.step)
    return _guarded(Moved(state, (), prompt(state, at)), at, unchanged=True)


def _guarded(moved: Moved, at: Situation, *, unchanged: bool = False) -> Moved:
    """If the step that was come to is sensitive and the gate does not stand for it, privacy is asked instead."""
    moved = _asked_for(moved, at)
    state = moved.state
    if state.step is Step.COVER and state.gate.blocks:
        # However the cover was come back to: behind it nothing is confirmed.
        return replace(moved, state=replace(state, gate=close(state.gate, ClosedBecause.SUSPECTED)))
    if state.channel is Channel.SMS and state.step in NEEDS_GATE:
        # SMS carries neutral lines only: what follows is said by a human, the way the person chooses.
        offered = human.ask_for_human(replace(state, came_from=None), at)
        return Moved(offered.state, moved.events + offered.events, _neutral(moved) + offered.says)
    if not needs_recheck(state, at):
        return moved
    block = Block.GENERAL
    if state.step is Step.ITEM and state.run is not None and at.instrument is not None:
        block = at.instrument.item(state.run.number).block
    because = ClosedBecause.NEW_BLOCK if state.gate.blocks else state.gate.closed_because
    asked = opening.ask_again(state, at, block, because)
    kept = () if unchanged else _neutral(moved)
    return Moved(asked.state, moved.events + asked.events, kept + asked.says)


def _asked_for(moved: Moved, at: Situation) -> Moved:
    """However one came back to the invitation or an item: only a yes that stands leads to an item (P3).

    Somebody who waited for a human may have answered, stopped or been asked anew since they were there.
    """
    state = moved.state
    if state.step not in (Step.INVITE, Step.ITEM):
        return moved
    if state.run_over:
        place = replace(state, step=Step.SUPPORT)
    elif state.step is Step.ITEM and not state.may_ask:
        place = replace(state, step=Step.INVITE)
    else:
        # Whoever is asked anew has not answered yet.
        return replace(moved, state=replace(state, may_ask=state.may_ask and state.step is Step.ITEM))
    return Moved(place, moved.events, prompt(place, at))


def _neutral(moved: Moved) -> tuple[Say, ...]:
    return tuple(one for one in moved.says if one.content_class is ContentClass.NEUTRAL)
