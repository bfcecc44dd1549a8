"""The person's rights in the journey: to see what is kept, and to have it erased."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot import data_files
from safety.content import Channel, ContentClass
from safety.gate import Staleness, confirm
from screening.catalogue.word import Reader, word
from screening.events import Ended, Erased, Outcome, RunEnded
from screening.instrument import Run
from screening.journey.acts import Act
from screening.journey.prompt import choices, everywhere
from screening.journey.state import HumanState, Journey, Moved, Situation, Step
from screening.journey.step import step
from screening.kept_now import KeptNow, Opened

NOW = datetime(2026, 11, 23, 9, 20, tzinfo=UTC)
CATALOGUE = data_files.catalogue(NOW.date())
AGENCY = CATALOGUE.agencies["arbetsformedlingen"]
INSTRUMENT = CATALOGUE.instruments[("fov-vuxna", "2019", "sv")]
CODE = "23456-789CD"


def at(**known: object) -> Situation:
    there = {
        "signal_rules": CATALOGUE.signal_rules,
        "is_neutral": CATALOGUE.is_neutral,
        "keep": AGENCY.keep,
        "receipt": CODE,
        **known,
    }
    return Situation(NOW, "AF", Staleness(), "routine", INSTRUMENT, ("a",), True, nobody_there, "–", "–", 90, **there)


def nobody_there() -> bool:
    return False


def journey(where: Step, **more: object) -> Journey:
    return replace(Journey("s", Channel.WEB), step=where, **more)


def alone(where: Step) -> Journey:
    state = journey(where)
    return replace(state, gate=confirm(state.gate, "s", Channel.WEB, NOW))


def words(moved: Moved, situation: Situation) -> str:
    reader = Reader("sv", Channel.WEB, False, INSTRUMENT, NOW.date(), keep=situation.keep)
    return "\n".join(word(CATALOGUE, said, reader).text for said in moved.says)


@pytest.mark.parametrize("where", [s for s in Step if s not in (Step.DONE, Step.WAITING, Step.COVER)])
def test_both_can_be_had_from_everywhere(where: Step) -> None:
    state = journey(where, run=Run(INSTRUMENT.id, INSTRUMENT.version), card="a")
    assert Act.WHAT_IS_KEPT.value in everywhere(state)
    moved = step(state, Act.WHAT_IS_KEPT, at())
    assert moved.state.step is Step.KEPT
    assert all(said.content_class is ContentClass.NEUTRAL for said in moved.says)
    asked = step(moved.state, Act.ERASE, at())
    assert asked.state.step is Step.ERASE
    assert step(state, Act.ERASE, at()).state.step is Step.ERASE


def test_the_cover_shows_none_of_it() -> None:
    """Whoever looks over a shoulder sees a talk about the planning; the exit erases from there too."""
    state = journey(Step.COVER)
    assert Act.WHAT_IS_KEPT.value not in everywhere(state)
    for act in (Act.WHAT_IS_KEPT, Act.ERASE):
        assert step(state, act, at()).state.step is Step.COVER


def test_a_no_leads_back_to_where_the_person_was() -> None:
    state = journey(Step.SHARED)
    asked = step(step(state, Act.WHAT_IS_KEPT, at()).state, Act.ERASE, at())
    back = step(asked.state, Act.NO, at())
    assert (back.state.step, back.events) == (Step.SHARED, ())
    assert step(step(state, Act.WHAT_IS_KEPT, at()).state, Act.CONTINUE, at()).state.step is Step.SHARED


def test_a_sensitive_place_is_come_back_to_through_the_privacy_question() -> None:
    state = journey(Step.CARD, card="a")
    back = step(step(state, Act.WHAT_IS_KEPT, at()).state, Act.CONTINUE, at())
    assert back.state.step is Step.RECHECK


def test_the_erasure_is_an_outcome_of_its_own_and_no_answer_is_counted() -> None:
    run = replace(Run(INSTRUMENT.id, INSTRUMENT.version), answers=((1, "no"),))
    asked = step(journey(Step.ITEM, run=run, may_ask=True), Act.ERASE, at())
    moved = step(asked.state, Act.YES, at())
    assert moved.state.ended and moved.state.outcome is Outcome.ERASED
    assert Erased(CODE) in moved.events and Ended(Outcome.ERASED) in moved.events
    assert not any(isinstance(event, RunEnded) for event in moved.events)
    assert moved.state.run is None
    said = words(moved, at())
    assert CODE in said
    assert "23 november kl. 10" in said  # by the hour, as it is in Sweden
    assert CATALOGUE.sensitive_words(said) == []


def test_a_typed_yes_erases_nothing() -> None:
    asked = step(journey(Step.ALONE), Act.ERASE, at())
    moved = step(asked.state, Act.YES, at(typed="ja"))
    assert not moved.state.ended
    assert moved.state.step is Step.ERASE


def test_what_there_is_and_who_has_read_it_in_words() -> None:
    hours = (NOW.replace(minute=0), NOW.replace(minute=0) + timedelta(hours=4))
    there = KeptNow(12, True, date(2027, 2, 21), opened=((Opened.ANSWERS, hours), (Opened.CHAT, hours[:1])))
    said = words(step(alone(Step.SHARED), Act.WHAT_IS_KEPT, at(kept=there)), at())
    assert "12 meddelanden" in said
    assert "2027-02-21" in said
    assert "läst svaren som du lämnade: 23 november kl. 10; 23 november kl. 14." in said
    assert "Ingen handläggare har öppnat" not in said
    assert CATALOGUE.sensitive_words(said) == []


def test_before_the_gate_only_the_table_is_shown() -> None:
    there = KeptNow(12, True, date(2027, 2, 21), opened=((Opened.ANSWERS, (NOW,)),))
    said = words(step(journey(Step.ALONE), Act.WHAT_IS_KEPT, at(kept=there)), at())
    assert "meddelanden" not in said
    assert "handläggare har läst" not in said
    assert "Samtalet och svaren: Tills samtalet är slut" in said


def test_nobody_has_read_it_in_words() -> None:
    said = words(step(alone(Step.SHARED), Act.WHAT_IS_KEPT, at(kept=KeptNow(3))), at())
    assert "Ingen handläggare har öppnat något av det." in said
    assert "Samtalet och svaren: Tills samtalet är slut eller har varit tyst i 30 minuter" in said


@pytest.mark.parametrize(
    ("there", "said"),
    [
        (KeptNow(1, sms=True), "ett sms är beställt till dig"),
        (KeptNow(1, call=True), "Att vi talas vid i telefon är noterat"),
        (KeptNow(1, invited=True), "det som stod i din inbjudan"),
    ],
)
def test_sms_call_and_invitation_in_words(there: KeptNow, said: str) -> None:
    told = words(step(alone(Step.SHARED), Act.WHAT_IS_KEPT, at(kept=there)), at())
    assert said in told and CATALOGUE.sensitive_words(told) == []
    assert said not in words(step(alone(Step.SHARED), Act.WHAT_IS_KEPT, at(kept=KeptNow(1))), at())
    assert said not in words(step(journey(Step.ALONE), Act.WHAT_IS_KEPT, at(kept=there)), at())


def test_every_kind_of_reading_has_words() -> None:
    for what in Opened:
        there = KeptNow(1, opened=((what, (NOW,)),))
        assert "23 november" in words(step(alone(Step.SHARED), Act.WHAT_IS_KEPT, at(kept=there)), at())


def test_a_human_who_has_the_conversation_is_not_talked_over() -> None:
    offered = everywhere(journey(Step.WAITING, human=HumanState.CLAIMED))
    assert Act.EXIT.value in offered
    assert Act.WHAT_IS_KEPT.value not in offered


def test_erase_is_offered_where_what_is_kept_is_shown() -> None:
    assert choices(journey(Step.KEPT), at()) == ("continue", "erase")
    assert choices(journey(Step.ERASE), at()) == ("no", "yes")


def test_a_code_word_that_looks_like_ours_is_only_a_word() -> None:
    from screening.journey.prompt import prompt
    from screening.journey.state import PlanDraft

    for typed in ("say:invitation.ask", "choice:yes", "hours:x", "text:a"):
        draft = PlanDraft("call", "+46701740605", "morning", False, False, typed)
        summary = Moved(journey(Step.PLAN_SUMMARY), (), prompt(journey(Step.PLAN_SUMMARY, plan=draft), at()))
        assert typed in words(summary, at())
