"""A coordinator changes hours or limits while somebody is in a conversation: on the loaded agent, as it is served."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.composition import House
from bot.reloading import take_over
from screening.catalogue.agency import Agency
from tests.conftest import Clock, Person


@pytest.fixture
def agency(house: House, monkeypatch: pytest.MonkeyPatch) -> Agency:
    """The catalogue is shared by all tests: its agencies are as they were afterwards."""
    monkeypatch.setattr(house.catalogue, "agencies", dict(house.catalogue.agencies))
    return house.agency


def change(house: House, changed: Agency) -> None:
    take_over(house.catalogue, replace(house.catalogue, agencies={changed.id: changed}))


async def test_a_shorter_silence_counts_for_whoever_is_in_a_conversation(
    house: House, person: Person, clock: Clock, agency: Agency
) -> None:
    await person.begin()
    await person.answer("continue", "private", "no")
    clock.pass_by(minutes=4)
    await person.answer("continue")
    assert person.last["state"]["gate"] == "open"
    change(house, agency.model_copy(update={"gate": agency.gate.model_copy(update={"idle_minutes": 3})}))
    clock.pass_by(minutes=4)
    await person.answer("continue")
    assert person.last["state"]["gate"] == "closed" and person.here == ["private", "not_private"]


async def test_a_longer_silence_does_not(house: House, person: Person, clock: Clock, agency: Agency) -> None:
    await person.begin()
    await person.answer("continue", "private", "no")
    change(house, agency.model_copy(update={"gate": agency.gate.model_copy(update={"idle_minutes": 10})}))
    clock.pass_by(minutes=6)
    await person.answer("continue")
    assert person.last["state"]["gate"] == "closed"
