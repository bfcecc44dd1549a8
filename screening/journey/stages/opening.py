"""Welcome and privacy: nothing sensitive has been said yet, and nothing here says any."""

from __future__ import annotations

from dataclasses import replace

from safety.alone import clearly_alone
from safety.content import Channel
from safety.gate import Block, ClosedBecause, close, confirm
from screening.events import GateClosed, GateOpened, Outcome, StageReached
from screening.journey.acts import Act
from screening.journey.prompt import prompt
from screening.journey.says import say
from screening.journey.stages.closing import pause
from screening.journey.state import Journey, Moved, Situation, Step, gate_open


def hello(state: Journey, act: Act, at: Situation) -> Moved | None:
    if act in (Act.CONTINUE, Act.YES):
        moved = replace(state, step=Step.ALONE)
        return Moved(moved, (StageReached(moved.stage),), prompt(moved, at))
    if act is Act.GREET:
        return Moved(state, (), prompt(state, at))
    return None


def says_alone(state: Journey, act: Act, at: Situation) -> bool:
    """Its own button says it. Typed words must say nothing else: what a classifier makes of them is not enough."""
    if not at.typed:
        return act is Act.PRIVATE
    return act in (Act.PRIVATE, Act.YES) and clearly_alone(at.typed, state.locale)


def alone(state: Journey, act: Act, at: Situation) -> Moved | None:
    if says_alone(state, act, at):
        moved = replace(_confirmed(state, at, Block.GENERAL), step=Step.SHARED)
        return Moved(moved, (GateOpened(Block.GENERAL.value),), prompt(moved, at))
    return _not_private(state, act, at)


def shared(state: Journey, act: Act, at: Situation) -> Moved | None:
    if act not in (Act.YES, Act.NO, Act.DONT_KNOW):
        return _not_private(state, act, at) if act is Act.NOT_PRIVATE else None
    moved = replace(state, step=Step.LEAVING)
    advice = () if act is Act.NO else (say("privacy.shared_advice"),)
    return Moved(moved, (), (*advice, *prompt(moved, at)))


def leaving(state: Journey, act: Act, at: Situation) -> Moved | None:
    """The interruption page: how leaving works, before the first sensitive card (GOV.UK, Exit this page)."""
    if act is Act.CODE and at.resume_hours and not state.code:
        moved = replace(state, step=Step.CODE)
        if shut_page(moved, at):
            return ask_again(moved, at, Block.GENERAL, moved.gate.closed_because)
        return Moved(moved, (), prompt(moved, at))
    if act in (Act.CONTINUE, Act.YES, Act.PRIVATE):
        first = at.cards[0] if at.cards else ""
        moved = replace(state, step=Step.CARD, card=state.card or first)
        return Moved(moved, (StageReached(moved.stage),), prompt(moved, at))
    return _not_private(state, act, at) if act is Act.NOT_PRIVATE else None


def not_private(state: Journey, act: Act, at: Situation) -> Moved | None:
    """Only the button leads back from here: an ordinary "ja" to a cover line must not."""
    if act is Act.PRIVATE and not at.typed:
        return recheck(state, Act.PRIVATE, at) if state.return_to else alone(state, Act.PRIVATE, at)
    if act is Act.PAUSE and state.code:
        return pause(state)
    return None


def recheck(state: Journey, act: Act, at: Situation) -> Moved | None:
    if says_alone(state, act, at):
        back, block = state.return_to or Step.SHARED, _waiting_block(state, at)
        moved = replace(_confirmed(state, at, block), step=back, return_to=None, needed_block=Block.GENERAL)
        opened = GateOpened(block.value)
        return Moved(moved, (opened,), (say("privacy.thanks"), *prompt(moved, at)))
    return _not_private(state, act, at)


def ask_again(state: Journey, at: Situation, block: Block, because: ClosedBecause) -> Moved:
    """Put the privacy question before the pending step."""
    gate, events = state.gate, tuple[GateClosed, ...]()
    if because is not ClosedBecause.NEW_BLOCK:
        gate, events = close(state.gate, because), (GateClosed(because.value),)
    moved = replace(state, gate=gate, step=Step.RECHECK, return_to=state.step, needed_block=block)
    return Moved(moved, events, prompt(moved, at))


def shut_page(state: Journey, at: Situation) -> bool:
    """Whether somebody else may see what a page says now. What is private is not said there before privacy is asked."""
    return state.channel is Channel.WEB and not gate_open(state, at)


def _waiting_block(state: Journey, at: Situation) -> Block:
    """The block of the item that waits behind the question. No other one is confirmed with it."""
    if state.return_to is not Step.ITEM or state.run is None or at.instrument is None:
        return Block.GENERAL
    return at.instrument.item(state.run.number).block


def _confirmed(state: Journey, at: Situation, block: Block) -> Journey:
    gate = confirm(state.gate, state.session, state.channel, at.now, block)
    outcome = None if state.outcome is Outcome.NOT_SAFE else state.outcome
    return replace(state, gate=gate, outcome=outcome)


def _not_private(state: Journey, act: Act, at: Situation) -> Moved | None:
    if act not in (Act.NOT_PRIVATE, Act.NO, Act.DONT_KNOW):
        return None
    return say_not_private(state, at)


def say_not_private(state: Journey, at: Situation) -> Moved:
    """Shut the gate and offer the ways out. `return_to` is where the button leads back to."""
    gate = close(state.gate, ClosedBecause.NOT_PRIVATE)
    moved = replace(state, step=Step.NOT_PRIVATE, gate=gate, outcome=state.outcome or Outcome.NOT_SAFE)
    return Moved(moved, (GateClosed(ClosedBecause.NOT_PRIVATE.value),), prompt(moved, at))
