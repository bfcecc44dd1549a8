"""The pure journey with its words: what reaches the person when an act meets a state, through the outlet's verdict."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache, cached_property
from typing import Literal

from bot import data_files
from bot.talk.acts import PAST_THE_HUMAN
from bot.talk.view import held, with_gate_confirmed
from safety import outlet
from safety.content import Channel
from safety.gate import ClosedBecause, Staleness, close, touch
from safety.signals import Noticed, Signal
from screening.catalogue.load import Catalogue
from screening.catalogue.word import Reader, word
from screening.events import Outcome
from screening.instrument import Instrument
from screening.journey import prompt, step
from screening.journey.acts import Act
from screening.journey.prompt import LEAVES_HUMAN
from screening.journey.says import Say, say
from screening.journey.stages.told import told_human
from screening.journey.state import HumanState, Journey, Moved, Situation, gate_open, says_leave
from tests.promises.oracle import Breach, Limits, Screen, Told
from tests.promises.values import changed

Mode = Literal["routine", "indication", "information_only"]
NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
NUMBER = "0701740605"
ALONE_IN_WORDS, NOT_ALONE_IN_WORDS = "ja, jag är ensam", "ja men han är här"


@cache
def catalogue() -> Catalogue:
    return data_files.catalogue(TODAY)


@dataclass(frozen=True)
class World:
    """Where a journey takes place: what an agency's file decides."""

    mode: Mode = "routine"
    instrument: Instrument | None = None
    rules: Staleness = field(default_factory=Staleness)
    cards: tuple[str, ...] = ("recognise",)
    channel: Channel = Channel.WEB
    resume_hours: int = 24

    def situation(
        self,
        act: Act | None,
        at: datetime,
        human: HumanState = HumanState.NONE,
        typed: str = "",
        detail: str = "",
        *,
        away: bool = False,
    ) -> Situation:
        """`away`: the caseworker who has the conversation is not there."""
        if not detail and act in (Act.TOLD, Act.CARD):
            detail = NUMBER if act is Act.TOLD else self.cards[0]
        there = changed(self._anywhere, now=at, human=human, detail=detail, typed=typed)
        return changed(there, claimer="Kim", claimer_away=lambda: True) if away else there

    @cached_property
    def _anywhere(self) -> Situation:
        return Situation(
            now=NOON,
            agency_name="Arbetsförmedlingen",
            rules=self.rules,
            mode=self.mode,
            instrument=self.instrument,
            cards=self.cards,
            open_now=True,
            at_desk=lambda: False,
            opens_day="–",
            opens_time="–",
            plan_days=90,
            signal_rules=catalogue().signal_rules,
            is_neutral=catalogue().is_neutral,
            resume_hours=self.resume_hours,
            fresh_digits="4711",
        )

    @property
    def limits(self) -> Limits:
        """As the agency's file has them: not by asking the gate."""
        items = len(self.instrument.items) if self.instrument else 0
        return Limits(self.rules.idle, self.rules.longest, items, self.mode != "information_only" and items > 0)

    def begin(self) -> Moved:
        return step.begin("s", Journey("s", self.channel), self.situation(None, NOON))

    def screen(self, moved: Moved, at: Situation) -> Screen:
        """What reaches the person: worded, and checked by the outlet."""
        state = moved.state
        told = tuple(self.outbound(moved.says, state, at))
        is_open = not state.ended and gate_open(state, at)
        return Screen(told, self.offered(state, at), "open" if is_open else "closed", state.ended or state.paused)

    def offered(self, state: Journey, at: Situation) -> frozenset[str]:
        """Ids of what can be chosen."""
        offered = frozenset((*prompt.choices(state, at), *prompt.everywhere(state)))
        if held(state) and not state.ended and not gate_open(state, at):
            offered |= {"private", "not_private"}
        return offered

    def outbound(self, says: tuple[Say, ...], state: Journey, at: Situation, *, strict: bool = True) -> list[Told]:
        """What the outlet lets through. `strict`: raise Breach for what the journey should not have proposed."""
        setting = self.setting(state, at)
        passed = []
        for one in says:
            text, title = _texts(one, state.simpler, state.channel)
            why = outlet.verdict(f"{title}\n{text}", one.content_class, setting, sensitive_words, block=one.block)
            if strict and why not in (None, outlet.Refused.SENSITIVE_WORD):
                # Two locks, not one: the journey itself proposes nothing that may not be said.
                raise Breach(
                    BROKEN_BY.get(why, "P1"),
                    f"the journey wanted to say {one.key}, and only the outlet held it back ({why})",
                )
            if why is None:
                passed.append(Told(text, one.content_class.value, one.part))
            elif why is not outlet.Refused.LEFT:
                passed.append(Told(_texts(COVER, False, state.channel)[0], "neutral"))
        return passed

    @staticmethod
    def setting(state: Journey, at: Situation) -> outlet.Setting:
        return outlet.Setting(
            channel=state.channel,
            session=state.session,
            gate=state.gate,
            rules=at.rules,
            now=at.now,
            left=state.ended and state.outcome is Outcome.LEFT,
            human_has_it=state.human is HumanState.CLAIMED,
            may_ask=state.may_ask,
        )


BROKEN_BY = {outlet.Refused.LEFT: "P6", outlet.Refused.HUMAN_HAS_IT: "P7", outlet.Refused.UNASKED: "P3"}
COVER = say("cover.line")


@cache
def _texts(one: Say, simpler: bool, channel: Channel) -> tuple[str, str]:
    instrument = catalogue().instruments[("fov-vuxna", "2019", "sv")]
    keep = catalogue().agencies["arbetsformedlingen"].keep
    found = word(catalogue(), one, Reader("sv", channel, simpler, instrument, TODAY, keep=keep))
    return found.text, found.title


@cache
def _sensitive(text: str) -> tuple[str, ...]:
    return tuple(catalogue().sensitive_words(text))


def sensitive_words(text: str) -> tuple[str, ...]:
    return _sensitive(text)


def forget_words() -> None:
    """After a fault was planted in the words."""
    _texts.cache_clear()
    _sensitive.cache_clear()


def worlds() -> list[World]:
    """Every difference that the agencies' files make to the journey: mode, instrument or none, staleness, resuming."""
    found = {}
    files = catalogue()
    for agency in files.agencies.values():
        for programme in agency.programmes:
            for locale in ("sv", "so"):
                world = World(
                    programme.mode,
                    files.instrument_for(agency, locale),
                    agency.staleness,
                    resume_hours=agency.gate.resume_hours,
                )
                found.setdefault((world.mode, world.instrument is None, world.rules, world.resume_hours), world)
    there_are = [found[key] for key in sorted(found, key=str)]
    routine = next(world for world in there_are if world.mode == "routine" and world.instrument is not None)
    return [*there_are, *(changed(routine, channel=channel) for channel in (Channel.VOICE, Channel.SMS))]


def take(world: World, state: Journey, act: Act, at: Situation) -> Moved:
    """A turn as the application takes it: to a human, the person's words and the privacy buttons are all that counts."""
    if at.human is HumanState.CLAIMED:
        here = step.look(state, at).state
        if held(here) and act in LEAVES_HUMAN and at.is_left(here) and not at.typed:
            return step.step(state, act, at)
        if held(here) and not here.ended and act in (Act.OVERSEEN, Act.OTHER_PERSON):
            return told_human(here, (Noticed(Signal(act.value), by_rule=True),), at)
        if held(here) and not here.ended and act is Act.EXIT and not says_leave(at):
            return Moved(_to_human(here, act, at))
        if held(here) and not here.ended and act not in PAST_THE_HUMAN:
            return Moved(_to_human(here, act, at))
    return step.step(state, act, at)


def _to_human(here: Journey, act: Act, at: Situation) -> Journey:
    if act is Act.PRIVATE and not at.typed:
        return with_gate_confirmed(here, at)
    if act is Act.NOT_PRIVATE:
        return changed(here, gate=close(here.gate, ClosedBecause.NOT_PRIVATE))
    return changed(here, gate=touch(here.gate, at.now))
