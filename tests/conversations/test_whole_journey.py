"""Whole conversations, as the person has them."""

from __future__ import annotations

import pytest

from bot.composition import House
from tests.conftest import Clock, Person
from tests.figures import figures_of

ITEMS = [
    "Har du blivit hotad, kontrollerad, förnedrad, trakasserad eller liknande av en närstående?",
    "Har du blivit slagen, sparkad, knuffad eller skadad på något annat sätt av en närstående?",
    "Har du känt press att mot din vilja delta i eller se på sexuella handlingar av en närstående?",
    "Har du varit utsatt för verbala, psykiska och/eller fysiska sexuella kränkningar av en närstående?",
    "Har du blivit utsatt för våld enligt fråga 1 - 4 av någon annan person än någon närstående?",
    "Har du under din uppväxt sett eller hört en närstående bli utsatt för våld enligt frågorna 1 - 4?",
    "Har du själv som vuxen utsatt någon annan för våld enligt fråga 1 – 4?",
]


def counted(house: House) -> dict[str, int]:
    return figures_of(house.records)


async def answer_all(person: Person, answer: str) -> list[str]:
    """Answer every item the same way; confirm privacy where it is asked. Returns the items as they were read."""
    read = []
    while person.stage in ("questions", "privacy"):
        if "private" in person.here:
            await person.answer("private")
            continue
        read.append(person.texts[-1])
        await person.answer(answer)
    return read


async def test_everything_yes_and_the_items_are_verbatim(person: Person, house: House) -> None:
    await person.to_first_item()
    assert await answer_all(person, "yes") == ITEMS
    assert person.stage == "support"
    await person.answer("continue", "none")
    assert (person.stage, person.last["state"]["gate"]) == ("close", "closed")
    figures = counted(house)
    assert figures["outcome:completed"] == 1
    assert [figures.get(f"fov-vuxna/2019:{n}:yes") for n in range(1, 8)] == [1] * 7


async def test_everybody_gets_the_same_list(person: Person) -> None:
    lists = []
    for answer in ("yes", "no", "decline"):
        await person.to_first_item()
        await answer_all(person, answer)
        lists.append([m["text"] for m in person.last["messages"] if m["part"] == "support"])
    await person.begin()
    await person.answer("continue", "private", "no", "continue", "skip", "no")
    lists.append([m["text"] for m in person.last["messages"] if m["part"] == "support"])
    assert len(lists[0]) == 1
    assert "Kvinnofridslinjen" in lists[0][0]
    assert lists == [lists[0]] * 4


async def test_later_gets_the_same_list_and_is_later(person: Person, house: House) -> None:
    await person.begin()
    await person.answer("continue", "private", "no", "continue", "skip", "later")
    assert [m["part"] for m in person.last["messages"]].count("support") == 1
    await person.answer("continue", "none")
    assert (counted(house)["invitation:later"], counted(house)["outcome:later"]) == (1, 1)


async def test_declining_is_declining(person: Person, house: House) -> None:
    await person.begin()
    await person.answer("continue", "private", "no", "continue", "skip", "no", "continue", "none")
    figures = counted(house)
    assert figures["outcome:declined"] == 1
    assert not [what for what in figures if what.startswith("fov-vuxna")]


async def test_stopping_in_the_middle_counts_only_what_was_answered(person: Person, house: House) -> None:
    await person.to_first_item()
    await person.answer("yes", "finish", "continue", "none")
    figures = counted(house)
    assert figures["outcome:stopped"] == 1
    assert {w for w in figures if w.startswith("fov-vuxna/2019:") and w.split(":")[1].isdigit()} == {
        "fov-vuxna/2019:1:yes"
    }


async def test_silence_closes_the_gate_and_the_late_answer_is_not_taken(person: Person, clock: Clock) -> None:
    await person.to_first_item()
    clock.pass_by(minutes=6)
    await person.answer("yes")
    assert (person.stage, person.last["state"]["gate"], person.here) == (
        "privacy",
        "closed",
        ["private", "not_private"],
    )
    assert {m["class"] for m in person.last["messages"]} == {"neutral"}
    await person.answer("private")
    assert person.texts[-1] == ITEMS[0]


async def test_not_private_is_a_neutral_way_out(person: Person, house: House) -> None:
    await person.begin()
    await person.answer("continue", "not_private")
    assert {m["class"] for m in person.last["messages"]} == {"neutral"}
    await person.answer("finish")
    assert counted(house)["outcome:not_safe"] == 1


async def test_typed_words_open_the_gate_only_when_they_say_nothing_else(person: Person) -> None:
    await person.begin()
    await person.answer("continue")
    for words in ("ja men min sambo kan höra", "ja fast mannen är här", "jag är nästan ensam", "inte ensam"):
        await person.write(words)
        assert person.last["state"]["gate"] == "closed", words
        if person.stage != "privacy" or "private" not in person.here:
            await person.begin()
            await person.answer("continue")
    await person.begin()
    await person.answer("continue")
    await person.write("ja, jag är ensam")
    assert person.last["state"]["gate"] == "open"


async def test_typing_what_a_button_says_is_pressing_it(person: Person) -> None:
    await person.to_first_item()
    await person.write("vill inte svara")
    assert person.texts[-1] == ITEMS[1]
    await person.write("Tillbaka.")
    assert person.texts[-1] == ITEMS[0]
    await person.begin()
    await person.answer("continue", "not_private")
    await person.write("Nu är jag för mig själv")
    assert person.last["state"]["gate"] == "closed"


async def test_back_changes_an_answer(person: Person, house: House) -> None:
    await person.to_first_item()
    await person.answer("yes", "back", "no")
    assert person.texts[-1] == ITEMS[1]
    await answer_all(person, "decline")
    figures = counted(house)
    assert figures.get("fov-vuxna/2019:1:no") == 1
    assert "fov-vuxna/2019:1:yes" not in figures


async def test_an_explanation_is_marked_as_ours(person: Person) -> None:
    await person.to_first_item()
    await person.answer("explain")
    assert "ingår inte i frågeformuläret" in " ".join(person.texts)
    assert person.texts[-1] == ITEMS[0]
    await person.write("vad menas med närstående")
    assert "ingår inte i frågeformuläret" in " ".join(person.texts)


async def test_free_words_are_understood(person: Person) -> None:
    await person.to_first_item()
    await person.write("jaa")
    assert person.texts[-1] == ITEMS[1]
    await person.write("vet inte riktigt")
    assert person.texts[-1] == ITEMS[1]
    await person.write("vill inte svara på det")
    assert person.here == ["private", "not_private"]
    await person.answer("private")
    await person.write("nä")
    assert person.texts[-1] == ITEMS[3]
    await person.write("kan jag prata med en människa")
    assert person.stage == "handover"


async def test_what_is_not_understood_twice_is_met_with_a_human(person: Person) -> None:
    await person.begin()
    await person.write("qwrt zxcv plmk")
    first = person.texts
    await person.write("hjkl vbnm rtyu")
    assert person.texts != first
    assert "människa" in person.texts[-1]
    assert "human" in person.choices


async def test_exit_erases_and_says_nothing_more(person: Person, house: House) -> None:
    await person.to_first_item()
    assert (await person.leave()).status_code == 204
    assert (await person.send({"choice": "yes"})).status_code in (401, 410)
    assert counted(house)["outcome:left"] == 1


async def test_sluta_is_the_exit(person: Person) -> None:
    await person.to_first_item()
    await person.write("sluta")
    assert person.last["messages"] == []
    assert (await person.send({"choice": "yes"})).status_code in (401, 410)


async def test_somebody_came_in(person: Person) -> None:
    await person.to_first_item()
    await person.write("nån är här")
    assert {m["class"] for m in person.last["messages"]} == {"neutral"}
    assert person.last["state"]["gate"] == "closed"
    await person.write("ja")
    assert person.last["state"]["gate"] == "closed"


async def test_a_plan_is_made_and_kept_with_its_limits(person: Person, house: House) -> None:
    await person.begin()
    await person.answer("continue", "not_private", "contact_me", "call")
    await person.write("070-174 06 05")
    await person.answer("morning", "no", "no")
    await person.write("blåbär")
    assert "+46701740605" in person.texts[-1]
    assert "blåbär" in person.texts[-1]
    await person.answer("yes", "finish")
    assert counted(house)["handover:contact"] == 1


@pytest.mark.parametrize("word", ["trygghet", "domstol"])
async def test_a_word_that_tells_what_it_is_about_is_not_taken_for_a_plan(person: Person, word: str) -> None:
    """It would be said to whoever answers. Before, the summary that was to be agreed on was held back instead."""
    await person.begin()
    await person.answer("continue", "not_private", "contact_me", "call")
    await person.write("070-174 06 05")
    await person.answer("morning", "no", "no")
    await person.write(word)
    assert "+46701740605" not in person.texts[-1]
    assert "vardagligt ord" in person.texts[-1]
    await person.write("blåbär")
    assert "+46701740605" in person.texts[-1] and "blåbär" in person.texts[-1]


async def test_migrationsverket_never_invites(engine_house: House, clock: Clock, tmp_path: object) -> None:
    from pathlib import Path

    from bot.talk.hearing import Heard
    from safety.content import Channel
    from tests.conftest import rejoined

    house = rejoined(engine_house, Path(str(tmp_path)), clock, agency="migrationsverket")
    begun = await house.turns.open("migrationsverket", "alla-sokande", Channel.WEB, "sv")
    for choice in ("continue", "private", "no", "continue", "skip"):
        reply = await house.turns.take(begun.id, Heard(choice=choice))
    assert reply.stage == "support"
    house.records.close()
