"""What is asked at a step, and what can be chosen there. Derived from the state alone, so that it can be said again."""

from __future__ import annotations

from safety.content import Channel
from safety.gate import Block
from screening.journey import says
from screening.journey.acts import EVERYWHERE, Act
from screening.journey.says import Say, say
from screening.journey.state import NEEDS_GATE, Desk, HumanState, Journey, Situation, Step, gate_open

EXPECTS_WORDS = frozenset({Step.PLAN_NUMBER, Step.PLAN_CODE, Step.WAITING, Step.CODE, Step.COVER})
"""Steps where typed words are meant literally and must not be interpreted."""

LEAVES_HUMAN = (Act.CONTACT_ME, Act.NONE)
"""What somebody can choose whose caseworker is away, besides waiting on: another time, or the assistant again."""

SIMPLE: dict[Step, tuple[Act, ...]] = {
    Step.HELLO: (Act.CONTINUE, Act.LATER),
    Step.ALONE: (Act.PRIVATE, Act.NOT_PRIVATE),
    Step.SHARED: (Act.YES, Act.NO),
    Step.LEAVING: (Act.CONTINUE, Act.CODE, Act.LATER),
    Step.CODE: (Act.SKIP,),
    Step.COVER: (Act.COVER_PLAN, Act.COVER_MEETING, Act.COVER_PAPERS, Act.FINISH),
    Step.NOT_PRIVATE: (Act.PRIVATE, Act.PAUSE, Act.CONTACT_ME, Act.FINISH),
    Step.RECHECK: (Act.PRIVATE, Act.NOT_PRIVATE),
    Step.INVITE: (Act.YES, Act.NO, Act.LATER),
    Step.ITEM: (Act.YES, Act.NO, Act.DECLINE, Act.EXPLAIN, Act.BACK, Act.FINISH),
    Step.SUPPORT: (Act.CONTINUE,),
    Step.LATER: (Act.CONTINUE, Act.PAUSE, Act.CONTACT_ME, Act.FINISH),
    Step.KEPT: (Act.CONTINUE, Act.ERASE),
    Step.ERASE: (Act.NO, Act.YES),
    Step.SHARE: (Act.YES, Act.NO),
    Step.WAITING: (Act.CONTACT_ME, Act.NONE),
    Step.PLAN_WAY: (Act.CALL, Act.SMS, Act.NONE),
    Step.PLAN_NUMBER: (Act.NONE,),
    Step.PLAN_WINDOW: (Act.MORNING, Act.AFTERNOON, Act.ANY_TIME, Act.NONE),
    Step.PLAN_VOICEMAIL: (Act.NO, Act.YES),
    Step.PLAN_AGENCY: (Act.NO, Act.YES),
    Step.PLAN_CODE: (Act.SKIP,),
    Step.PLAN_SUMMARY: (Act.YES, Act.NO),
    Step.DONE: (Act.FINISH,),
}


def chat_possible(state: Journey, at: Situation) -> bool:
    """Chat is offered when the desk is open, or when somebody sits there anyway. It needs a page to write on."""
    return state.channel is Channel.WEB and (at.open_now or at.present)


def choices(state: Journey, at: Situation) -> tuple[str, ...]:
    """Ids of what can be chosen at this step, in order, without the ones that are open everywhere."""
    if state.ended or state.paused:
        return ()
    if state.human is HumanState.CLAIMED and state.step is not Step.COVER:
        return tuple(act.value for act in LEAVES_HUMAN) if at.is_left(state) else ()
    if state.step is Step.CARD:
        first = not at.cards or state.card == at.cards[0]
        return tuple(
            act.value
            for act in (Act.CONTINUE, Act.SIMPLER, Act.TOPICS, *(() if first else (Act.BACK,)), Act.SKIP)
            if not (act is Act.SIMPLER and state.simpler)
        )
    if state.step is Step.TOPICS:
        return (*(f"card_{card}" for card in at.cards), Act.SKIP.value)
    if state.step is Step.HANDOVER:
        chat = (Act.CHAT_NOW,) if chat_possible(state, at) else ()
        return tuple(act.value for act in (*chat, Act.CONTACT_ME, Act.NONE))
    if state.step is Step.BACK_FROM_HUMAN:
        go_on = (Act.CONTINUE,) if state.came_from else ()
        return tuple(act.value for act in (*go_on, Act.FINISH))
    possible = {Act.CODE: at.resume_hours > 0 and not state.code, Act.PAUSE: bool(state.code)}
    return tuple(act.value for act in SIMPLE[state.step] if possible.get(act, True))


def help_first(state: Journey) -> tuple[str, ...]:
    """What comes before everything else that can be chosen on a page, after a sign of danger, harm or exposure."""
    if not state.grave or state.channel is not Channel.WEB or state.ended or state.paused:
        return ()
    if state.step is Step.COVER or state.human is HumanState.CLAIMED:
        return ()
    reached = state.step is Step.HANDOVER or state.human is HumanState.WAITING
    return (Act.HELP_NOW.value,) if reached else (Act.HUMAN.value, Act.HELP_NOW.value)


def everywhere(state: Journey) -> tuple[str, ...]:
    """Ids of what can be chosen wherever the person is. Behind the cover: nothing that the cover would not have."""
    if state.ended or state.paused:
        return ()
    if state.step is Step.COVER:
        return (Act.HUMAN.value, Act.EXIT.value)
    if state.human is HumanState.CLAIMED:
        return (Act.COVER.value, Act.EXIT.value)
    return tuple(act.value for act in EVERYWHERE)


def prompt(state: Journey, at: Situation) -> tuple[Say, ...]:
    """What is asked at this step."""
    match state.step:
        case Step.HELLO:
            return (say("welcome.hello", agency=at.agency_name),)
        case Step.RECHECK:
            if state.needed_block is not Block.GENERAL:
                return (say("privacy.block"),)
            if state.return_to is Step.WAITING:
                return (say("handover.private_first"),)
            return (say("privacy.recheck"),)
        case Step.CARD:
            return (says.card(state.card),)
        case Step.INVITE:
            key = "invitation.ask" if at.mode == "routine" else "invitation.ask_indication"
            return (say(key),)
        case Step.ITEM:
            return _item(state, at)
        case Step.SUPPORT:
            return (say("support.intro"), says.lines(), say("support.closing"))
        case Step.LATER:
            return (say("later.said"),)
        case Step.HANDOVER:
            return (_human_offer(at),)
        case Step.WAITING:
            return (_waiting(at),)
        case Step.PLAN_AGENCY:
            return (say("plan.say_agency", agency=at.agency_name),)
        case Step.PLAN_SUMMARY:
            return (_summary(state),)
        case Step.DONE:
            return (say("close.done"), say("close.traces"))
        case _:
            return (say(state.step.value),)


def _item(state: Journey, at: Situation) -> tuple[Say, ...]:
    if state.run is None or at.instrument is None:
        raise ValueError("an item is pending without a run")
    if state.run_over:
        return ()  # Answered or stopped since they were here: `step` leads on.
    item = at.instrument.item(state.run.number)
    progress = say("questions.progress", number=str(item.number), count=str(len(at.instrument.items)))
    before = (say("questions.before_own"),) if item.block is Block.OWN_VIOLENCE else ()
    return (progress, *before, says.item(item.number, item.block))


def _human_offer(at: Situation) -> Say:
    if at.present:
        return say("handover.ask_present")
    if at.open_now:
        return say("handover.ask_open")
    return say("handover.ask_closed", day=at.opens_day, time=at.opens_time)


def _waiting(at: Situation) -> Say:
    """The truth about who can answer at this moment."""
    if at.desk is Desk.CLOSED:
        return say("handover.waiting_closed", day=at.opens_day, time=at.opens_time)
    return say("handover.waiting_away" if at.desk is Desk.AWAY else "handover.waiting")


def _summary(state: Journey) -> Say:
    draft = state.plan
    return say(
        "plan.summary",
        way=f"choice:{draft.way}",
        number=draft.number,
        window=f"choice:{draft.window}",
        voicemail="choice:yes" if draft.voicemail else "choice:no",
        say_agency="choice:yes" if draft.say_agency else "choice:no",
        code_word=f"text:{draft.code_word or '–'}",
    )


def needs_recheck(state: Journey, at: Situation) -> bool:
    """Whether the pending step is sensitive and the gate does not stand for it."""
    if state.step not in NEEDS_GATE or state.ended:
        return False
    block = Block.GENERAL
    if state.step is Step.ITEM and state.run is not None and at.instrument is not None:
        block = at.instrument.item(state.run.number).block
    return not gate_open(state, at, block)
