"""What `enrum bench` measures of the desk: from a request for a human to every open queue, and many claiming at once."""

from __future__ import annotations

import asyncio
import random
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

BASE = "http://bench.test"
WAITING = 1000
CASEWORKERS = 50
WATCHING = 10
"""Open queues that wait for news while new requests come in."""
REQUESTS = 20
PASSWORD = "en lång lösenfras"


@dataclass
class Claims:
    """Which caseworkers were told that they have a handover; how many were told that another has; milliseconds."""

    winners: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    refused: int = 0
    took: list[float] = field(default_factory=list)


async def measure(house: Any, waiting: int = WAITING, caseworkers: int = CASEWORKERS) -> dict[str, Any]:
    """Each handover is claimed at by two caseworkers at random. Lost and doubled are counted in what the records say."""
    import httpx

    from bot.web.application import application

    served = application(house)
    tokens = await asyncio.to_thread(_sign_in, house, caseworkers)
    ids = [await asyncio.to_thread(_request, house) for _ in range(waiting)]

    def browser(token: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=served)
        return httpx.AsyncClient(transport=transport, base_url=BASE, timeout=120, cookies={"desk": token})

    desks = [browser(token) for token in tokens]
    visible = await _visible(house, desks[:WATCHING])
    claims = await _claim_all(house, desks, tokens, ids)
    for desk in desks:
        await desk.aclose()
    return {
        "desk_visible_ms": visible,
        "desk_claim_ms": claims.took,
        "desk_claimed": sum(len(claims.winners[one]) == 1 for one in ids),
        "desk_claimed_twice": sum(len(claims.winners[one]) > 1 for one in ids),
        "desk_lost": len(set(ids) - await asyncio.to_thread(_held, house)),
        "desk_refused": claims.refused,
    }


def _sign_in(house: Any, caseworkers: int) -> list[str]:
    """Tokens of as many signed-in caseworkers. With a cheap hash: signing in is not what is measured."""
    from argon2 import PasswordHasher

    from casework.accounts import Accounts
    from casework.passwords import Passwords

    cheap = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    accounts = Accounts(house.records, house.now, cheap)
    names = [f"Bench {n}" for n in range(caseworkers)]
    for name in names:
        accounts.redeem(accounts.link(), name, PASSWORD)
    return [accounts.sign_in(name, PASSWORD) for name in names]


def _request(house: Any) -> str:
    """Somebody asks for a human. Returns the handover's id."""
    from screening.events import HandoverKind, HandoverRequested

    programme = house.agency.default_programme
    opened = house.intake.open(agency=house.agency.id, programme=programme, channel="web", locale="sv")
    turn = house.intake.begin(opened.id)
    turn.events.append(HandoverRequested(HandoverKind.CHAT, urgent=False))
    house.intake.commit(turn)
    house.bell.changed(opened.id)
    return str(turn.handover.id)


async def _visible(house: Any, desks: list[Any]) -> list[float]:
    """Milliseconds from a request to each open queue that shows one more, with all the others waiting already."""
    took: list[float] = []
    page = (await desks[0].get("/desk/waiting")).text
    for _ in range(REQUESTS):
        mark = page.split('data-mark="', 1)[1].split('"', 1)[0]
        watching = [asyncio.create_task(_news(desk, mark)) for desk in desks]
        await asyncio.sleep(0.2)
        began = time.perf_counter()
        await asyncio.to_thread(_request, house)
        answers = await asyncio.gather(*watching)
        took += [(at - began) * 1000 for at, _ in answers]
        page = answers[-1][1]
    return took


async def _news(desk: Any, mark: str) -> tuple[float, str]:
    answer = await desk.get("/desk/waiting", params={"mark": mark})
    if answer.status_code != 200 or f'data-mark="{mark}"' in answer.text:
        raise RuntimeError("a queue was not told: nothing is reported")
    return time.perf_counter(), answer.text


async def _claim_all(house: Any, desks: list[Any], tokens: list[str], ids: list[str]) -> Claims:
    claims, rng = Claims(), random.Random(1)  # noqa: S311 - who claims what
    forms = [house.accounts.session(token).csrf for token in tokens]
    twice = [*rng.sample(ids, len(ids)), *rng.sample(ids, len(ids))]
    rng.shuffle(twice)

    async def work(who: int, desk: Any, form_token: str) -> None:
        while twice:
            handover_id = twice.pop()
            began = time.perf_counter()
            answer = await desk.post(f"/desk/handover/{handover_id}/claim", data={"form_token": form_token})
            claims.took.append((time.perf_counter() - began) * 1000)
            if answer.status_code == 303:
                claims.winners[handover_id].add(who)
            elif answer.status_code == 409:
                claims.refused += 1
            else:
                raise RuntimeError(f"a claim was answered with {answer.status_code}: nothing is reported")

    await asyncio.gather(*(work(who, desk, form) for who, (desk, form) in enumerate(zip(desks, forms, strict=True))))
    return claims


def _held(house: Any) -> set[str]:
    """Handovers that exactly one caseworker has, by the records, with one line in the conversation that says so."""
    from sqlalchemy import func, select

    from casework.records import AuditEntry, Handover

    with house.records.reading() as session:
        once = (
            select(AuditEntry.about)
            .where(AuditEntry.what == "handover.claimed")
            .group_by(AuditEntry.about)
            .having(func.count() == 1)
        )
        held = select(Handover.id).where(Handover.status == "claimed", Handover.claimed_by.is_not(None))
        return set(session.scalars(held.where(Handover.id.in_(once))))
