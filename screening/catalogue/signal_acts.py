"""The table of what each safety signal brings: data/safety/signal_acts.yml."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from safety.signals import Signal
from screening.journey.signal_rules import SignalRule, SignalRules, Then, folded


class Row(BaseModel):
    """One signal. `why` is for the reader."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    signal: Signal
    then: Then
    closes_gate: bool = False
    urgent: bool = False
    with_human: bool = False
    open: str = ""
    closed: str = ""
    why: str

    def rule(self) -> SignalRule:
        return SignalRule(**self.model_dump(exclude={"why"}))


class SignalActs(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    rows: tuple[Row, ...]
    commands: dict[str, tuple[str, ...]] = {}
    """By language: whole messages that are a plain command to leave."""

    def rules(self) -> SignalRules:
        commands = frozenset(folded(one) for language in self.commands.values() for one in language)
        return SignalRules(tuple(row.rule() for row in self.rows), commands)
