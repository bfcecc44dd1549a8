"""What may be said now, by simple rules of its own, written from the promises. It calls nothing of the product.

An `Oracle` is a value: one conversation as the person lived it. It is fed every input (`heard`), every act of a
caseworker (`desk`) and every reply (`told`), and raises `Breach` at the first message that breaks a promise. It is
lenient where the product may be stricter, and never the other way round: what it forbids is forbidden.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.promises import wording
from tests.promises.values import changed

GENERAL, SEXUAL, OWN = "general", "sexual_violence", "own_violence"
ANSWERS = {"yes": "yes", "no": "no", "decline": "declined", "skip": "declined"}
CLOSES = frozenset({"not_private", "overseen", "other_person", "own_story", "cover"})
REFUSALS = frozenset({"no", "decline", "skip", "later", "none", "finish"})


class Breach(AssertionError):
    """A promise was broken. `promise` is P1 to P12."""

    def __init__(self, promise: str, why: str) -> None:
        super().__init__(f"{promise}: {why}")
        self.promise = promise
        self.why = why

    def __reduce__(self) -> tuple[type[Breach], tuple[str, str]]:
        """So that it comes home from another process."""
        return Breach, (self.promise, self.why)


@dataclass(frozen=True)
class Told:
    """One message as it reached the person. `id` is empty where messages are always new."""

    text: str
    cls: str
    part: str = ""
    sender: str = "assistant"
    id: str = ""


@dataclass(frozen=True)
class Screen:
    """A reply: the messages, the ids that can be chosen, and what the product says of its gate."""

    messages: tuple[Told, ...]
    offered: frozenset[str]
    gate: str = "closed"
    ended: bool = False
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Limits:
    """What the agency's file says. `items` is 0 where nothing may be asked."""

    idle: timedelta = timedelta(minutes=5)
    longest: timedelta = timedelta(minutes=20)
    items: int = 7
    may_invite: bool = True


@dataclass(frozen=True)
class Oracle:
    """`topic` is what was asked last: `private`, `only_button`, `invite`, `item:3`, `share`, `later`, `summary`, `waiting`,
    `kept`, `erase`, `contact`."""

    channel: str = "web"
    limits: Limits = Limits()
    alone: frozenset[str] = frozenset()
    """Blocks that a confirmation stands for. Empty: nothing sensitive may be said."""
    seen_at: datetime | None = None
    said_at: datetime | None = None
    just_confirmed: bool = False
    topic: str = ""
    offered: frozenset[str] = frozenset()
    asking: bool = False
    """A yes to the invitation, and no stop since."""
    paused: bool = False
    share: bool = False
    claimed: bool = False
    away: bool = False
    """The caseworker who has the conversation is not there, and the person has been told so."""
    left: bool = False
    ended: bool = False
    known: frozenset[str] = frozenset()
    """Ids of messages that were on the screen before a human took over."""
    answers: tuple[tuple[int, str], ...] = ()
    facts: frozenset[str] = frozenset()
    """What the person has done that an outcome can be: consented, declined, complete, unsafe, later, stopped, support, away."""
    must_show_support: bool = False
    goes_on: bool = False
    """What was just done may not end the conversation."""

    # what happens

    def heard(self, act: str, at: datetime, typed: str = "") -> Oracle:
        """The person did something. `act` is a choice id, or what typed words were understood as."""
        now = self.aged(at)
        now = changed(now, facts=now.facts | {"typed"}) if typed else now
        topic, offered = now.topic, now.offered
        now = changed(now, seen_at=at, just_confirmed=False, must_show_support=False, goes_on=False)
        if act == "exit" and not wording.plainly_leaves(typed, to_human=now.claimed):
            # Words that only sound like leaving: nothing is erased by a guess.
            return now
        if act == "exit":
            return changed(now, left=True, ended=True, alone=frozenset(), asking=False, facts=now.facts | {"left"})
        suspicious = typed.strip().casefold() in wording.SOMEBODY_IS_THERE or act in CLOSES
        somebody_else = typed.strip().casefold() in wording.SOMEBODY_ELSE_WRITES or act == "other_person"
        if somebody_else and (now.claimed or topic == "waiting"):
            # Words to a human end nothing: they may be the person's own. The gate closes.
            return changed(
                now,
                alone=frozenset(),
                goes_on=now.claimed and not now.ended,
                facts=now.facts | {"unsafe", "other_person_perhaps"},
            )
        if somebody_else:
            return changed(now, alone=frozenset(), asking=False, ended=True, facts=now.facts | {"other_person"})
        if now.claimed and now.away and act in {"contact_me", "none"} and not typed:
            # The person goes on without that human.
            return changed(now, claimed=False, away=False, share=False, topic="")
        if now.claimed and not suspicious and act not in {"private", "not_private"}:
            return now  # Words to a human are words to a human.
        refused_privacy = topic == "private" and act in {"no", "dont_know", "not_private"}
        if suspicious or refused_privacy:
            return changed(now, alone=frozenset(), facts=now.facts | {"unsafe"})
        if now._confirms(act, typed):
            facts = now.facts - {"unsafe"}
            return changed(
                now, alone=now.alone | {GENERAL}, said_at=at, just_confirmed=True, paused=False, topic="", facts=facts
            )
        if act == "pause" and act in offered:
            # Gone, but not for good: silence ends it, or the code leads back.
            return changed(now, alone=frozenset(), ended=True, facts=now.facts | {"away"})
        if topic == "erase" and act == "yes" and not typed:
            return changed(now, alone=frozenset(), asking=False, ended=True, facts=now.facts | {"erased"})
        if act == "later" and not now.claimed:
            now = changed(now, paused=True, facts=now.facts | {"later"})
        if act == "continue" or (topic in ("later", "") and act in {"yes", "back"}):
            now = changed(now, paused=False, facts=now.facts - {"later"})
        covered = any(choice.startswith("cover_") for choice in offered)
        takes_back = act == "none" and act in offered and topic not in ("kept", "erase")
        anew = topic == "contact" and act in {"yes", "chat_now", "contact_me"}
        if not covered and (takes_back or anew or (act == "contact_me" and topic != "waiting")):
            # A new request, for which nothing has been said yet. Whoever waits already has said it. "None" to something
            # else, such as what is kept, takes nothing back, nor does what is said behind the cover.
            now = changed(now, share=False)
        if now.alone and (not typed or act in offered or act in REFUSALS | {"yes"}):
            now = now._answered(topic, act)
        return now

    def _confirms(self, act: str, typed: str) -> bool:
        if "private" not in self.offered:
            return False
        if not typed:
            return act == "private"
        return act in {"private", "yes"} and "not_private" in self.offered and wording.plainly_alone(typed)

    def _answered(self, topic: str, act: str) -> Oracle:
        """An answer to what was asked, while the screen was good."""
        if topic == "invite":
            if act == "yes":
                facts = (self.facts | {"consented"}) - {"declined", "later"}
                return changed(self, asking=True, paused=False, facts=facts)
            if act == "later":
                return changed(self, asking=False, must_show_support=True)
            if act in {"no", "decline", "skip"}:
                said = "stopped" if "consented" in self.facts else "declined"
                return changed(self, asking=False, facts=self.facts | {said}, must_show_support=True)
            return changed(self, asking=self.asking and act not in REFUSALS)
        if topic == "share" and act in {*ANSWERS}:
            return changed(self, share=act == "yes")
        if topic.startswith("item:") and self.asking:
            number = int(topic.removeprefix("item:"))
            if act in ANSWERS:
                kept = {**dict(self.answers), number: ANSWERS[act]}
                done = number == self.limits.items
                return changed(
                    self,
                    answers=tuple(sorted(kept.items())),
                    asking=not done,
                    facts=self.facts | ({"complete"} if done else set()),
                    must_show_support=done,
                )
            if act == "finish":
                return changed(self, asking=False, facts=self.facts | {"stopped"}, must_show_support=True)
        return self

    def desk(self, act: str) -> Oracle:
        """A caseworker did something: `claim`, `write`, `back`, `end`; `away` once the person has been told of it."""
        if act == "away":
            return changed(self, away=True)
        if act == "claim":
            return changed(self, claimed=True, paused=False, share=False, topic="")
        return changed(self, claimed=False, topic="") if act in {"back", "end"} else self

    def came_back(self) -> Oracle:
        """The person returned with the code: a new session, and nothing is confirmed."""
        facts = self.facts - {"away"}
        return changed(self, alone=frozenset(), topic="", claimed=False, just_confirmed=False, ended=False, facts=facts)

    def aged(self, at: datetime) -> Oracle:
        """The same at a later time: silence and age close."""
        if not self.alone or self.seen_at is None or self.said_at is None:
            return self if not self.alone else changed(self, alone=frozenset())
        fresh = timedelta(0) <= at - self.seen_at <= self.limits.idle
        young = timedelta(0) <= at - self.said_at <= self.limits.longest
        return self if fresh and young else changed(self, alone=frozenset())

    # what may be said

    def told(self, screen: Screen, at: datetime) -> Oracle:
        """The reply, checked. Raises Breach."""
        now = self.aged(at)
        if now.left and screen.messages:
            raise Breach("P6", "something was said after the exit")
        if now.goes_on and screen.ended:
            raise Breach("P7", "a guess at who writes ended the talk with a human")
        if "other_person" in now.facts and not screen.ended:
            raise Breach("P1", "somebody else writes, and the conversation goes on")
        # Behind the cover, and in the line that ends, the talk is about the planning whoever has the conversation.
        covered = any(choice.startswith("cover_") for choice in screen.offered) or screen.ended
        for message in screen.messages:
            now = now._may(message, covered=covered)
        if screen.gate == "open" and not now.alone:
            raise Breach("P1", "the gate is open without a confirmation that stands")
        for label in screen.labels:
            if wording.core_word(label):
                raise Breach("P2", f"a button says {label!r}")
        if not screen.ended and not {"exit", "human"} - screen.offered <= ({"human"} if now.claimed else set()):
            raise Breach("P7", "the way out or the way to a human is missing")
        lists = [message.text for message in screen.messages if message.part == "support"]
        if now.must_show_support and self.channel != "sms" and not lists and "private" not in screen.offered:
            raise Breach("P5", "no help list after a no, a stop or the last answer")
        known = now.known if now.claimed else now.known | {m.id for m in screen.messages if m.id}
        topic = now._topic(screen)
        share = now.share and topic != "contact"
        return changed(
            now, topic=topic, share=share, offered=screen.offered, ended=now.ended or screen.ended, known=known
        )

    def _may(self, message: Told, *, covered: bool) -> Oracle:
        by_assistant = message.sender == "assistant" and not (message.id and message.id in self.known)
        ours_to_say = wording.says(message.text, wording.DESK_LINES) or (covered and message.cls == "neutral")
        if by_assistant and self.claimed and not ours_to_say:
            raise Breach("P7", f"the assistant speaks while a human has the conversation: {message.text[:60]!r}")
        if message.cls == "neutral":
            if found := wording.core_word(message.text):
                raise Breach("P2", f"a neutral message says {found!r}")
        else:
            if self.channel == "sms":
                raise Breach("P2", "a message that is not neutral went out by SMS")
            if not self.alone:
                raise Breach("P1", f"a {message.cls} message without a confirmation that stands")
        if message.cls == "question":
            return self._may_ask(message)
        if wording.holds_item(message.text):
            raise Breach("P4", "an item stands in a message that is not a question")
        if message.part == "intro" and message.text != wording.INTRODUCTION:
            raise Breach("P4", "the introduction is not verbatim")
        return self

    def _may_ask(self, message: Told) -> Oracle:
        if message.text not in wording.ITEMS:
            raise Breach("P4", f"not an item, letter for letter: {message.text[:40]!r}")
        number = wording.ITEMS.index(message.text) + 1
        if not self.asking or not self.limits.may_invite:
            raise Breach("P3", f"item {number} without a yes to being asked")
        if self.paused:
            raise Breach("P3", f"item {number} after the person wanted another time")
        block = wording.BLOCK_OF.get(number)
        if block is None or block in self.alone:
            return self
        if not self.just_confirmed:
            raise Breach("P1", f"item {number} without a confirmation of its own")
        return changed(self, alone=self.alone | {block})

    def _topic(self, screen: Screen) -> str:
        """What the last message asks. A line that asks nothing leaves what was asked before."""
        messages = [message for message in screen.messages if message.sender == "assistant"]
        if not messages or (len(messages) == 1 and wording.says(messages[0].text, wording.NO_QUESTION)):
            return self.topic
        if "private" in screen.offered:
            return "private" if "not_private" in screen.offered else "only_button"
        last = messages[-1]
        if last.cls == "question":
            return f"item:{wording.ITEMS.index(last.text) + 1}"
        return wording.topic_of(last.text)

    # what may be written down

    def may_share(self, answers: Sequence[tuple[int, str]]) -> None:
        """A handover carries these answers. Raises Breach."""
        if answers and not self.share:
            raise Breach("P3", "answers went to a caseworker without a yes to sharing")
        if answers and tuple(answers) != self.answers:
            raise Breach("P3", "a caseworker got other answers than were given")

    def may_count(self, answers: Sequence[tuple[int, str]]) -> None:
        """A run is counted with these answers. Raises Breach."""
        if tuple(answers) != self.answers:
            raise Breach("P3", f"counted {len(answers)} answers that are not the {len(self.answers)} that were given")

    def may_end(self, outcome: str) -> None:
        """The conversation is said to have ended so. Raises Breach for an outcome that is not what happened."""
        told, done = self.facts, "complete" in self.facts
        wrong = {
            "completed": not done,
            "stopped": done or "consented" not in told,
            "declined": "declined" not in told or "consented" in told,
            "informed": bool(told & {"consented", "declined"}),
            "later": bool(told & {"consented", "declined"}),
            "not_safe": bool(told & {"consented", "declined"}),
            # Words can raise several signals, and the oracle hears of the first one only.
            "other_person": not told & {"other_person", "other_person_perhaps", "typed"},
            "left": "left" not in told,
            "interrupted": False,
            "erased": "erased" not in told,
        }
        if wrong[outcome]:
            raise Breach("P3", f"counted as {outcome}, but what happened is: {', '.join(sorted(told)) or 'nothing'}")
        if "erased" in told and outcome != "erased":
            raise Breach("P3", f"the person had everything erased, and it was counted as {outcome}")
        if "left" in told and outcome != "left":
            raise Breach("P6", f"the person left, and it was counted as {outcome}")
