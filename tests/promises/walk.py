"""The walk: every act at every state of the pure journey, in words, with the oracle beside it, to the very end.

Breadth first, so that the first breach is reached by the shortest conversation there is. At every state: every act, typed and not
typed, with the gate fresh and stale in each way it can be, whatever the records may say of a human by then.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from screening.events import HandoverRequested, Outcome
from screening.journey import step
from screening.journey.acts import Act
from screening.journey.stages.code import come_back
from screening.journey.stages.human import news_of_human
from screening.journey.state import HumanState, Journey, Moved, Situation, Step
from tests.promises.folding import ANY, at_item, fold, fold_oracle, unfold
from tests.promises.moves import RECORDS, Move, moves, prepared
from tests.promises.oracle import Breach, Oracle, Screen
from tests.promises.places import Places, State
from tests.promises.probes import probe_outlet
from tests.promises.story import Line, told_lines
from tests.promises.values import changed
from tests.promises.world import NOON, World, take

SAMPLED = 0.02
AT_LEAST = 1_000
"""States of each world that are walked however little time there is."""


@dataclass
class Report:
    """What was walked. `story` is the shortest conversation to the first breach."""

    states: int = 0
    turns: int = 0
    left: int = 0
    """States seen and not walked: 0 when the walk came to its end."""
    steps: set[Step] = field(default_factory=set)
    breach: Breach | None = None
    story: list[Line] = field(default_factory=list)


def walk(
    world: World,
    limit: int | None = None,
    seed: int = 1,
    acts: Sequence[Act] = tuple(Act),
    until: float | None = None,
) -> Report:
    """Walk until nothing new is found, the first breach, `limit` states, or `until` on the monotonic clock.

    Fewer `acts` lead deeper sooner. What was not walked is told as `left`.
    """
    report, random = Report(), Random(seed)
    begun = world.begin()
    at = world.situation(None, NOON)
    oracle = Oracle(channel=world.channel.value, limits=world.limits)
    path: dict[State, tuple[State, Move] | None] = {}
    places = Places()
    move: Move | None = None
    here: State | None = None
    try:
        oracle = oracle.told(world.screen(begun, at), NOON)
        first = (_folded(world, begun.state), fold_oracle(oracle, begun.state))
        path[first] = None
        queue = deque([first])
        walked: set[State] = set()
        while queue and not _enough(report.states, limit, until):
            here = queue.popleft()
            move = None
            walked.add(here)
            report.states = len(walked)
            report.steps.add(here[0].step)
            probe_outlet(world, here)
            for move in moves(here[0], acts):
                report.turns += 1
                for following in _turn(world, here, move, random, places):
                    if following not in path:
                        path[following] = (here, move)
                        queue.append(following)
            if not queue:
                queue.extend(places.again())
        report.left = len(queue)
    except Breach as breach:
        report.breach = breach
        report.story = _story(world, path, here, move)
    return report


def _enough(states: int, limit: int | None, until: float | None) -> bool:
    if until is not None and states >= AT_LEAST and time.monotonic() > until:
        return True
    return limit is not None and states >= limit


def _turn(world: World, here: State, move: Move, random: Random, places: Places) -> Iterator[State]:
    """All that can follow. Raises Breach."""
    itself = _anywhere(world, here, move)
    if itself is not None:
        tried = [(here, itself)]
    else:
        places.goes_back(here)
        tried = [(way, _follows(world, way, move)) for way in places.ways(here)]
    for before, (after, oracle) in tried:
        if random.random() < SAMPLED:
            _check_folding(world, after, random)
        follows = [(after, oracle)]
        if at_item(after) and not at_item(before[0]):
            # Back at the items, from somewhere that does not remember which: all of them.
            others = unfold(*before, world.limits.items)[1:]
            follows += [_follows(world, other, move) for other in others]
        if move.stale in ("session", "channel"):
            # The same journey in another place is walked as such: here it matters only what it says at once.
            continue
        for journey, known in follows:
            same = _folded(world, journey)
            yield places.fold(here, (same, fold_oracle(known, same)))


def _anywhere(world: World, here: State, move: Move) -> State | None:
    """The state after a move that does not look at where the person came from. None: it does. Raises Breach."""
    if here[0].came_from is None:
        return _follows(world, here, move)
    try:
        following = _follows(world, here, move)
    except Breach:
        # "Somewhere" is no place that can be shown. If it is no fault of that, every way shows it.
        return None
    return following if following[0].came_from is not None else None


def _follows(world: World, before: State, move: Move) -> State:
    """The state after a move, whole. Raises Breach."""
    state, oracle, now = prepared(*before, move, world)
    at = world.situation(move.act, now, move.human, move.typed, away=move.away)
    moved, known, _ = meet(world, state, oracle, move, at)
    return moved.state, known


def _folded(world: World, state: Journey) -> Journey:
    return fold(state, reads_wish=world.mode == "indication")


def meet(world: World, state: Journey, oracle: Oracle, move: Move, at: Situation) -> tuple[Moved, Oracle, Screen]:
    """One move, and what the oracle says of it. Raises Breach."""
    # The page renews itself: what can be chosen is what was there, and what is there now.
    offered = world.offered(state, at)
    if move.stale or move.human is not state.human:
        offered |= world.offered(step.look(state, at).state, at)
    oracle = changed(oracle, offered=offered)
    if move.human is HumanState.CLAIMED and not oracle.claimed:
        oracle = oracle.desk("claim")
    elif move.human is HumanState.NONE and state.human is not HumanState.NONE:
        oracle = oracle.desk("back")
    if move.back:
        back = come_back(state, at)
        oracle = oracle.came_back().told(world.screen(back, at), at.now)
        oracle = oracle.desk("claim") if move.human is HumanState.CLAIMED else oracle
        state = back.state
    if move.away:
        state, oracle = told_away(world, state, oracle, at)
    if move.act is None:
        moved = step.look(state, at)
        moved = changed(moved, says=()) if moved.state.human is HumanState.CLAIMED else moved
        oracle = oracle.aged(at.now)
    else:
        # Who has gone with a code has no token any more: nobody hears what is tried on the old screen.
        oracle = oracle if state.paused else oracle.heard(move.act.value, at.now, move.typed)
        moved = take(world, state, move.act, at)
    screen = world.screen(moved, at)
    if moved.state.outcome is Outcome.LEFT and not oracle.left:
        raise Breach("P6", "what was erased had only been said in words that sound like leaving")
    if (state.ended or (state.paused and move.act)) and (moved.says or moved.events):
        raise Breach("P6", "something happened after the end")
    for event in moved.events:
        if isinstance(event, HandoverRequested) and event.answers and not oracle.share:
            raise Breach("P3", "answers went to a caseworker without a yes to sharing")
    oracle = oracle.told(screen, at.now)
    if not {block.value for block in moved.state.gate.blocks} <= oracle.alone:
        raise Breach("P1", "the gate stands for a block that the person did not confirm")
    return moved, oracle, screen


def told_away(world: World, state: Journey, oracle: Oracle, at: Situation) -> tuple[Journey, Oracle]:
    """The person has been told that the caseworker is away, and what can be chosen now. Raises Breach."""
    news = news_of_human(step.look(state, at).state, at)
    if news is None:
        return state, oracle
    return news.state, oracle.told(world.screen(news, at), at.now).desk("away")


def _check_folding(world: World, state: Journey, random: Random) -> None:
    """A state and its fold do the same: held by a sample, so that a new field cannot be folded away by mistake."""
    if state.ended:
        return
    state = changed(state, misses=0, code="", guesses=0)
    if state.return_to in (Step.PLAN_NUMBER, Step.PLAN_WINDOW) or (state.return_to or Step.HELLO).value.startswith(
        "plan."
    ):
        return
    act = random.choice(list(Act))
    human = random.choice(RECORDS[state.human])
    at = world.situation(act, NOON, human)
    if state.gate.blocks:
        state = changed(state, gate=changed(state.gate, seen_at=NOON, said_at=NOON))
    number = state.run.number if state.run is not None else ANY
    same = _folded(world, state)
    same = changed(same, run=changed(same.run, number=number)) if same.run is not None and not state.run_over else same
    same = changed(same, gate=changed(same.gate, blocks=state.gate.blocks)) if same.gate.blocks else same
    same = changed(same, came_from=state.came_from) if same.came_from is not None else same
    plain, folded = step.step(state, act, at), step.step(same, act, at)
    one, other = vars(_folded(world, plain.state)), vars(_folded(world, folded.state))
    differ = [name for name in one if one[name] != other[name]]
    assert not differ, f"folding hides {differ} at {state.step} with {act}"
    assert _heads(plain, state) == _heads(folded, state), f"folding changes what is said at {state.step} with {act}"


def _heads(moved: Moved, before: Journey) -> list[str]:
    unread = ("plan.summary", "card:")
    return [one.key.split(":")[0] for one in moved.says if not one.key.startswith(unread) and before]


def _story(
    world: World, path: dict[State, tuple[State, Move] | None], last: State | None, move: Move | None
) -> list[Line]:
    """The shortest way to the breach, as a dialogue, replayed with whole states; then the folded states as they were walked.

    Where a replay does not show the breach, the two tell whether the journey or the folding is at fault.
    """
    steps: list[Move] = [] if move is None else [move]
    walked = [] if last is None else [_walked(last)]
    while last is not None and (entry := path.get(last)) is not None:
        last, before = entry
        steps.insert(0, before)
        walked.insert(0, _walked(last))
    return [*told_lines(world, steps), *(Line("walked", line) for line in walked)]


def _walked(here: State) -> str:
    """What decides, in the journey and beside it in the oracle."""
    state, oracle = here
    back = ", ".join(
        f"{name} {step}" for name, step in (("back to", state.return_to), ("from", state.came_from)) if step
    )
    return f"{state.step} ({back}) human: {state.human} share: {state.share}/{oracle.share} asked: {oracle.topic}"
