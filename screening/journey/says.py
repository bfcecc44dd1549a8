"""What can be said: every wording by name, with its content class. The words themselves are in `data/content`.

The class stands here and not in the content files, so that a change of words cannot make a message less guarded.
"""

from __future__ import annotations

from dataclasses import dataclass

from safety.content import ContentClass
from safety.gate import Block
from screening.keep import OF_THE_PERSON, After, Until
from screening.kept_now import Opened

N = ContentClass.NEUTRAL
S = ContentClass.SENSITIVE


@dataclass(frozen=True)
class Wording:
    """A wording that every language must have. `params` are the names that its text may use."""

    content_class: ContentClass
    params: tuple[str, ...] = ()


WORDINGS: dict[str, Wording] = {
    "welcome.hello": Wording(N, ("agency",)),
    "privacy.alone": Wording(N),
    "privacy.shared": Wording(N),
    "privacy.shared_advice": Wording(N),
    "privacy.leaving": Wording(N),
    "privacy.not_private": Wording(N),
    "privacy.recheck": Wording(N),
    "privacy.block": Wording(N),
    "privacy.thanks": Wording(N),
    "information.topics": Wording(S),
    "information.simpler_none": Wording(N),
    "invitation.conditions": Wording(S, ("agency", "kept")),
    "invitation.kept": Wording(S),
    "invitation.ask": Wording(S),
    "invitation.ask_indication": Wording(S),
    "invitation.declined": Wording(S),
    "invitation.later": Wording(S),
    "invitation.not_here": Wording(S, ("agency",)),
    "questions.start": Wording(S),
    "questions.progress": Wording(N, ("number", "count")),
    "questions.explanation_note": Wording(S),
    "questions.dont_know": Wording(S),
    "questions.before_own": Wording(S),
    "questions.stopped": Wording(S),
    "questions.done": Wording(S),
    "questions.missing": Wording(S),
    "support.intro": Wording(S),
    "support.closing": Wording(S),
    "support.none_region": Wording(S),
    "handover.ask_open": Wording(N),
    "handover.ask_present": Wording(N),
    "handover.ask_closed": Wording(N, ("day", "time")),
    "handover.private_first": Wording(N),
    "handover.share": Wording(S),
    "handover.waiting": Wording(N),
    "handover.waiting_away": Wording(N),
    "handover.waiting_closed": Wording(N, ("day", "time")),
    "handover.received": Wording(N),
    "handover.claimed": Wording(N, ("name",)),
    "handover.returned": Wording(N),
    "handover.ended": Wording(N),
    "handover.passed": Wording(N, ("name",)),
    "handover.passed_social": Wording(N, ("name",)),
    "handover.held": Wording(N),
    "handover.none": Wording(N),
    "handover.back": Wording(N),
    "plan.way": Wording(N),
    "plan.number": Wording(N),
    "plan.bad_number": Wording(N),
    "plan.window": Wording(N),
    "plan.voicemail": Wording(N),
    "plan.say_agency": Wording(N, ("agency",)),
    "plan.code_word": Wording(N),
    "plan.bad_code_word": Wording(N),
    "plan.summary": Wording(N, ("way", "number", "window", "voicemail", "say_agency", "code_word")),
    "plan.saved": Wording(N, ("until",)),
    "plan.dropped": Wording(N),
    "help_now.open": Wording(S),
    "help_now.closed": Wording(N),
    "what_happens.open": Wording(S, ("agency",)),
    "what_happens.closed": Wording(N, ("agency",)),
    "later.said": Wording(N),
    "later.paused": Wording(N),
    "not_understood.first": Wording(N),
    "not_understood.second": Wording(N),
    "not_offered": Wording(N),
    "exit.ask": Wording(N),
    "handover.asked": Wording(N),
    "handover.recheck": Wording(N),
    "handover.away": Wording(N, ("name",)),
    "handover.here_again": Wording(N, ("name",)),
    "handover.taken_over": Wording(N, ("name", "other")),
    "handover.to_all": Wording(N),
    "cover.line": Wording(N),
    "cover.plan": Wording(N),
    "cover.meeting": Wording(N),
    "cover.papers": Wording(N),
    "cover.more": Wording(N),
    "cover.done": Wording(N),
    "privacy.code": Wording(N),
    "privacy.code_bad": Wording(N),
    "privacy.code_kept": Wording(N, ("digits", "hours")),
    "errors.failed": Wording(N),
    "errors.busy": Wording(N),
    "errors.too_long": Wording(N),
    "errors.unreadable": Wording(N),
    "errors.wrong_type": Wording(N),
    "errors.unknown": Wording(N),
    "errors.wrong_token": Wording(N),
    "errors.ended": Wording(N),
    "errors.too_many": Wording(N),
    "errors.no_such_code": Wording(N),
    "errors.invitation": Wording(N),
    "signal.danger_open": Wording(S),
    "signal.danger_closed": Wording(N),
    "signal.other_person": Wording(N),
    "signal.self_harm_open": Wording(S),
    "signal.self_harm_closed": Wording(N),
    "signal.child_open": Wording(S),
    "signal.child_closed": Wording(N),
    "signal.disclosed_open": Wording(S),
    "signal.disclosed_closed": Wording(N),
    "signal.uses_open": Wording(S),
    "kept.ask": Wording(N),
    "kept.conversation": Wording(N, ("count",)),
    "kept.answers": Wording(S),
    "kept.plan": Wording(S, ("until",)),
    **{f"kept.{what}": Wording(S) for what in ("code", "sms", "call", "invited")},
    "kept.not_read": Wording(S),
    **{f"kept.read_{what}": Wording(S, ("hours",)) for what in Opened},
    "kept.private_first": Wording(N),
    "kept.table": Wording(N),
    **{f"kept.what.{record}": Wording(N) for record in OF_THE_PERSON},
    **{f"kept.until.{event}": Wording(N) for event in Until},
    **{f"kept.after.{event}": Wording(N, ("period",)) for event in After},
    "kept.or": Wording(N),
    "erase.ask": Wording(N),
    "erase.done": Wording(N, ("receipt", "hour")),
    "close.done": Wording(N),
    "close.traces": Wording(N),
}


PRIVATE = "private"
"""The part of what is neutral and yet the person's own: words to come back by, a plan, how one hides the page. It goes from
the screen with the gate and with the page, as what is sensitive does."""
PARTS = {
    "questions.progress": "progress",
    "questions.explanation_note": "note",
    "privacy.leaving": PRIVATE,
    "privacy.code": PRIVATE,
    "privacy.code_bad": PRIVATE,
    "privacy.code_kept": PRIVATE,
    "plan.summary": PRIVATE,
    "plan.saved": PRIVATE,
}


@dataclass(frozen=True)
class Say:
    """One message to be worded. `part` tells a front end what it is; `key` names the wording or the data behind it.

    Keys outside `WORDINGS`: `card:<id>`, `introduction`, `item:<number>`, `explanation:<number>`, `lines`, `lines:short`,
    `kept` (the agency's table of what is kept, as far as it concerns the person).
    """

    key: str
    content_class: ContentClass
    params: tuple[tuple[str, str], ...] = ()
    part: str = ""
    block: Block = Block.GENERAL


def say(key: str, **params: str) -> Say:
    """A wording by name. Raises KeyError for a name or a parameter that is not in the register."""
    wording = WORDINGS[key]
    unknown = set(params) ^ set(wording.params)
    if unknown:
        raise KeyError(f"{key}: {sorted(unknown)}")
    return Say(key, wording.content_class, tuple(sorted(params.items())), PARTS.get(key, ""))


def card(card_id: str) -> Say:
    return Say(f"card:{card_id}", S, part="card")


def introduction() -> Say:
    return Say("introduction", S, part="intro")


def item(number: int, block: Block) -> Say:
    return Say(f"item:{number}", ContentClass.QUESTION, part="item", block=block)


def explanation(number: int, block: Block) -> Say:
    return Say(f"explanation:{number}", S, part="note", block=block)


def lines(*, short: bool = False) -> Say:
    """The help lines: the same list for everybody (P5)."""
    return Say("lines:short" if short else "lines", S, part="support")


def kept_table() -> Say:
    """How long what is kept: the agency's rules in words."""
    return Say("kept", N)
