"""Two processes on one database, at the same moment: nothing twice, nothing lost, nobody told something untrue."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from casework.accounts import SignInLocked, SignInRefused
from casework.audit import first_break
from casework.caseworker import Caseworker
from casework.handover import AlreadyClaimed
from casework.intake import Conflict
from casework.records import AuditEntry, FailedSignIn, Handover
from screening.events import Counted, HandoverKind, HandoverRequested
from tests.casework.crash.world import World
from tests.processes import processes

CASEWORKERS, HANDOVERS, TRIES = 50, 200, 20
THREADS = 4


def in_two_processes(work: Callable[..., Any], *arguments: Any) -> list[Any]:
    """What `work(*arguments, number, together)` gave in each. `together` is a barrier of both."""
    queue, together = processes.Queue(), processes.Barrier(2)
    both = [processes.Process(target=_run, args=(queue, work, *arguments, n, together)) for n in range(2)]
    for process in both:
        process.start()
    results = [queue.get(timeout=120) for _ in both]
    for process in both:
        process.join(30)
    failed = [result for result in results if isinstance(result, BaseException)]
    assert not failed, failed
    return results


def _run(queue: Any, work: Callable[..., Any], *arguments: Any) -> None:
    try:
        queue.put(work(*arguments))
    except BaseException as error:
        queue.put(error)
        raise


@pytest.fixture
def world(url: str, tmp_path: Path):
    world = World(url, tmp_path)
    yield world
    world.close()


def claim(url: str, room: Path, kims: list[Caseworker], ids: list[str], number: int, together) -> Counter[str]:
    """Half of the caseworkers, each trying every tenth handover, so that each handover is wanted by five."""
    world = World(url, room, name=f"process {number}")

    def try_some(at: int) -> Counter[str]:
        got: Counter[str] = Counter()
        wanted = [ids[(at % 10 + 10 * n) % HANDOVERS] for n in range(TRIES)]
        random.Random(at).shuffle(wanted)
        for handover in wanted:
            try:
                world.desk.claim(handover, kims[at])
                got[handover] += 1
            except AlreadyClaimed:
                pass
        return got

    together.wait(60)
    with ThreadPoolExecutor(THREADS) as pool:
        total: Counter[str] = sum(pool.map(try_some, range(number, CASEWORKERS, 2)), Counter())
    world.close()
    return total


def test_of_fifty_caseworkers_each_handover_gets_one(world: World, url: str, tmp_path: Path) -> None:
    kims = [world.accounts.redeem(world.accounts.link(), f"Kim {n}", "en lång lösenfras") for n in range(CASEWORKERS)]
    for n in range(HANDOVERS):
        opened = world.begin("race")
        world.turn(opened.id, b"1", HandoverRequested(HandoverKind.CHAT, urgent=n % 7 == 0), key="k")
    with world.records.reading() as session:
        ids = list(session.scalars(select(Handover.id)))
    got = sum(in_two_processes(claim, url, tmp_path, kims, ids), Counter())
    assert got == Counter(ids)
    with world.records.reading() as session:
        rows = session.scalars(select(Handover)).all()
        entries = session.execute(
            select(AuditEntry.about, AuditEntry.who).where(AuditEntry.what == "handover.claimed")
        ).all()
    assert sorted((row.id, row.claimed_by) for row in rows) == sorted(map(tuple, entries))
    assert {row.status for row in rows} == {"claimed"}
    assert all(world.said(row.conversation_id) == ["handover.claimed"] for row in rows)
    assert first_break(world.records) is None


def persist(world: World, *arguments: Any, **more: Any) -> None:
    """As a channel does it, but without giving up: begin again from what is true now."""
    while True:
        try:
            return world.turn(*arguments, **more)
        except Conflict:
            continue


def answer(url: str, room: Path, ids: list[str], number: int, together) -> None:
    world = World(url, room, name=f"process {number}")
    for conversation_id in ids:
        together.wait(60)
        persist(world, conversation_id, b"1", Counted("answered"), key="the same", says=("svar",))
    world.close()


def test_the_same_turn_sent_twice_at_once_is_taken_once(world: World, url: str, tmp_path: Path) -> None:
    ids = [world.begin("twice").id for _ in range(30)]
    in_two_processes(answer, url, tmp_path, ids)
    assert [world.said(conversation_id) for conversation_id in ids] == [["svar"]] * 30
    assert world.figures("twice") == {"started": 30, "answered": 30}


def talk(url: str, room: Path, conversation_id: str, number: int, together) -> None:
    world = World(url, room, name=f"process {number}")
    together.wait(60)
    for n in range(25):
        persist(world, conversation_id, b"x", Counted("said"), key=f"{number} {n}", says=(f"{number} {n}",))
    world.close()


def test_turns_of_one_conversation_at_once_come_one_after_the_other(world: World, url: str, tmp_path: Path) -> None:
    opened = world.begin("both")
    in_two_processes(talk, url, tmp_path, opened.id)
    said = world.said(opened.id)
    assert sorted(said) == sorted(f"{number} {n}" for number in range(2) for n in range(25))
    for number in range(2):
        assert [line for line in said if line.startswith(f"{number} ")] == [f"{number} {n}" for n in range(25)]
    assert world.figures("both") == {"started": 1, "said": 50}
    world.check_whole()


def guess(url: str, room: Path, number: int, together) -> None:
    world = World(url, room, name=f"process {number}")
    together.wait(60)

    def once(_: int) -> None:
        with pytest.raises((SignInRefused, SignInLocked)):
            world.accounts.sign_in("Nobody", "en gissning")

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(once, range(THREADS)))
    world.close()


def test_wrong_passwords_at_once_are_all_counted(world: World, url: str, tmp_path: Path) -> None:
    in_two_processes(guess, url, tmp_path)
    with world.records.reading() as session:
        assert session.scalars(select(FailedSignIn.n)).all() == [2 * THREADS]
