"""Where one can come back to from a human: carried along by many turns that never look at it, so kept beside the states.

Whoever talks about being contacted goes back afterwards to where that began. Until then nothing depends on which place it is.
So the walk keeps one state for all those places, and beside it which ones there are; only going back is tried from each.
Nothing is guessed: a place belongs to a state when a walk leads there with it, and a place that becomes known later is carried
on to all that was walked from there.
"""

from __future__ import annotations

from collections import defaultdict

from screening.journey.state import Journey, Step
from tests.promises.oracle import Oracle
from tests.promises.values import changed

State = tuple[Journey, Oracle]
SOMEWHERE = Step.DONE
"""Stands for every place. It is none itself: nobody comes back to the end."""


class Places:
    """The places of each state, and the states that go back to them."""

    def __init__(self) -> None:
        self._known: defaultdict[State, set[Step]] = defaultdict(set)
        self._leads: defaultdict[State, set[State]] = defaultdict(set)
        self._go_back: set[State] = set()
        self._again: set[State] = set()

    def ways(self, here: State) -> list[State]:
        """`here` as it is, once for each place that it goes back to."""
        return [(changed(here[0], came_from=step), here[1]) for step in sorted(self._known[here])]

    def goes_back(self, here: State) -> None:
        """A move from `here` looks at the place."""
        self._go_back.add(here)

    def fold(self, here: State, after: State) -> State:
        """`after`, to which a move from `here` leads, without its place, which is remembered."""
        came_from = after[0].came_from
        if came_from is None:
            return after
        folded = (changed(after[0], came_from=SOMEWHERE), after[1])
        if came_from is not SOMEWHERE:
            self._learn(folded, came_from)
        elif folded not in self._leads[here]:
            self._leads[here].add(folded)
            for step in self._known[here]:
                self._learn(folded, step)
        return folded

    def again(self) -> set[State]:
        """States to be walked again, because a place that they go back to became known."""
        again, self._again = self._again, set()
        return again

    def _learn(self, state: State, step: Step) -> None:
        new = [state]
        while new:
            there = new.pop()
            if step not in self._known[there]:
                self._known[there].add(step)
                self._again |= {there} & self._go_back
                new += self._leads[there]
