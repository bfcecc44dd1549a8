"""Faults to plant: each changes one thing of the product as a careless hand would, and breaks a promise.

A test that plants them all shows that the walk, the state machine and the conversations on the agent can see: a proof that
nothing can fail would prove nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import pytest

import casework.closing
import casework.expiry
import casework.intake
import casework.turn
import safety.alone
import safety.gate
import safety.outlet
import safety.safe_contact
import screening.catalogue.word
import screening.journey.anywhere
import screening.journey.prompt
import screening.journey.says
import screening.journey.stages.closing
import screening.journey.stages.cover
import screening.journey.stages.human
import screening.journey.stages.information
import screening.journey.stages.questions
import screening.journey.step
from bot.talk.hearing import Heard
from casework.messages import OutMessage
from safety.content import Channel, ContentClass, Sender
from safety.gate import Block, ClosedBecause
from screening.events import Answer, HandoverRequested, Outcome, RunEnded
from screening.instrument import Run
from screening.journey.acts import Act
from screening.journey.state import Step

ROOMS = ("safety", "screening", "casework", "actions", "bot", "tests.promises.world")
FORWARD = (Act.CONTINUE, Act.PRIVATE, Act.YES, Act.NO, Act.SKIP)
"""Acts that lead to the questions by the shortest way."""


@dataclass(frozen=True)
class Fault:
    """`seen_by`: `walk`, `machine`, `contact`, `agent`, where `inputs` are said to the loaded agent ("kind value"), or
    `shoulder`, where `inputs` is the name of the scene in `test_over_the_shoulder`."""

    name: str
    promise: str
    plant: Callable[[pytest.MonkeyPatch], None]
    seen_by: str = "walk"
    acts: Sequence[Act] = tuple(Act)
    inputs: tuple[str, ...] = ()


def everywhere(patch: pytest.MonkeyPatch, module: Any, name: str, new: Any) -> None:
    """Put `new` in the place of a function, also where another module has imported it by name."""
    old = getattr(module, name)
    for loaded_name, loaded in list(sys.modules.items()):
        if loaded_name.startswith(ROOMS) and getattr(loaded, name, None) is old:
            patch.setattr(loaded, name, new)


def _why_closed(**changed: Any) -> Callable[[pytest.MonkeyPatch], None]:
    """The gate, asked about another moment, place, rule or block than the true one."""
    real = safety.gate.why_closed

    def plant(patch: pytest.MonkeyPatch) -> None:
        def wrong(gate, session, channel, now, rules, block=Block.GENERAL):  # type: ignore[no-untyped-def]
            asked = {"session": session, "channel": channel, "now": now, "rules": rules, "block": block}
            asked |= {name: change(gate, asked[name]) for name, change in changed.items()}
            return real(gate, asked["session"], asked["channel"], asked["now"], asked["rules"], asked["block"])

        everywhere(patch, safety.gate, "why_closed", wrong)

    return plant


def _verdict(change: Callable[..., Any]) -> Callable[[pytest.MonkeyPatch], None]:
    real = safety.outlet.verdict

    def plant(patch: pytest.MonkeyPatch) -> None:
        def wrong(text, content_class, setting, sensitive_words, **more):  # type: ignore[no-untyped-def]
            return real(*change(text, content_class, setting, sensitive_words), **more)

        everywhere(patch, safety.outlet, "verdict", wrong)

    return plant


def _on_web(text: Any, content_class: Any, setting: Any, words: Any) -> Any:
    gate = replace(setting.gate, channel=Channel.WEB) if setting.channel is Channel.SMS else setting.gate
    channel = Channel.WEB if setting.channel is Channel.SMS else setting.channel
    return text, content_class, replace(setting, channel=channel, gate=gate), words


def _close_nothing(patch: pytest.MonkeyPatch) -> None:
    real = safety.gate.close
    everywhere(
        patch,
        safety.gate,
        "close",
        lambda gate, because: gate if because is ClosedBecause.SUSPECTED else real(gate, because),
    )


def _meets(act: Act, instead: Act) -> Callable[[pytest.MonkeyPatch], None]:
    """One act taken for another wherever it is said."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        meets = screening.journey.anywhere.MEETS
        patch.setitem(meets, act, meets[instead])

    return plant


def _at(step: Step, act: Act, instead: Act) -> Callable[[pytest.MonkeyPatch], None]:
    """One answer taken for another at one step."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        real = screening.journey.step.STEPS[step]
        patch.setitem(
            screening.journey.step.STEPS,
            step,
            lambda state, said, at: real(state, instead if said is act else said, at),
        )

    return plant


def _declined_is_no(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(screening.journey.stages.questions.ANSWERS, Act.DECLINE, Answer.NO)


def _unmet_is_no(patch: pytest.MonkeyPatch) -> None:
    real = Run.ended

    def wrong(self: Run, *, completed: bool) -> RunEnded:
        given = dict(self.answers)
        answers = tuple((number, given.get(number, Answer.NO)) for number in range(1, 8))
        return replace(real(self, completed=completed), answers=answers)

    patch.setattr(Run, "ended", wrong)


def _silence_is_completed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(casework.expiry, "Outcome", SimpleNamespace(INTERRUPTED=Outcome.COMPLETED))


def _shares_always(patch: pytest.MonkeyPatch) -> None:
    real = screening.journey.stages.human._request

    def wrong(state: Any, *args: Any) -> HandoverRequested:
        return real(replace(state, share=True), *args)

    everywhere(patch, screening.journey.stages.human, "_request", wrong)


def _worded(change: Callable[[Any, Any], Any]) -> Callable[[pytest.MonkeyPatch], None]:
    real = screening.catalogue.word.word

    def plant(patch: pytest.MonkeyPatch) -> None:
        everywhere(
            patch, screening.catalogue.word, "word", lambda files, say, reader: change(say, real(files, say, reader))
        )

    return plant


def _a_space(say: Any, worded: Any) -> Any:
    return (
        replace(worded, text=worded.text.replace(" 1 - 4", " 1–4").replace("?", " ?")) if say.part == "item" else worded
    )


def _no_question(patch: pytest.MonkeyPatch) -> None:
    real = screening.journey.says.item
    everywhere(
        patch,
        screening.journey.says,
        "item",
        lambda number, block: replace(real(number, block), content_class=ContentClass.SENSITIVE),
    )


def _introduction_shortened(say: Any, worded: Any) -> Any:
    return replace(worded, text=worded.text.split(". ")[0] + ".") if say.part == "intro" else worded


def _support(change: Callable[[Any], Any]) -> Callable[[pytest.MonkeyPatch], None]:
    """Another list for those who said no to the questions."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        real = screening.journey.stages.information.to_support

        def wrong(state: Any, at: Any) -> Any:
            moved = real(state, at)
            if state.outcome is not Outcome.DECLINED:
                return moved
            return replace(moved, says=tuple(new for one in moved.says if (new := change(one)) is not None))

        everywhere(patch, screening.journey.stages.information, "to_support", wrong)

    return plant


def _exit_says_goodbye(patch: pytest.MonkeyPatch) -> None:
    real = screening.journey.anywhere.leave_now
    goodbye = screening.journey.says.say("close.done")
    patch.setitem(
        screening.journey.anywhere.MEETS, Act.EXIT, lambda state, at: replace(real(state, at), says=(goodbye,))
    )


def _handover_stays(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(casework.closing, "all_open", lambda session, conversation_id: [])


def _token_stays(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(casework.intake.Intake, "admit", lambda self, conversation_id, token: True)


def _answers_the_human_too(patch: pytest.MonkeyPatch) -> None:
    from bot.talk import acts, turns

    patch.setattr(turns, "PAST_THE_HUMAN", (None, *Act))
    meant = acts.meant

    def to_assistant(heard: Heard, *rest: Any) -> acts.Meant:
        return meant(heard, *rest) if heard.choice else acts.Meant(Act.AGAIN, text=heard.text)

    patch.setattr(turns, "meant", to_assistant)


def _covers_what_was_written(patch: pytest.MonkeyPatch) -> None:
    from bot.talk import turns

    def lost(text: str, noticed: Iterable[str] = ()) -> OutMessage:
        return OutMessage(Sender.ASSISTANT, ContentClass.NEUTRAL, {"text": "", "part": "", "title": ""})

    patch.setattr(turns, "from_person", lost)


def _leaves_by_a_guess(patch: pytest.MonkeyPatch) -> None:
    from screening.journey import anywhere

    patch.setattr(anywhere, "says_leave", lambda at: True)


def _somebody_else_ends_the_chat(patch: pytest.MonkeyPatch) -> None:
    from bot.talk import turns

    patch.setattr(turns, "told_human", lambda state, found, at: screening.journey.stages.cover._done(state))


def _explains_to_the_human(patch: pytest.MonkeyPatch) -> None:
    from bot.talk import view

    patch.setattr(view, "held", lambda state: False)


def _no_human(patch: pytest.MonkeyPatch) -> None:
    kept = tuple(act for act in screening.journey.prompt.EVERYWHERE if act is not Act.HUMAN)
    patch.setattr(screening.journey.prompt, "EVERYWHERE", kept)


def _any_hour(patch: pytest.MonkeyPatch) -> None:
    from datetime import time

    hours = dict.fromkeys(safety.safe_contact.WINDOW_HOURS, (time(0), time(23, 59)))
    patch.setattr(safety.safe_contact, "WINDOW_HOURS", hours)


def _failed_turn_is_kept(patch: pytest.MonkeyPatch) -> None:
    from bot.engine.agent import TurnAborted
    from bot.talk.turns import Turns

    real = Turns._let_rasa

    async def wrong(self: Any, conversation_id: str, encounter: Any, what: Any) -> Any:
        try:
            return await real(self, conversation_id, encounter, what)
        except TurnAborted:
            return encounter.says

    patch.setattr(Turns, "_let_rasa", wrong)


def _retry_counts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(casework.intake.Intake, "_receipt", lambda self, conversation_id, key: None)
    patch.setattr(casework.intake, "add_receipt", lambda *args: None)


def _error_tells(patch: pytest.MonkeyPatch) -> None:
    from bot.talk.turns import Turns

    patch.setattr(Turns, "sentence", lambda self, key, locale="sv": "RuntimeError: frågan om våld kunde inte sparas")


def _label_tells(patch: pytest.MonkeyPatch) -> None:
    from screening.catalogue.content import Content

    real = Content.label
    patch.setattr(
        Content,
        "label",
        lambda self, step, choice: "Jag är utsatt för våld" if choice == "human" else real(self, step, choice),
    )


def _any_token(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(casework.turn.Turn, "is_opened_by", lambda self, token: True)


def _window_hears_of_humans_only(patch: pytest.MonkeyPatch) -> None:
    from bot.talk import view

    patch.setattr(view, "on_screen", lambda saved, situation: "")


def _late_is_late(patch: pytest.MonkeyPatch) -> None:
    """Every answer to an older screen is dropped, whatever it says."""
    from bot.talk.lateness import Lateness

    def wrong(self: Any, now: Any, heard: Any, here: Any) -> bool:
        return bool(heard.reply_to) and now.turn.last_id != heard.reply_to

    patch.setattr(Lateness, "answers_older", wrong)


def _unkept_is_never_late(patch: pytest.MonkeyPatch) -> None:
    from bot.talk.lateness import Lateness

    real = Lateness.answers_older

    def wrong(self: Any, now: Any, heard: Any, here: Any) -> bool:
        unkept = (heard.reply_to or "").startswith("now-")
        return not unkept and real(self, now, heard, here)

    patch.setattr(Lateness, "answers_older", wrong)


def _kept_is_neutral(patch: pytest.MonkeyPatch) -> None:
    wordings = screening.journey.says.WORDINGS
    for key in ("kept.answers", "kept.not_read"):
        patch.setitem(wordings, key, replace(wordings[key], content_class=ContentClass.NEUTRAL))


def _last_line_stays(patch: pytest.MonkeyPatch) -> None:
    from bot.talk import view

    patch.setattr(view, "_from_desk", lambda outlet, kept: view._only_neutral(outlet.show(kept)[0]))


TO_CARDS = ("choice continue", "choice private", "choice no", "choice continue")
TO_HUMAN = ("choice continue", "choice private", "choice human", "choice chat_now")

FAULTS = (
    Fault("the gate ignores silence", "P1", _why_closed(now=lambda gate, now: gate.seen_at or now), acts=FORWARD),
    Fault(
        "the gate ignores how old the confirmation is",
        "P1",
        _why_closed(rules=lambda gate, rules: replace(rules, longest=rules.longest * 1000)),
        acts=FORWARD,
    ),
    Fault("the gate survives another channel", "P1", _why_closed(channel=lambda gate, _: gate.channel), acts=FORWARD),
    Fault("the gate survives another session", "P1", _why_closed(session=lambda gate, _: gate.session), acts=FORWARD),
    Fault(
        "a block needs no confirmation of its own", "P1", _why_closed(block=lambda gate, _: Block.GENERAL), acts=FORWARD
    ),
    Fault("a suspicion does not close the gate", "P1", _close_nothing),
    Fault(
        "a typed yes opens, whatever follows it",
        "P1",
        lambda patch: everywhere(patch, safety.alone, "clearly_alone", lambda text, locale: text.startswith("ja")),
    ),
    Fault("somebody came in, and it is not heeded", "P1", _meets(Act.OVERSEEN, Act.AGAIN)),
    Fault("somebody else writes, and it is not heeded", "P1", _meets(Act.OTHER_PERSON, Act.AGAIN)),
    Fault("no longer alone, and it is not heeded", "P1", _meets(Act.NOT_PRIVATE, Act.AGAIN)),
    Fault("SMS carries what is sensitive", "P2", _verdict(_on_web), acts=FORWARD),
    Fault(
        "the outlet skips the word list",
        "P2",
        _verdict(lambda text, content_class, setting, words: (text, content_class, setting, lambda text: ())),
    ),
    Fault("a button tells", "P2", _label_tells, "agent"),
    Fault("a no to the invitation begins the questions", "P3", _at(Step.INVITE, Act.NO, Act.YES), acts=FORWARD),
    Fault("later asks the question again", "P3", _meets(Act.LATER, Act.AGAIN), acts=(*FORWARD, Act.LATER)),
    Fault("declined is counted as no", "P3", _declined_is_no, "machine"),
    Fault("an item that was never met is counted as no", "P3", _unmet_is_no, "machine"),
    Fault("silence is counted as completed", "P3", _silence_is_completed, "agent", inputs=TO_CARDS),
    Fault(
        "answers are shared without a yes",
        "P3",
        _shares_always,
        acts=(Act.CONTINUE, Act.PRIVATE, Act.YES, Act.NO, Act.HUMAN, Act.CHAT_NOW),
    ),
    Fault("an item is altered by a space", "P4", _worded(_a_space), acts=FORWARD),
    Fault("an item is sent as if it were information", "P4", _no_question, acts=FORWARD),
    Fault("the introduction is shortened", "P4", _worded(_introduction_shortened), acts=FORWARD),
    Fault(
        "a shorter list after a no",
        "P5",
        _support(lambda say: screening.journey.says.lines(short=True) if say.key == "lines" else say),
        "agent",
        inputs=(*TO_CARDS, "choice skip", "choice no"),
    ),
    Fault("no list after a no", "P5", _support(lambda say: None if say.key == "lines" else say), acts=FORWARD),
    Fault(
        "the outlet forgets that the person left",
        "P6",
        _verdict(
            lambda text, content_class, setting, words: (text, content_class, replace(setting, left=False), words)
        ),
    ),
    Fault("the exit says goodbye", "P6", _exit_says_goodbye),
    Fault("the exit leaves the token", "P6", _token_stays, "agent", inputs=("choice continue", "leave")),
    Fault("the exit leaves the request to a human", "P6", _handover_stays, "agent", inputs=(*TO_HUMAN, "leave")),
    Fault(
        "the assistant answers what was written to a human",
        "P7",
        _answers_the_human_too,
        "agent",
        inputs=(*TO_HUMAN, "claim", "text hur lång tid tar det"),
    ),
    Fault(
        "what was written to a human does not reach the human",
        "P7",
        _covers_what_was_written,
        "agent",
        inputs=(*TO_HUMAN, "claim", "text nån är här"),
    ),
    Fault("words that only sound like leaving leave", "P6", _leaves_by_a_guess),
    Fault(
        "somebody else who may write ends a chat with a human",
        "P7",
        _somebody_else_ends_the_chat,
        "agent",
        inputs=(*TO_HUMAN, "claim", "text jag är hennes man"),
    ),
    Fault(
        "a button that is not there is answered while a human has the conversation",
        "P7",
        _explains_to_the_human,
        "agent",
        inputs=(*TO_HUMAN, "claim", "choice yes"),
    ),
    Fault("no way to a human", "P7", _no_human),
    Fault("a no to the summary keeps the plan", "P8", _at(Step.PLAN_SUMMARY, Act.NO, Act.YES), "contact"),
    Fault("contact at any hour", "P8", _any_hour, "contact"),
    Fault("a failed turn is kept", "P12", _failed_turn_is_kept, "agent", inputs=("choice continue", "fail action")),
    Fault(
        "a retry is a second answer",
        "P12",
        _retry_counts,
        "agent",
        inputs=("choice continue", "choice private", "choice no", "choice continue", "retry"),
    ),
    Fault(
        "a stream outlives its token",
        "P1",
        _any_token,
        "shoulder",
        inputs=("who_held_the_phone_hears_nothing_of_the_one_who_came_back",),
    ),
    Fault(
        "a second window goes on showing",
        "P1",
        _window_hears_of_humans_only,
        "shoulder",
        inputs=("a_second_window_does_not_go_on_showing",),
    ),
    Fault(
        "a sign of danger can come too late",
        "P1",
        _late_is_late,
        "shoulder",
        inputs=("that_somebody_came_in_is_heeded_whatever_was_on_the_screen",),
    ),
    Fault(
        "an answer is taken for the next item",
        "P3",
        _unkept_is_never_late,
        "shoulder",
        inputs=("an_item_that_was_shown_beside_a_notice_is_answered_once",),
    ),
    Fault(
        "what is kept stays on the screen",
        "P1",
        _kept_is_neutral,
        "shoulder",
        inputs=("what_is_kept_about_a_person_goes_with_the_gate",),
    ),
    Fault(
        "how far the questions had come stays on the screen",
        "P1",
        _last_line_stays,
        "shoulder",
        inputs=("how_far_the_questions_had_come_does_not_stay",),
    ),
    Fault("an error tells", "P12", _error_tells, "agent", inputs=("fail action",)),
)
