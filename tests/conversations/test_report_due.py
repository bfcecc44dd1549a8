"""A child is being harmed, the caseworker has a report to make, and the person asks anew: on the loaded agent, as it is served."""

from __future__ import annotations

from bot.composition import House
from casework.caseworker import Caseworker
from tests.conftest import Clock, Person

CHILD = "child"


async def agree(person: Person, window: str) -> None:
    """A contact plan, to its end."""
    await person.answer("contact_me", "call")
    await person.write("070-174 06 05")
    await person.answer(window, "no", "no")
    await person.write("blåbär")
    await person.answer("yes")


def caseworker(house: House, name: str) -> Caseworker:
    return house.accounts.redeem(house.accounts.link(), name, "en lång lösenfras")


async def test_asking_anew_does_not_stop_the_clock(house: House, person: Person, clock: Clock) -> None:
    kim, robin = caseworker(house, "Kim"), caseworker(house, "Robin")
    desk, child = house.handovers, house.catalogue.checklists[CHILD]
    assert child.report is not None
    await person.begin()
    await person.answer("continue", "not_private")
    await agree(person, "morning")
    first = desk.queue(kim).contacts[0].id
    desk.claim(first, kim)
    learnt = clock()
    desk.ticking.tick(first, kim, child, frozenset({child.report.starts_with}))

    clock.pass_by(minutes=2)
    await person.answer("human")
    await agree(person, "afternoon")
    (again,) = desk.queue(kim).follow_ups
    assert (again.id != first, again.report_since) == (True, learnt)
    assert again.contact is not None and again.contact.window == "afternoon"
    assert [item.report_since for item in desk.queue(robin).contacts] == [None]

    desk.claim(again.id, robin)
    work = desk.ticking.work(again.id)
    assert (work.learnt_at, work.report_is_due) == (learnt, True)
    assert desk.queue(kim).follow_ups == [] and desk.queue(robin).follow_ups[0].report_since == learnt
