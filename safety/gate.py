"""The gate: what this person has confirmed about being alone, and whether that still holds (promise P1).

A gate is a value. Nothing opens it but the person's own words that no one else can see or hear, said in this
session, on this channel. It closes by itself: by time, by resuming, by a change of channel, by a sign that somebody
else is there, and before every sensitive block of questions.

Source: evaluations of digital asking find remote contact unsafe because nobody knows whether the person is alone
(Jämställdhetsmyndigheten 2022:9, appendix 1, lines 1146-1156, 2584-2614); "situations change quickly, risk is
dynamic" (IRISi guidance on remote consultation, 2020).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from safety.content import Channel


class Block(StrEnum):
    """Kinds of sensitive content that need a confirmation of their own."""

    GENERAL = "general"
    SEXUAL_VIOLENCE = "sexual_violence"
    OWN_VIOLENCE = "own_violence"


class ClosedBecause(StrEnum):
    """Why the gate is not open."""

    NEVER_CONFIRMED = "never_confirmed"
    NOT_PRIVATE = "not_private"
    IDLE = "idle"
    OTHER_SESSION = "other_session"
    OLD = "old"
    OTHER_CHANNEL = "other_channel"
    SUSPECTED = "suspected"
    NEW_BLOCK = "new_block"
    RESUMED = "resumed"


@dataclass(frozen=True)
class Staleness:
    """When a confirmation is worth nothing. Agencies may make these stricter: see `screening.catalogue.agency`."""

    idle: timedelta = timedelta(minutes=5)
    """Longest silence from the person."""
    longest: timedelta = timedelta(minutes=20)
    """Longest time since the person said so, however lively the conversation has been."""
    again_before: frozenset[Block] = frozenset({Block.SEXUAL_VIOLENCE, Block.OWN_VIOLENCE})
    """Blocks that need a confirmation of their own."""


@dataclass(frozen=True)
class Gate:
    """What has been confirmed. `session` and `channel` bind it; times are aware.

    `seen_at` is the person's last sign of life, `said_at` when they last said that they are alone.
    """

    session: str = ""
    channel: Channel = Channel.WEB
    blocks: tuple[Block, ...] = ()
    seen_at: datetime | None = None
    said_at: datetime | None = None
    closed_because: ClosedBecause = ClosedBecause.NEVER_CONFIRMED


def confirm(gate: Gate, session: str, channel: Channel, now: datetime, block: Block = Block.GENERAL) -> Gate:
    """The person says that no one else can see or hear. A new block needs the general one too, and brings it."""
    same_place = gate.session == session and gate.channel == channel
    earlier = gate.blocks if same_place else ()
    blocks = tuple(b for b in Block if b in earlier or b in (Block.GENERAL, block))
    return Gate(session, channel, blocks, seen_at=now, said_at=now)


def close(gate: Gate, because: ClosedBecause) -> Gate:
    """Shut the gate for every block."""
    return replace(gate, blocks=(), closed_because=because)


def touch(gate: Gate, now: datetime) -> Gate:
    """Note a sign of life. It never opens a gate: a stale one must be closed by `settle` before it is touched."""
    return replace(gate, seen_at=now) if gate.blocks else gate


def why_closed(
    gate: Gate, session: str, channel: Channel, now: datetime, rules: Staleness, block: Block = Block.GENERAL
) -> ClosedBecause | None:
    """The reason why content of `block` may not be sent at `now`, or None when it may.

    A clock that went backwards counts as stale: a doubt closes. By SMS it is never open: a lock screen shows the first
    line to whoever holds the phone.
    """
    if channel is Channel.SMS:
        return ClosedBecause.OTHER_CHANNEL
    if not gate.blocks or gate.seen_at is None or gate.said_at is None:
        return gate.closed_because
    if gate.session != session:
        return ClosedBecause.OTHER_SESSION
    if gate.channel != channel:
        return ClosedBecause.OTHER_CHANNEL
    if not timedelta(0) <= now - gate.seen_at <= rules.idle:
        return ClosedBecause.IDLE
    if not timedelta(0) <= now - gate.said_at <= rules.longest:
        return ClosedBecause.OLD
    if block in rules.again_before and block not in gate.blocks:
        return ClosedBecause.NEW_BLOCK
    return None


def settle(gate: Gate, session: str, channel: Channel, now: datetime, rules: Staleness) -> Gate:
    """Close a gate that time, session or channel has made stale; leave it as it is otherwise."""
    because = why_closed(gate, session, channel, now, rules)
    return gate if because is None or not gate.blocks else close(gate, because)
