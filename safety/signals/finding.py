"""What can be noticed in free text, and where it was noticed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Signal(StrEnum):
    """A message can raise several. What each one does is a table elsewhere; here it is only noticed."""

    DANGER_NOW = "danger_now"
    """Danger that is happening or about to happen."""
    OVERSEEN = "overseen"
    """Somebody came in, can see or hear, or the person must stop because of somebody."""
    OTHER_PERSON = "other_person"
    """The one who writes is not the applicant."""
    SELF_HARM = "self_harm"
    """Does not want to live, wants to harm or has harmed themselves."""
    CHILD_HARM = "child_harm"
    """A child is harmed, at risk or witnesses violence."""
    EXPOSED = "exposed"
    """The person tells of violence against them, now or before."""
    USES_VIOLENCE = "uses_violence"
    """The person tells of violence of their own."""
    WANTS_HUMAN = "wants_human"
    WANTS_EXIT = "wants_exit"
    NOT_NOW = "not_now"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One rule that fired. `start` and `end` are offsets in the text as it was written; `rule` is `<lang>.<id>`.

    `plain`: the rule reads nothing but words that say it outright.
    """

    start: int
    end: int
    signal: Signal
    rule: str
    plain: bool = False


LIKENESS = "likeness"
"""The rule of what likeness alone raised is `likeness.<signal>`."""


@dataclass(frozen=True, slots=True)
class Noticed:
    """One signal of a message, and how sure it is. `by_rule`: a rule says so, not likeness alone. `plain`: it is said outright."""

    signal: Signal
    by_rule: bool = False
    plain: bool = False


def noticed(findings: Iterable[Finding]) -> tuple[Noticed, ...]:
    """The signals of these findings, each once, in their order."""
    found: dict[Signal, Noticed] = {}
    for one in findings:
        before = found.get(one.signal, Noticed(one.signal))
        by_rule = before.by_rule or not one.rule.startswith(f"{LIKENESS}.")
        found[one.signal] = Noticed(one.signal, by_rule, before.plain or one.plain)
    return tuple(found.values())
