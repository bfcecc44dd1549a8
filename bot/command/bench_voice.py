"""What `enrum bench` measures of calls: time from a signed webhook to its TwiML, over real HTTP on this machine."""

from __future__ import annotations

import asyncio
import random
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

TOKEN, ACCOUNT = "of the bench", "AC" + "0" * 32
CALLS = 500
LISTENING = (8.0, 32.0)
"""Seconds that somebody listens before a key: a question and its choices take twenty to say, the welcome thirty."""
TO_FIRST_ITEM = ("1", "1", "2", "1", "4", "1")
WHOLE_CALL = (*TO_FIRST_ITEM, *["2", "2", "1", "2", "2", "2", "2", "1", "2"], "1", "1", "2", "1")
"""To the first item, seven times no with privacy asked again where it is, the list, be contacted without the answers, a call."""
PLAN = ("0701740605", "2", "1", "2", "4711", "1", "1")


@dataclass
class Timed:
    """Posts, and remembers how long each answer took, in milliseconds."""

    post: Callable[[str, bytes, dict[str, str]], Awaitable[tuple[int, str]]]
    took: list[float]

    async def __call__(self, address: str, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
        began = time.perf_counter()
        answer = await self.post(address, body, headers)
        if address.split("?")[0].endswith("/voice"):
            self.took.append((time.perf_counter() - began) * 1000)
        return answer


async def measure(house: Any) -> dict[str, Any]:
    """One whole call; a burst of calls that begin at the same moment; many calls at once with people in them."""
    import httpx

    from bot.phone.local_carrier import LocalCarrier
    from bot.web.application import application

    own = replace(house, settings=replace(house.settings, twilio_auth_token=TOKEN, twilio_account_sid=ACCOUNT))
    limits = httpx.Limits(max_connections=CALLS)
    async with served(application(own)) as base, httpx.AsyncClient(timeout=60, limits=limits) as client:

        async def post(address: str, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
            response = await client.post(address, content=body, headers=headers)
            return response.status_code, response.text

        def carrier(took: list[float]) -> LocalCarrier:
            return LocalCarrier(base, TOKEN, ACCOUNT, Timed(post, took))

        whole: list[float] = []
        call = await carrier(whole).call().dial()
        await call.press(*WHOLE_CALL, *PLAN)
        if not call.over:
            raise RuntimeError("the whole call did not come to its end: nothing is reported")
        burst: list[float] = []
        await asyncio.gather(*(carrier(burst).call().dial() for _ in range(CALLS)))
        crowd: list[float] = []
        rng = random.Random(1)  # noqa: S311 - how long somebody listens
        await asyncio.gather(*(_person(carrier(crowd), rng) for _ in range(CALLS)))
    return {"voice_call_ms": whole, "voice_burst_ms": burst, "voice_ms": crowd}


@asynccontextmanager
async def served(app: Any) -> AsyncIterator[str]:
    """The application on a free port. Its address."""
    import uvicorn

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(app, port=port, log_config=None, lifespan="off", ws="none", backlog=2 * CALLS)
    )
    task = asyncio.create_task(server.serve())
    while not server.started and not task.done():
        await asyncio.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task


async def _person(carrier: Any, rng: random.Random) -> None:
    """Rings within a while of the others, listens, presses."""
    await asyncio.sleep(rng.uniform(0, LISTENING[1]))
    call = await carrier.call().dial()
    for key in TO_FIRST_ITEM[:3]:
        await asyncio.sleep(rng.uniform(*LISTENING))
        await call.press(key)
