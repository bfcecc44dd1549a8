"""Somebody waits to write with a human, and the desk closes or empties: on the loaded agent, as it is served."""

from __future__ import annotations

import pytest

from bot.composition import House
from bot.talk.waiting import Waiting
from casework.caseworker import Caseworker
from tests.conftest import Clock, Person
from tests.conversations.test_cover import to_first_item_with_a_code

PASSWORD = "en lång lösenfras"
CLOSED, AWAY = "Nu är det stängt, och ingen svarar här", "Just nu är ingen handläggare på plats"


@pytest.fixture
def waiting(house: House) -> Waiting:
    agency = house.agency
    return Waiting(house.records, house.turns, house.handovers.someone_present, agency.open_at, agency.default_office)


@pytest.fixture
def kim(house: House) -> Caseworker:
    """At the desk from now on, for five minutes."""
    house.accounts.redeem(house.accounts.link(), "Kim", PASSWORD)
    signed_in = house.accounts.session(house.accounts.sign_in("Kim", PASSWORD))
    assert signed_in is not None
    return signed_in.user


async def now(house: House, person: Person) -> list[str]:
    """What is on the person's screen, without having done anything."""
    return [message.text for message in (await house.turns.look(person.id)).messages]


async def waits(person: Person) -> None:
    await person.begin()
    await person.answer("continue", "private", "no", "continue", "skip", "no", "continue", "chat_now")
    assert person.here == ["contact_me", "none"]


async def test_closing_time(house: House, person: Person, clock: Clock, waiting: Waiting, kim: Caseworker) -> None:
    await waits(person)
    assert "kan nu se att du väntar" in person.texts[-1]
    await waiting.look(clock())
    assert not any(CLOSED in text or AWAY in text for text in await now(house, person))

    clock.at = clock.at.replace(hour=16, minute=5)  # 17:05 in Sweden; nobody's page is open any more
    assert (await house.turns.standing(person.id)).news == "there"
    for _ in range(3):
        await waiting.look(clock())
    said = await now(house, person)
    assert sum(CLOSED in text for text in said) == 1
    assert "tisdag klockan 08:00" in said[-1]
    # The page is told that there is something to fetch; the desk still sees who waits; nothing else has happened.
    assert (await house.turns.standing(person.id)).news == "closed"
    assert [item.status.value for item in house.handovers.queue(kim).waiting] == ["waiting"]
    # Another process, or the same after a restart, says it no second time.
    restarted = Waiting(house.records, house.turns, house.handovers.someone_present, house.agency.open_at, "")
    await restarted.look(clock())
    assert await now(house, person) == said

    await person.answer("contact_me")
    assert person.here == ["call", "sms", "none"]


async def test_the_last_caseworker_leaves(
    house: House, person: Person, clock: Clock, waiting: Waiting, kim: Caseworker
) -> None:
    await waits(person)
    clock.pass_by(minutes=6)
    await waiting.look(clock())
    assert AWAY in (await now(house, person))[-1]
    # What was on the screen before is answered all the same: what is written to a human reaches the human.
    old = person.last["messages"][-1]["id"]
    response = await person.send({"text": "Jag väntar kvar", "reply_to": old})
    assert "Handläggaren ser det du skriver." in [message["text"] for message in response.json()["messages"]]
    handover = house.handovers.queue(kim).waiting[0].id
    house.handovers.claim(handover, kim)
    assert "Jag väntar kvar" in [one.body.get("text") for one in house.handovers.transcript(handover, kim)]
    await waiting.look(clock())
    assert "Kim är här nu" in " ".join(await now(house, person))


async def test_behind_the_cover_nothing_is_said_and_afterwards_the_truth(
    house: House, person: Person, clock: Clock, waiting: Waiting, kim: Caseworker
) -> None:
    await to_first_item_with_a_code(person)
    await person.answer("human", "chat_now")
    await person.answer(*(["no"] if person.here == ["yes", "no"] else []))
    await person.answer("cover")
    covered = await now(house, person)
    clock.at = clock.at.replace(hour=16, minute=5)
    for _ in range(2):
        await waiting.look(clock())
    assert await now(house, person) == covered
    assert (await house.turns.standing(person.id)).news == "there"
    await person.write("kantarell")
    assert person.here == ["private", "not_private"]
    await waiting.look(clock())
    await person.answer("private")
    assert CLOSED in person.texts[-1]
    await waiting.look(clock())
    assert sum(CLOSED in text for text in await now(house, person)) == 1


async def test_who_is_with_a_human_or_has_left_hears_nothing(
    house: House, person: Person, clock: Clock, waiting: Waiting, kim: Caseworker
) -> None:
    await waits(person)
    house.handovers.claim(house.handovers.queue(kim).waiting[0].id, kim)
    clock.at = clock.at.replace(hour=16, minute=5)
    before = await now(house, person)
    await waiting.look(clock())
    assert await now(house, person) == before
    await person.leave()
    await waiting.look(clock())  # and nobody is looked for who is gone
