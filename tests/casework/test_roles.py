"""Who may call what: every role with every route, every office with every request."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from casework.accounts import Accounts
from casework.caseworker import Caseworker
from casework.desk import DESK_ROUTES, DeskRoute, MayCall
from casework.handover import HandoverDesk, NotOpen, UnknownHandover
from casework.intake import Intake
from casework.records import Records, User
from casework.roles import ANSWERING, MAY, Role, Task, may
from casework.turn import Turn
from screening.events import HandoverKind, HandoverRequested
from tests.casework.conftest import PASSWORD
from tests.casework.desk_browser import WORDS, path_of, send

CHAT = HandoverRequested(HandoverKind.CHAT, urgent=False)
TASK_OF = {
    "/desk": Task.HANDOVERS,
    "/desk/waiting": Task.HANDOVERS,
    "/desk/sign-out": Task.OWN_ACCOUNT,
    "/desk/password": Task.OWN_ACCOUNT,
    "/desk/code": Task.OWN_ACCOUNT,
    "/desk/second-step": Task.OWN_ACCOUNT,
}
"""What each address is for, written down a second time: a new one that is not here belongs to handovers."""
PREFIXES = {"/desk/handover/": Task.HANDOVERS, "/desk/accounts": Task.ACCOUNTS, "/desk/contents": Task.CONTENTS}
ROUTES = [(r, m) for r in DESK_ROUTES if r.may_call is MayCall.CASEWORKER for m in r.methods]


def task_of(route: DeskRoute) -> Task:
    by_prefix = (task for prefix, task in PREFIXES.items() if route.path.startswith(prefix))
    return TASK_OF.get(route.path) or next(by_prefix, Task.HANDOVERS)


def test_every_route_is_for_the_task_that_its_address_says() -> None:
    assert {route.path: route.needs for route, _ in ROUTES} == {route.path: task_of(route) for route, _ in ROUTES}


def test_nobody_but_those_who_answer_has_to_do_with_handovers() -> None:
    assert {role for role in Role if may(role, Task.HANDOVERS)} == {Role.CASEWORKER, Role.CONSULTANT}
    assert {role for role in Role if may(role, Task.ACCOUNTS)} == {Role.ADMINISTRATOR}
    assert {role for role in Role if may(role, Task.CONTENTS)} == {Role.COORDINATOR}
    assert set(ANSWERING) == {"caseworker", "social_consultant"}
    assert set(MAY) == set(Role)
    assert not any(may("no such role", task) for task in Task)


@pytest.mark.parametrize(("route", "method"), ROUTES, ids=lambda v: getattr(v, "name", v))
@pytest.mark.parametrize("role", [*Role, "removed"])
def test_each_role_gets_to_its_own_tasks_alone(
    app: Starlette,
    accounts: Accounts,
    records: Records,
    database: Path,
    role: str,
    route: DeskRoute,
    method: str,
) -> None:
    accounts.redeem(accounts.link(), "Kim Ek", PASSWORD)
    with records.session() as session:
        session.query(User).update({"role": role})
    client = TestClient(app, base_url="https://desk.test", follow_redirects=False)
    send(client, "/desk/sign-in", name="Kim Ek", password=PASSWORD)
    answer = client.request(method, path_of(route))
    refused = answer.status_code == 403 and WORDS["pages"]["not_yours"] in answer.text
    led_home = route.path == "/desk" and answer.headers.get("location", "/desk") not in ("/desk", "/desk/sign-in")
    assert (refused or led_home) != may(role, task_of(route))


@pytest.fixture
def at_office(intake: Intake, take_turn: Callable[..., Turn]) -> Callable[[str], str]:
    def at_office(office: str) -> str:
        """A person of that office who waits. Returns the handover's id."""
        opened = intake.open(
            agency="arbetsformedlingen", programme="etablering", channel="web", locale="sv", office=office
        )
        handover = take_turn(opened, CHAT).handover
        assert handover is not None
        return handover.id

    return at_office


@pytest.mark.parametrize(
    ("offices", "office", "seen"),
    [((), "", True), ((), "north", True), (("north",), "north", True), (("north",), "", True),
     (("north",), "south", False), (("north", "south"), "south", True)],
)  # fmt: skip
def test_a_caseworker_meets_those_of_the_own_offices(
    accounts: Accounts, desk: HandoverDesk, at_office, offices: tuple[str, ...], office: str, seen: bool
) -> None:
    kim = accounts.redeem(accounts.link(Role.CASEWORKER, offices), "Kim Ek", PASSWORD)
    waiting = at_office(office)
    assert [item.id for item in desk.queue(kim).waiting] == ([waiting] if seen else [])
    if seen:
        assert desk.case(waiting, kim).item.id == waiting
        desk.claim(waiting, kim)
        return
    for act in (desk.case, desk.claim):
        with pytest.raises(UnknownHandover):
            act(waiting, kim)
    for act in (desk.hand_back, desk.end, desk.transcript):
        with pytest.raises(NotOpen):
            act(waiting, kim)
    assert desk.status(waiting) == "waiting"


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.ADMINISTRATOR, "gone"])
def test_without_the_task_there_is_nothing_to_see_behind_the_pages_either(
    desk: HandoverDesk, at_office, role: str
) -> None:
    waiting = at_office("")
    alex = Caseworker("a", "Alex", role)
    queue = desk.queue(alex)
    assert (queue.waiting, queue.contacts, queue.mine, queue.taken, queue.left) == ([], [], [], [], [])
    with pytest.raises(UnknownHandover):
        desk.case(waiting, alex)
    with pytest.raises(UnknownHandover):
        desk.claim(waiting, alex)


def test_somebody_is_there_only_if_they_answer_for_that_office(accounts: Accounts, desk: HandoverDesk, clock) -> None:
    def present() -> tuple[bool, bool, bool]:
        return tuple(desk.someone_present(clock(), office) for office in ("", "north", "south"))  # type: ignore[return-value]

    accounts.redeem(accounts.link(Role.ADMINISTRATOR), "Alex Bo", PASSWORD)
    accounts.sign_in("Alex Bo", PASSWORD)
    accounts.redeem(accounts.link(Role.COORDINATOR), "Mio Lo", PASSWORD)
    accounts.sign_in("Mio Lo", PASSWORD)
    assert present() == (False, False, False)
    accounts.redeem(accounts.link(Role.CONSULTANT, ["north"]), "Kim Ek", PASSWORD)
    accounts.sign_in("Kim Ek", PASSWORD)
    assert present() == (True, True, False)
    accounts.redeem(accounts.link(), "Robin Al", PASSWORD)
    accounts.sign_in("Robin Al", PASSWORD)
    assert present() == (True, True, True)
