"""The walk: every act at every state of the pure journey, in words, with the oracle beside it, to the very end.

Breadth first, so that the first breach is reached by the shortest conversation there is. At every state: every act, typed and not
typed, with the gate fresh and stale in each way it can be, whatever the records may say of a human by then.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from safety import outlet
from safety.content import Channel, ContentClass
from safety.gate import Block
from screening.events import HandoverRequested, Outcome
from screening.journey import code, step
from screening.journey.acts import Act
from screening.journey.stages.code import come_back
from screening.journey.stages.human import news_of_human
from screening.journey.state import NEEDS_GATE, HumanState, Journey, Moved, Situation, Step
from tests.promises.folding import ANY, at_item, fold, fold_oracle, unfold
from tests.promises.oracle import Breach, Oracle, Screen
from tests.promises.places import Places, State
from tests.promises.story import Line, told_lines
from tests.promises.values import changed
from tests.promises.world import ALONE_IN_WORDS, NOON, NOT_ALONE_IN_WORDS, World, sensitive_words, take

WORD = "blåbär"
RECORDS = {
    HumanState.NONE: (HumanState.NONE,),
    HumanState.WAITING: tuple(HumanState),
    HumanState.CLAIMED: (HumanState.CLAIMED, HumanState.NONE),
}
"""What the records can say by now, by what the journey knew last."""
SAMPLED = 0.02
WHEN_AWAY = (None, Act.CONTACT_ME, Act.NONE, Act.PRIVATE, Act.COVER, Act.EXIT)
"""What is tried when the caseworker is away: whatever else is done then goes the same way as when they are there."""
AT_LEAST = 1_000
"""States of each world that are walked however little time there is."""


@dataclass(frozen=True)
class Move:
    """One input: an act (None: only a look at the screen), when, what the records say, and what is not in the state."""

    act: Act | None
    typed: str = ""
    human: HumanState = HumanState.NONE
    stale: str = ""
    """How the gate went stale before it: idle, old, clock, session, channel; empty: not at all, to the second."""
    missed: bool = False
    coded: bool = False
    away: bool = False
    """The caseworker who has the conversation is not there, and the person has just been told so."""
    back: bool = False
    """The person comes back with the code: another session, on another phone or the same."""

    def __str__(self) -> str:
        if self.back:
            return "(comes back with the code)"
        what = self.act.value if self.act else "(looks at the screen)"
        extra = [f"typed: {self.typed}" if self.typed else "", STALE.get(self.stale, "")]
        extra.append("" if self.human is HumanState.NONE else f"the records say: {self.human.value}")
        extra.append("the caseworker is away" if self.away else "")
        said = "; ".join(part for part in extra if part)
        return f"{what} ({said})" if said else what


STALE = {
    "idle": "after a silence longer than the limit",
    "old": "long after the confirmation",
    "clock": "the clock went backwards",
    "session": "in another session",
    "channel": "on another channel",
}


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
            _probe_outlet(world, here)
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


def moves(state: Journey, acts: Sequence[Act] = tuple(Act)) -> Iterator[Move]:
    """Everything that can happen next."""
    if state.ended:
        yield from (Move(act) for act in Act)
        return
    open_gate = bool(state.gate.blocks)
    for human in RECORDS[state.human]:
        yield Move(None, human=human)
        yield Move(None, human=human, back=True)
        if state.paused:
            continue
        if human is HumanState.CLAIMED:
            yield from (Move(act, human=human, away=True) for act in WHEN_AWAY)
        for act in acts:
            yield Move(act, human=human)
            if open_gate and state.step in NEEDS_GATE:
                yield Move(act, human=human, stale="idle")
        for act in (Act.PRIVATE, Act.YES):
            for typed in (ALONE_IN_WORDS, NOT_ALONE_IN_WORDS):
                yield Move(act, typed, human)
    if state.paused:
        yield from (Move(act) for act in Act)
        return
    yield Move(Act.NOT_UNDERSTOOD, missed=True, human=state.human)
    yield Move(Act.EXIT, "hur lämnar jag honom", human=state.human)
    if state.step in (Step.LATER, Step.NOT_PRIVATE):
        yield Move(Act.PAUSE, human=state.human, coded=True)
    if state.step is Step.COVER:
        yield Move(Act.TOLD, WORD, human=state.human, coded=True)
        yield Move(Act.TOLD, "hej", human=state.human, coded=True)
    if open_gate:
        for stale in ("idle", "old", "clock", "session", "channel"):
            for act in (None, Act.CONTINUE, Act.YES, Act.HELP_NOW, Act.EXPOSED, Act.AGAIN):
                yield Move(act, human=state.human, stale=stale)


def prepared(state: Journey, oracle: Oracle, move: Move, world: World) -> tuple[Journey, Oracle, datetime]:
    """The state as the move finds it, and when."""
    if move.missed:
        state = changed(state, misses=1)
    if move.coded:
        state = changed(state, code=code.fingerprint(code.folded(WORD), state.session))
    now = NOON
    if move.stale == "idle":
        now += world.rules.idle + timedelta(seconds=1)
    elif move.stale == "old":
        past = NOON - world.rules.longest - timedelta(seconds=1)
        state = changed(state, gate=changed(state.gate, said_at=past))
        oracle = changed(oracle, said_at=past)
    elif move.stale == "clock":
        now -= timedelta(seconds=1)
    elif move.stale == "session":
        state, oracle = changed(state, session="another"), oracle.came_back()
    elif move.stale == "channel":
        other = Channel.WEB if state.channel is Channel.VOICE else Channel.VOICE
        state, oracle = changed(state, channel=other), oracle.came_back()
    return state, oracle, now


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


PROBES = (
    (ContentClass.SENSITIVE, Block.GENERAL),
    (ContentClass.SENSITIVE, Block.SEXUAL_VIOLENCE),
    (ContentClass.QUESTION, Block.GENERAL),
    (ContentClass.QUESTION, Block.OWN_VIOLENCE),
)


def _probe_outlet(world: World, here: State) -> None:
    """The outlet by itself: asked for the worst at every state, whatever the journey would say there."""
    state, oracle = here
    for stale in ("", "idle", "old", "clock", "session", "channel") if state.gate.blocks else ("",):
        found, known, now = prepared(state, oracle, Move(None, stale=stale), world)
        known = known.aged(now)
        setting = world.setting(found, world.situation(None, now, state.human))
        for content_class, block in PROBES:
            if outlet.verdict("våld", content_class, setting, sensitive_words, block=block) is not None:
                continue
            if not known.alone or (block is not Block.GENERAL and block.value not in known.alone):
                raise Breach("P1", f"the outlet lets {content_class} of {block} through with no confirmation")
            if content_class is ContentClass.QUESTION and not known.asking:
                raise Breach("P3", "the outlet lets an item through without a yes to being asked")
            if known.claimed and state.human is HumanState.CLAIMED:
                raise Breach("P7", "the outlet lets the assistant speak while a human has the conversation")
        _probe_sms_and_exit(setting)


def _probe_sms_and_exit(setting: outlet.Setting) -> None:
    sms = changed(setting, channel=Channel.SMS, gate=changed(setting.gate, channel=Channel.SMS))
    left = changed(setting, left=True)
    for content_class in (ContentClass.SENSITIVE, ContentClass.QUESTION):
        if outlet.verdict("våld", content_class, sms, sensitive_words) is None:
            raise Breach("P2", "the outlet lets a message that is not neutral go by SMS")
    if outlet.verdict("våld", ContentClass.NEUTRAL, setting, sensitive_words) is None:
        raise Breach("P2", "the outlet lets a sensitive word pass as neutral")
    if outlet.verdict("hej", ContentClass.NEUTRAL, left, sensitive_words) is None:
        raise Breach("P6", "the outlet lets something through after the exit")


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
