"""The caseworker who has the chat goes from the desk: the person is told once, can go on or leave, and a colleague can take over."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.composition import House
from bot.talk.left_alone import LeftAlone
from casework.caseworker import Caseworker
from casework.refusals import AlreadyClaimed
from casework.requests import HandoverStatus
from tests.conftest import Clock, Person
from tests.conversations.test_cover import to_first_item_with_a_code
from tests.conversations.test_desk_closes import PASSWORD, now, waits

AWAY, AGAIN = "Kim har inte skärmen öppen just nu", "Kim är här igen."
CHOICES = ["contact_me", "none"]


@pytest.fixture
def left(house: House) -> LeftAlone:
    return LeftAlone(house.records, house.turns, house.away_after)


def sits(house: House, name: str) -> tuple[Caseworker, Callable[[], object]]:
    """Somebody at the desk, and what keeps their page alive."""
    house.accounts.redeem(house.accounts.link(), name, PASSWORD)
    token = house.accounts.sign_in(name, PASSWORD)
    signed_in = house.accounts.session(token)
    assert signed_in is not None
    return signed_in.user, lambda: house.accounts.session(token)


async def with_kim(house: House, person: Person, kim: Caseworker) -> str:
    await waits(person)
    chat = house.handovers.queue(kim).waiting[0].id
    house.handovers.claim(chat, kim)
    return chat


async def offered(house: House, person: Person) -> list[str]:
    return [one.id for one in (await house.turns.look(person.id)).choices if not one.everywhere]


async def test_told_once_and_once_when_the_caseworker_is_back(
    house: House, person: Person, clock: Clock, left: LeftAlone
) -> None:
    kim, kims_page = sits(house, "Kim")
    chat = await with_kim(house, person, kim)
    clock.pass_by(minutes=1)
    await left.look(clock())
    assert AWAY not in " ".join(await now(house, person))
    assert await offered(house, person) == []

    news = (await house.turns.standing(person.id)).news
    clock.pass_by(minutes=2)
    for _ in range(3):
        await left.look(clock())
    await LeftAlone(house.records, house.turns, house.away_after).look(
        clock()
    )  # after a restart, or in another process
    said = await now(house, person)
    assert sum(AWAY in text for text in said) == 1
    assert await offered(house, person) == CHOICES
    assert (await house.turns.standing(person.id)).news != news  # the page is told that there is something to fetch

    await person.write("Jag väntar")
    assert sum(AWAY in text for text in person.texts) == 1 and person.texts[-1] == "Jag väntar"

    kims_page()
    for _ in range(2):
        await left.look(clock())
    said = await now(house, person)
    assert sum(AGAIN in text for text in said) == 1 and said[-1] == AGAIN
    assert await offered(house, person) == []
    lines = [one.body.get("say") for one in house.handovers.transcript(chat, kim)]
    assert [line for line in lines if line] == ["handover.claimed", "handover.away", "handover.here_again"]
    # It was Kim all the time, and Kim can leave again.
    clock.pass_by(minutes=3)
    await left.look(clock())
    assert sum(AWAY in text for text in await now(house, person)) == 2


async def test_a_colleague_takes_over_and_reads_from_where_the_person_was_told(
    house: House, person: Person, clock: Clock, left: LeftAlone
) -> None:
    kim, kims_page = sits(house, "Kim")
    chat = await with_kim(house, person, kim)
    await person.write("Hej Kim")
    clock.pass_by(minutes=3)
    robin, _ = sits(house, "Robin")
    (alone,) = house.handovers.queue(robin).alone
    assert (alone.id, alone.claimed_by_name, alone.away_minutes) == (chat, "Kim", 3)
    await left.look(clock())
    await person.write("Jag har en fråga om min planering")

    house.handovers.taking_over.take_over(chat, robin)
    said = await now(house, person)
    assert "Robin är här nu och tar över efter Kim." in said[-1]
    assert await offered(house, person) == []
    texts = [one.body.get("text") or one.body["say"] for one in house.handovers.transcript(chat, robin)]
    assert texts == ["handover.away", "Jag har en fråga om min planering", "handover.taken_over"]

    # Kim is back: told who has it, and neither reads nor writes any more. The person hears nothing of it.
    kims_page()
    await left.look(clock())
    assert await now(house, person) == said
    for act in (
        lambda: house.handovers.write(chat, kim, "hej"),
        lambda: house.handovers.transcript(chat, kim),
        lambda: house.handovers.taking_over.take_over(chat, kim),
    ):
        with pytest.raises(AlreadyClaimed) as refused:
            act()
        assert refused.value.name == "Robin"
    assert house.handovers.queue(robin).alone == []
    house.handovers.write(chat, robin, "Hej, jag är kvar.")
    assert (await now(house, person))[-1] == "Hej, jag är kvar."


async def test_another_time_instead(house: House, person: Person, clock: Clock, left: LeftAlone) -> None:
    kim, _ = sits(house, "Kim")
    chat = await with_kim(house, person, kim)
    clock.pass_by(minutes=3)
    await left.look(clock())
    await person.answer("contact_me")
    assert person.here == ["call", "sms", "none"]
    assert house.handovers.status(chat) is HandoverStatus.CANCELLED
    await left.look(clock())  # and nothing is said to somebody who has gone on
    assert AWAY not in " ".join(person.texts[-1:])


async def test_back_to_the_assistant(house: House, person: Person, clock: Clock, left: LeftAlone) -> None:
    kim, _ = sits(house, "Kim")
    chat = await with_kim(house, person, kim)
    clock.pass_by(minutes=3)
    await left.look(clock())
    await person.answer("none")
    assert "Vill du gå vidare" in person.texts[-1]
    assert house.handovers.status(chat) is HandoverStatus.CANCELLED
    # Whoever asks for a human anew and meets the same one is told anew.
    await person.answer("human", "chat_now")
    house.handovers.claim(house.handovers.queue(kim).waiting[0].id, kim)
    await left.look(clock())
    assert AWAY in (await now(house, person))[-1]


async def test_what_is_offered_only_to_who_is_left_alone_cancels_nothing_otherwise(
    house: House, person: Person, clock: Clock, left: LeftAlone
) -> None:
    kim, kims_page = sits(house, "Kim")
    chat = await with_kim(house, person, kim)
    for choice in CHOICES:
        await person.answer(choice)
    clock.pass_by(minutes=3)
    await left.look(clock())
    kims_page()  # between the line and the press
    for choice in CHOICES:
        await person.answer(choice)
    assert house.handovers.status(chat) is HandoverStatus.CLAIMED


async def test_behind_the_cover_nothing_is_said_and_afterwards_the_truth(
    house: House, person: Person, clock: Clock, left: LeftAlone
) -> None:
    kim, _ = sits(house, "Kim")
    await to_first_item_with_a_code(person)
    await person.answer("human", "chat_now")
    await person.answer(*(["no"] if person.here == ["yes", "no"] else []))
    house.handovers.claim(house.handovers.queue(kim).waiting[0].id, kim)
    await person.answer("cover")
    covered = await now(house, person)
    clock.pass_by(minutes=3)
    for _ in range(2):
        await left.look(clock())
    assert await now(house, person) == covered
    await person.write("kantarell")
    await left.look(clock())
    await person.answer("private")
    assert sum(AWAY in text for text in await now(house, person)) == 1
    assert await offered(house, person) == CHOICES


async def test_while_the_gate_is_shut_only_the_neutral_line_stands_there(
    house: House, person: Person, clock: Clock, left: LeftAlone
) -> None:
    kim, _ = sits(house, "Kim")
    chat = await with_kim(house, person, kim)
    house.handovers.write(chat, kim, "Det här är bara för dig.")
    clock.pass_by(minutes=6)  # longer than a confirmation stands without an answer
    await left.look(clock())
    shown = await house.turns.look(person.id)
    assert {one.content_class.value for one in shown.messages} == {"neutral"}
    assert AWAY in " ".join(one.text for one in shown.messages)
    assert await offered(house, person) == ["private", "not_private", "contact_me", "none"]
    await person.answer("private")
    assert person.here == CHOICES
