"""Calls, as the person has them: by signed webhooks, with keys only."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from bot.composition import House
from bot.phone.local_carrier import LocalCall, LocalCarrier
from casework.records import Conversation
from casework.requests import read_plan
from safety.content import Channel
from tests.conftest import Clock
from tests.conversations.test_whole_journey import ITEMS, counted
from tests.phone.conftest import served


async def to_first_item(call: LocalCall) -> LocalCall:
    """Continue, alone, not shared, continue, on past the cards, yes to being asked."""
    await call.dial()
    await call.press("1", "1", "2", "1", "4", "1")
    assert ITEMS[0] in call.heard
    return call


async def through_the_items(call: LocalCall, key: str) -> list[str]:
    """The items that were read. Privacy is confirmed where it is asked."""
    read = []
    while "Alla får samma lista" not in call.text:
        read += [text for text in call.heard if text in ITEMS]
        await call.press("1" if "Är du fortfarande för dig själv" in call.text else key)
    return read


def conversations(house: House) -> int:
    with house.records.reading() as session:
        return session.scalar(select(func.count()).select_from(Conversation)) or 0


def sensitive(house: House, call: LocalCall) -> list[str]:
    return house.catalogue.sensitive_words(call.text)


async def test_the_whole_journey_by_keys(carrier: LocalCarrier, house: House) -> None:
    call = await to_first_item(carrier.call())
    assert await through_the_items(call, "1") == ITEMS
    assert "0 2 0, 5 0, 5 0, 5 0" in call.text
    await call.press("1")  # on from the list
    assert "kontakt med en handläggare" in call.text
    await call.press("1", "2", "1")  # be contacted, do not share the answers, be called
    assert "Avsluta med fyrkant" in call.text
    await call.press("0701740605", "2", "1", "2")  # number, afternoon, no voicemail, may say the agency
    await call.press("4711", "1")  # a word of digits, and yes to the summary
    assert "februari 2027" in call.text
    await call.press("1")
    assert call.over
    figures = counted(house)
    assert figures["outcome:completed"] == 1
    assert [figures.get(f"fov-vuxna/2019:{n}:yes") for n in range(1, 8)] == [1] * 7
    with house.records.reading() as session:
        from casework.records import Handover

        plan = read_plan(house.records.keys, session.scalars(select(Handover)).one())
    assert plan is not None
    assert (plan.number, plan.window.value, plan.code_word) == ("+46701740605", "afternoon", "4711")
    assert (plan.voicemail, plan.say_agency) == (False, True)


async def test_nothing_that_was_answered_is_said_back(carrier: LocalCarrier) -> None:
    call = await to_first_item(carrier.call())
    for key in ("1", "2", "3"):
        await call.press(key)
        said = [text for text in call.heard if ": tryck " not in text and "? tryck " not in text]
        said = [text for text in said if text != "Alla val: tryck stjärna."]
        assert all(text in ITEMS or "Fråga " in text or "ny del" in text for text in said), said
        if "ny del" in call.text:
            await call.press("1")
    number = await carrier.call().dial()
    await number.press("9", "1", "1", "0701740605", "1", "1", "1", "4711")
    assert "Stämmer det" in number.text
    assert "4711" not in number.text and "0605" not in number.text.replace(" ", "")


async def test_a_plan_that_is_not_right_is_begun_anew(carrier: LocalCarrier, house: House) -> None:
    call = await carrier.call().dial()
    await call.press("9", "1", "1", "0701740605", "1", "1", "1", "4711")
    assert "Nej, ändra: tryck 2." in call.text
    await call.press("2")
    assert "Hur vill du bli kontaktad?" in call.text and "Nej, hör inte av er: tryck 3." in call.text
    await call.press("1", "0701740606", "2", "1", "1", "4712", "1")
    with house.records.reading() as session:
        from casework.records import Handover

        plan = read_plan(house.records.keys, session.scalars(select(Handover)).one())
    assert plan is not None and (plan.number, plan.window.value, plan.code_word) == (
        "+46701740606", "afternoon", "4712",
    )  # fmt: skip


def test_who_listens_is_not_told_to_read(house: House) -> None:
    """What can be heard in a call: the phone's own words, the cards, and whatever is worded for listening or for both."""
    content = house.catalogue.languages["sv"]
    assert content.phone is not None
    cards = [text for card in content.cards for text in (card.voice or card.text, card.simpler or "")]
    by_screen = ("errors.", "privacy.code", "handover.passed", "kept.read", "information.simpler_none")
    texts = [
        text.pick(Channel.VOICE, simpler=False) for key, text in content.texts.items() if not key.startswith(by_screen)
    ]
    heard = [*content.phone.texts.values(), *cards, *texts]
    told = re.compile(r"\b(läsa (vidare|mer|om|från)|läser (igen|upp|listan)|läs (mer|vidare|långsam\w+|i))\b", re.I)
    assert len(heard) > 100 and [text for text in heard if told.search(text)] == []


async def test_before_the_privacy_question_is_answered_every_word_is_neutral(
    carrier: LocalCarrier, house: House
) -> None:
    for keys in (["1"], ["1", "2"], ["2"], ["#"], ["9"], ["3"], ["5"], ["1", "1"], ["", ""], ["1", "1", "2"]):
        call = await carrier.call().dial()
        assert call.text.startswith("Hej! Det här är en automatisk assistent")
        assert not sensitive(house, call)
        for key in keys:
            await call.press(key)
            assert not sensitive(house, call), (keys, call.text)


async def test_silence_is_asked_twice_and_then_the_call_ends(carrier: LocalCarrier, house: House) -> None:
    call = await to_first_item(carrier.call())
    for _ in range(2):
        await call.press("")
        assert not call.over
        assert "Är du kvar" in call.text
        assert not sensitive(house, call), "a silent room may have changed: the question is not said into it again"
    await call.press("*")
    assert ITEMS[0] in call.heard
    await call.press("", "", "")
    assert call.over and call.heard == ["Tack för samtalet. Hej då."]
    assert counted(house)["outcome:interrupted"] == 1


async def test_nobody_speaks_to_us_at_all(carrier: LocalCarrier, house: House) -> None:
    call = await carrier.call().dial()
    await call.press("", "", "")
    assert call.over
    figures = counted(house)
    assert (figures["started"], figures["outcome:interrupted"]) == (1, 1)


@pytest.mark.parametrize("keys", ["", "1", "11", "112", "1121", "11214", "112141", "1121411", "91", "911"])
async def test_zero_is_neutral_and_ends_it_wherever_it_is_pressed(
    carrier: LocalCarrier, house: House, keys: str
) -> None:
    call = await carrier.call().dial()
    await call.press(*keys)
    pending = call.action
    await call.press("0")
    assert call.over and not sensitive(house, call)
    assert "Hangup" in call.documents[-1] and "Gather" not in call.documents[-1]
    call.over = False
    call.action = pending
    await call.press("1")
    assert call.over and call.heard == ["Tack för samtalet. Hej då."]
    with house.records.reading() as session:
        assert all(row.erased for row in session.scalars(select(Conversation)))


async def test_the_same_request_again_gets_the_same_words_and_is_taken_once(
    carrier: LocalCarrier, house: House
) -> None:
    call = await to_first_item(carrier.call())
    action = call.action
    answers = []
    for _ in range(3):
        call.action = action
        await call.press("1")
        answers.append(call.documents[-1])
    assert answers[0] == answers[1] == answers[2]
    assert ITEMS[1] in call.text
    await call.press("6", "1", "2")
    assert counted(house)["fov-vuxna/2019:1:yes"] == 1


async def test_the_same_request_at_the_same_time_is_taken_once(carrier: LocalCarrier, house: House) -> None:
    call = await carrier.call().dial()
    action = call.action
    both = [replace(call, action=action, documents=[], heard=[]) for _ in range(4)]
    await asyncio.gather(*(one.press("1") for one in both))
    assert conversations(house) == 1
    assert {"Är du för dig själv" in one.text for one in both} == {True}


async def test_an_old_key_is_no_answer_to_a_new_question(carrier: LocalCarrier, house: House) -> None:
    call = await to_first_item(carrier.call())
    old = call.action
    await call.press("1")
    now = call.action
    call.action = old
    await call.press("2")
    assert ITEMS[1] in call.text and call.action == now


async def test_a_yes_that_comes_late_is_not_taken_for_being_alone(carrier: LocalCarrier, clock: Clock) -> None:
    call = await to_first_item(carrier.call())
    clock.pass_by(minutes=6)
    await call.press("1")
    assert "fortfarande för dig själv" in call.text
    assert ITEMS[0] not in call.heard
    await call.press("1")
    assert ITEMS[0] in call.heard


async def test_putting_the_phone_down_is_an_outcome(carrier: LocalCarrier, house: House) -> None:
    call = await to_first_item(carrier.call())
    await call.press("1")
    await call.hang_up()
    await call.hang_up()
    done = await to_first_item(carrier.call())
    await through_the_items(done, "2")
    await done.hang_up()
    figures = counted(house)
    assert (figures["outcome:interrupted"], figures["outcome:completed"]) == (1, 1)
    assert "fov-vuxna/2019:1:yes" not in figures


async def test_the_end_may_be_heard_of_before_the_beginning(carrier: LocalCarrier, house: House) -> None:
    call = carrier.call()
    await call._status("completed")
    await call._status("ringing")
    await call.dial()
    assert call.over and call.heard == ["Tack för samtalet. Hej då."]
    assert counted(house)["started"] == 1


@pytest.mark.parametrize("who", ["machine_start", "machine_end_beep", "fax"])
async def test_a_machine_hears_nothing(carrier: LocalCarrier, house: House, who: str) -> None:
    params = {"CallSid": "CA1", "AnsweredBy": who, "Direction": "outbound-api"}
    _, text = await carrier.send("/twilio/voice", params)
    assert "<Hangup />" in text and "Arbetsförmedlingen" not in text
    assert conversations(house) == 0


async def test_help_now_and_wrong_keys(carrier: LocalCarrier, house: House) -> None:
    call = await carrier.call().dial()
    await call.press("7")
    assert "går inte att välja" in call.text
    await call.press("#")
    assert "1 1 2" in call.text and not sensitive(house, call)
    await call.press("1", "1", "2", "1", "#")
    assert "0 2 0, 5 0" in call.text


async def test_after_a_wrong_key_the_question_is_not_said_again_into_the_room(carrier: LocalCarrier) -> None:
    call = await carrier.call().dial()
    await call.press("8")
    assert "automatisk assistent" in call.text, "who has not chosen anything yet hears what it is"
    call = await to_first_item(carrier.call())
    await call.press("8")
    assert call.heard[:2] == ["Den knappen går inte att välja här.", "Stjärna säger det igen."]
    assert ITEMS[0] not in call.heard and "Ja: tryck 1." in call.heard and "Tillbaka: tryck 5." in call.heard
    await call.press("*")
    assert ITEMS[0] in call.heard
    await call.press("2")
    assert ITEMS[1] in call.heard


async def test_topics_go_over_several_pages(carrier: LocalCarrier) -> None:
    call = await carrier.call().dial()
    await call.press("1", "1", "2", "1", "3")
    assert "Fler val: tryck 8." in call.heard
    first = list(call.heard)
    await call.press("8")
    assert not set(first) & {text for text in call.heard if ": tryck " in text and "Fler val" not in text}
    await call.press("2")
    assert any(text.startswith("Lag") for text in call.heard)


async def test_slower_speech_stays(carrier: LocalCarrier) -> None:
    call = await carrier.call().dial()
    assert "prosody" not in call.documents[-1]
    await call.press("4", "1")
    assert 'rate="75%"' in call.documents[-1]
    await call.press("1", "2")
    assert 'rate="75%"' in call.documents[-1]


async def test_after_the_first_question_only_the_answers_are_said_and_a_star_says_all(carrier: LocalCarrier) -> None:
    call = await to_first_item(carrier.call())
    assert "Vad betyder det? tryck 4." in call.heard and "Inga fler frågor: tryck 6." in call.heard
    await call.press("2")
    choices = [text for text in call.heard if "tryck" in text]
    assert choices == ["Ja: tryck 1.", "Nej: tryck 2.", "Vill inte svara: tryck 3.", "Alla val: tryck stjärna."]
    await call.press("*")
    assert "Vad betyder det? tryck 4." in call.heard
    await call.press("5")
    assert ITEMS[0] in call.heard, "a key works that was not said again"


async def test_nine_rings_whoever_has_duty(house: House, clock: Clock) -> None:
    rules = house.agency.phone.model_copy(update={"duty_number": "+46104160000"})
    duty = replace(house, agency=house.agency.model_copy(update={"phone": rules}))
    async with served(duty) as carrier:
        call = await to_first_item(carrier.call())
        await call.press("9")
        assert call.dialled == "+46104160000"
        assert f'callerId="{carrier.number}"' in call.documents[-1], "the person's own number is not shown there"
        await call.dialled_out("no-answer")
        assert "Ingen kunde svara" in call.text and "bli kontaktad" in call.text
        await call.press("9")
        await call.dialled_out("completed")
        assert call.over and counted(house)["carrier:minute_out"] == 2
        clock.pass_by(hours=10)
        night = await carrier.call().dial()
        await night.press("9")
        assert night.dialled == "" and "Just nu är det stängt. Vi öppnar igen tisdag klockan 8." in night.text


async def test_nine_goes_by_the_hours_that_a_coordinator_has_just_saved(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = house.agency.phone.model_copy(update={"duty_number": "+46104160000"})
    duty = replace(house, agency=house.agency.model_copy(update={"phone": rules}))
    async with served(duty) as carrier:
        closed = house.agency.model_copy(update={"hours": {}})
        with monkeypatch.context() as changed:
            changed.setitem(house.catalogue.agencies, house.agency.id, closed)
            call = await to_first_item(carrier.call())
            await call.press("9")
            assert call.dialled == "" and "Just nu är det stängt." in call.text and "bli kontaktad" in call.text
        call = await to_first_item(carrier.call())
        await call.press("9")
        assert call.dialled == "+46104160000"


async def test_yes_is_not_always_the_same_key(house: House) -> None:
    rules = house.agency.phone.model_copy(update={"shuffle_yes": True})
    shuffled = replace(house, agency=house.agency.model_copy(update={"phone": rules}))
    yes_by_item: dict[str, str] = {}
    async with served(shuffled) as carrier:
        call = carrier.call()
        await call.dial()
        await call.press("1", "1", "2", "1", "4", "1")
        while "Alla får samma lista" not in call.text:
            item = next((text for text in call.heard if text in ITEMS), None)
            key = next((text[-2] for text in call.heard if text.startswith("Ja: tryck ")), "1")
            if item:
                yes_by_item[item] = key
            await call.press(key)
        await call.hang_up()
    assert set(yes_by_item.values()) == {"1", "2"}
    assert yes_by_item[ITEMS[0]] == yes_by_item[ITEMS[1]], "within a block it stays where it is"
    assert yes_by_item[ITEMS[0]] != yes_by_item[ITEMS[2]]
    assert [counted(house).get(f"fov-vuxna/2019:{n}:yes") for n in range(1, 8)] == [1] * 7


async def test_no_number_and_no_call_is_kept_in_clear(carrier: LocalCarrier, house: House, tmp_path) -> None:  # type: ignore[no-untyped-def]
    call = await to_first_item(carrier.call("+46709998877"))
    await call.press("1")
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("enrum.db*"))
    assert call.sid.encode() not in kept and b"709998877" not in kept


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    from casework.unavailable import Unavailable

    def fails(*args: object) -> None:
        raise Unavailable("database: gone")

    monkeypatch.setattr("casework.calls.Calls.find", fails)
    yield


async def test_when_a_part_is_down_the_call_ends_on_a_neutral_line(
    carrier: LocalCarrier, house: House, broken: None
) -> None:
    call = await carrier.call().dial()
    assert "ring 1 1 2" in call.text and not sensitive(house, call)
    assert "<Hangup />" in call.documents[-1]


async def test_a_turn_that_fails_is_asked_again_and_not_for_ever(
    carrier: LocalCarrier, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.engine.agent import TurnAborted

    call = await to_first_item(carrier.call())

    async def aborts(*args: object) -> None:
        raise TurnAborted("Test")

    with monkeypatch.context() as failing:
        failing.setattr(house.turns._engine, "act", aborts)
        await call.press("1")
        assert "Något gick fel hos oss" in call.text and ITEMS[0] in call.heard
    await call.press("1")
    assert ITEMS[1] in call.heard
    with monkeypatch.context() as failing:
        failing.setattr(house.turns._engine, "act", aborts)
        for _ in range(5):
            if not call.over:
                await call.press("1")
    assert call.over
