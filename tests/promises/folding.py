"""States of the journey that behave alike become one, so that the walk can come to its end.

Each line below drops what nothing that follows can read. It is not taken on trust: `walk` steps a sample of states folded and
unfolded by the same act and compares what is said and what comes of it.

- Times: `step` always leaves an open gate with `seen_at` = now; how old a confirmation is, is tried at every state.
- Answers: read only for whether there are any. What they are is held by the state machine and the random walk.
- `return_to` is read where privacy, the cover or "later" stands before a step, `came_from` where a human was asked for.
- Where one came from to a human is kept beside the state (`places`).
- A plan's later steps can be reached from its first with nothing else changed: coming back to one is coming back to the first.
- Which item is pending counts only at an item: whoever comes back to the items can come back to any of them, and all are tried.
- So with the blocks that were confirmed, beyond the general one. The walk holds at every turn that the gate stands for no block
  that the person did not confirm, so whoever comes back to the items has confirmed what the gate says.
- Who asked to be asked is read only where an agency asks nobody else.
- One information card stands for all: which one is open changes words only.
- `put_off` is read at what is kept, and wherever one can come back there from.
- Misses, the chosen code, guesses: tried both ways at every state where they are read.
- What somebody who waits was told of the desk decides which words stand at "waiting"; that a caseworker is away is told anew
  by each move that tries it.
- The outcome is carried and never decides; what it says is held by the state machine and the random walk.
"""

from __future__ import annotations

from safety.gate import Block, ClosedBecause, Gate
from screening.events import Answer, Outcome
from screening.journey.state import Desk, HumanState, Journey, PlanDraft, Step
from tests.promises.oracle import GENERAL, Oracle
from tests.promises.values import changed
from tests.promises.world import NOON

PLAN = PlanDraft(way="call", number="+46701740605", window="morning", voicemail=False, say_agency=False)
PLAN_STEPS = frozenset(step for step in Step if step.value.startswith("plan."))
READS_WAY = (Step.PLAN_NUMBER, Step.PLAN_WINDOW)
CONTACT = PLAN_STEPS | {step for step in Step if step.value.startswith("handover.")}
BEFORE = frozenset(
    {
        Step.RECHECK,
        Step.NOT_PRIVATE,
        Step.LATER,
        Step.ALONE,
        Step.SHARED,
        Step.LEAVING,
        Step.HELLO,
        Step.COVER,
        Step.CODE,
        Step.KEPT,
        Step.ERASE,
    }
)
"""Steps that may stand before another one."""
ANY = 1
BLOCKS = tuple(
    (Block.GENERAL, *more)
    for more in ((), (Block.SEXUAL_VIOLENCE,), (Block.OWN_VIOLENCE,), (Block.SEXUAL_VIOLENCE, Block.OWN_VIOLENCE))
)
CARD = "recognise"
SOME_ANSWER = ((1, Answer.NO),)


def at_item(state: Journey) -> bool:
    """Whether the number of the pending item counts: at the item, and at the privacy question before it."""
    return state.step is Step.ITEM or (state.step is Step.RECHECK and state.return_to is Step.ITEM)


def unfold(state: Journey, oracle: Oracle, items: int) -> list[tuple[Journey, Oracle]]:
    """Every state that the folded one stands for, as far as the pending item and the blocks go. The folded one is first."""
    if state.run is None or state.run_over or at_item(state):
        return [(state, oracle)]
    known = [(state, oracle)]
    if state.gate.blocks and oracle.alone:
        known = [_confirmed(state, oracle, blocks) for blocks in BLOCKS]
    return [(changed(one, run=changed(one.run, number=n)), its) for n in range(1, items + 1) for one, its in known]


def _confirmed(state: Journey, oracle: Oracle, blocks: tuple[Block, ...]) -> tuple[Journey, Oracle]:
    gate = changed(state.gate, blocks=blocks)
    return changed(state, gate=gate), changed(oracle, alone=frozenset(block.value for block in blocks))


def fold(state: Journey, *, reads_wish: bool = True) -> Journey:
    """One state for all that behave alike. `reads_wish`: who asked to be asked counts in this world."""
    if state.ended:
        outcome = Outcome.LEFT if state.outcome is Outcome.LEFT else None
        return Journey("s", state.channel, step=Step.DONE, ended=True, outcome=outcome)
    run = state.run
    if run is not None:
        number = run.number if at_item(state) else ANY
        run = changed(run, answers=SOME_ANSWER if run.answers else (), number=number)
    gate = Gate()
    if state.gate.blocks:
        blocks = state.gate.blocks if at_item(state) else (Block.GENERAL,)
        gate = changed(
            state.gate, blocks=blocks, seen_at=NOON, said_at=NOON, closed_because=ClosedBecause.NEVER_CONFIRMED
        )
    talking = state.human is not HumanState.NONE or bool({state.step, state.return_to} & CONTACT)
    came_from = state.came_from if talking else None
    # Which place it is must not matter here: `places` follows one of them for all.
    back = state.return_to if came_from is not None or state.step in BEFORE else None
    if back in PLAN_STEPS:
        back = Step.PLAN_WAY
    near = {state.step, back}
    planning = bool(near & PLAN_STEPS)
    kept = bool(near & {Step.KEPT, Step.ERASE})
    return changed(
        state,
        gate=gate,
        run=run,
        return_to=back,
        put_off=state.put_off and kept,
        wants_questions=state.wants_questions and reads_wish,
        needed_block=state.needed_block if state.step is Step.RECHECK else Block.GENERAL,
        came_from=came_from,
        plan=changed(PLAN, way=state.plan.way) if state.step in READS_WAY else PLAN if planning else PlanDraft(),
        wish=state.wish if Step.SHARE in near else "",
        share=state.share and (planning or Step.WAITING in near or state.human is not HumanState.NONE),
        card=CARD,
        misses=0,
        code="",
        guesses=0,
        urgent=False,
        grave=False,
        simpler=False,
        informed=False,
        support_given=False,
        outcome=None,
        told_desk=Desk.AWAY,
        told_away="",
    )


def fold_oracle(oracle: Oracle, state: Journey) -> Oracle:
    """What the oracle needs to remember beside a folded state."""
    alone = oracle.alone if at_item(state) else oracle.alone & {GENERAL}
    return changed(
        oracle,
        alone=alone,
        seen_at=NOON if alone else None,
        said_at=NOON if alone else None,
        away=False,
        just_confirmed=False,
        must_show_support=False,
        offered=frozenset(),
        paused=oracle.paused and oracle.asking,
        share=oracle.share and state.share,
        known=frozenset(),
        answers=(),
        facts=oracle.facts & {"other_person"} if state.human is not HumanState.NONE else frozenset(),
    )
