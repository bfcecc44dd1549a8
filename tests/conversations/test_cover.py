"""The neutral cover: one touch or one word, and back only by the word that the person chose."""

from __future__ import annotations

from bot.composition import House
from safety.content import Channel
from tests.conftest import Clock, Person
from tests.conversations.test_whole_journey import ITEMS, counted


async def to_first_item_with_a_code(person: Person, code: str = "Kantarell") -> None:
    await person.begin()
    await person.answer("continue", "private", "no", "code")
    await person.write(code)
    await person.answer("continue", "skip", "yes")
    assert person.texts[-1] == ITEMS[0]


async def test_one_touch_and_everything_is_about_the_planning(person: Person) -> None:
    await to_first_item_with_a_code(person)
    await person.answer("cover")
    assert {m["class"] for m in person.last["messages"]} == {"neutral"}
    assert "planering" in person.texts[-1]
    assert person.last["state"]["gate"] == "closed"
    assert person.here == ["cover_plan", "cover_meeting", "cover_papers", "finish"]
    for topic in ("cover_plan", "cover_meeting", "cover_papers"):
        await person.answer(topic)
        assert {m["class"] for m in person.last["messages"]} == {"neutral"}


async def test_one_word_does_it_too(person: Person) -> None:
    for word in ("byt ämne", "nån kommer", "min man läser över axeln"):
        await to_first_item_with_a_code(person)
        await person.write(word)
        assert "cover_plan" in person.here, word


async def test_nothing_but_the_word_leads_back(person: Person) -> None:
    await to_first_item_with_a_code(person)
    await person.answer("cover")
    for guess in ("ja", "fortsätt", "ja jag är ensam", "tillbaka", "nu är jag för mig själv", "kantareller"):
        await person.write(guess)
        assert "cover_plan" in person.here, guess
        assert person.last["state"]["gate"] == "closed"
    response = await person.send({"choice": "private"})
    assert "cover_plan" in [c["id"] for c in response.json()["messages"][-1]["choices"]]
    await person.write("kantarell")
    assert person.here == ["private", "not_private"]
    assert person.last["state"]["gate"] == "closed"
    await person.answer("private")
    assert person.texts[-1] == ITEMS[0]


async def test_guessing_kills_the_word(person: Person) -> None:
    await to_first_item_with_a_code(person)
    await person.answer("cover")
    for n in range(10):
        await person.write(f"blomma {n}")
    await person.write("kantarell")
    assert "cover_plan" in person.here


async def test_without_a_word_there_is_no_way_back(person: Person, house: House) -> None:
    await person.to_first_item()
    await person.answer("cover")
    await person.write("kantarell")
    assert "cover_plan" in person.here
    await person.answer("finish")
    assert (person.stage, counted(house)["outcome:stopped"]) == ("close", 1)
    assert "historik" not in " ".join(person.texts)


async def test_an_idle_cover_stays_a_cover(person: Person, clock: Clock) -> None:
    await to_first_item_with_a_code(person)
    await person.answer("cover")
    clock.pass_by(minutes=12)
    await person.answer("cover_plan")
    assert "cover_plan" in person.here


async def test_danger_behind_the_cover_is_met_without_a_sensitive_word(person: Person) -> None:
    await to_first_item_with_a_code(person)
    await person.answer("cover")
    await person.write("hjälp han slår mig nu")
    assert {m["class"] for m in person.last["messages"]} == {"neutral"}
    assert "112" in person.texts[-1]
    assert "cover_plan" in person.here


async def test_a_human_is_one_step_away_and_the_cover_is_on_afterwards(person: Person) -> None:
    await to_first_item_with_a_code(person)
    await person.answer("cover", "human", "none")
    assert "cover_plan" in person.here


async def test_on_every_channel(house: House) -> None:
    from bot.talk.hearing import Heard

    for channel in Channel:
        begun = await house.turns.open(house.agency.id, house.agency.default_programme, channel, "sv")
        await house.turns.take(begun.id, Heard(choice="continue"))
        reply = await house.turns.take(begun.id, Heard(choice="cover"))
        assert next(c.id for c in reply.choices if not c.everywhere) == "cover_plan"


async def test_danger_and_somebody_watching_says_the_number_and_covers(person: Person) -> None:
    await to_first_item_with_a_code(person)
    await person.write("hjälp han slår mig nu, måste sluta han läser")
    assert {m["class"] for m in person.last["messages"]} == {"neutral"}
    assert "cover_plan" in person.here


async def test_the_oldest_yes_counts_even_when_the_person_is_lively(person: Person, clock: Clock) -> None:
    await person.to_first_item()
    for _ in range(4):
        clock.pass_by(minutes=4)
        await person.answer("explain")
        assert person.last["state"]["gate"] == "open"
    clock.pass_by(minutes=4, seconds=1)
    await person.answer("explain")
    assert person.last["state"]["gate"] == "closed"
    assert person.here == ["private", "not_private"]
