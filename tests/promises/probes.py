"""The outlet by itself: asked for the worst at every state, whatever the journey would say there."""

from __future__ import annotations

from safety import outlet
from safety.content import Channel, ContentClass
from safety.gate import Block
from screening.journey.state import HumanState
from tests.promises.moves import Move, prepared
from tests.promises.oracle import Breach
from tests.promises.places import State
from tests.promises.values import changed
from tests.promises.world import World, sensitive_words

PROBES = (
    (ContentClass.SENSITIVE, Block.GENERAL),
    (ContentClass.SENSITIVE, Block.SEXUAL_VIOLENCE),
    (ContentClass.QUESTION, Block.GENERAL),
    (ContentClass.QUESTION, Block.OWN_VIOLENCE),
)


def probe_outlet(world: World, here: State) -> None:
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
