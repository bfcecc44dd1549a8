"""A caseworker whose name is a word of some language: the person is told who is here all the same."""

from __future__ import annotations

import pytest

from bot.composition import House
from screening.catalogue.shown_name import shown_name
from tests.conftest import Person
from tests.conversations.test_desk_closes import PASSWORD, now, waits


@pytest.mark.parametrize(("name", "shown"), [("Kim Trygg", "Kim T."), ("Fara Ahmadi", "F. Ahmadi"), ("Bo Ek", "Bo Ek")])
async def test_who_is_here_is_told(house: House, person: Person, name: str, shown: str) -> None:
    house.accounts.redeem(house.accounts.link(), name, PASSWORD)
    signed_in = house.accounts.session(house.accounts.sign_in(name, PASSWORD))
    assert signed_in is not None
    await waits(person)
    (waiting,) = house.handovers.queue(signed_in.user).waiting
    house.handovers.claim(waiting.id, signed_in.user)
    assert any(text.startswith(f"{shown} är här nu.") for text in await now(house, person))


def test_words_that_are_sensitive_together() -> None:
    assert shown_name("Far Illa", lambda text: text != "Far Illa") == "F. I."
