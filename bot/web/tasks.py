"""The tasks that live with the application: each goes on whatever happens, and says in the log what did."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from itertools import count

from starlette.applications import Starlette

from bot.composition import House, open_now
from bot.logs import place_of
from bot.phone.routes import Phone
from bot.reloading import Reloading
from bot.talk.left_alone import LeftAlone
from bot.talk.waiting import Waiting
from bot.ways_out import messenger_of
from casework import retention
from casework.out.delivery import Messenger

log = logging.getLogger("enrum.web")
SWEEP_EVERY = 60.0
RETENTION_EVERY = 60
"""Sweeps."""
DELIVER_EVERY = 2.0
LOOK_FOR_CHANGES_EVERY = 15.0


def lifespan_of(
    house: House, phone: Phone, reloading: Reloading
) -> Callable[[Starlette], contextlib.AbstractAsyncContextManager[None]]:
    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await asyncio.to_thread(phone.warm)
        words = house.catalogue.desk_admin["sv"]["out"]
        messenger = messenger_of(house.settings, house.records, house.agency, words, house.now)
        tasks = [
            asyncio.create_task(work)
            for work in (_sweep(house), _deliver(phone), _tell(messenger), _reload(reloading), _tell_waiting(house))
        ]
        yield
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        house.records.close()

    return lifespan


async def _deliver(phone: Phone) -> None:
    """Carry out what was ordered of the carrier."""
    while phone.delivery is not None:
        try:
            await asyncio.to_thread(phone.delivery.run)
        except Exception as error:  # noqa: BLE001 - what could not be sent now may be sent in a moment
            log.error("delivery failed", extra={"error": type(error).__name__, "place": place_of(error.__traceback__)})
        await asyncio.sleep(DELIVER_EVERY)


async def _tell(messenger: Messenger) -> None:
    """Tell other systems what is new."""
    while messenger.has_ways:
        try:
            await asyncio.to_thread(messenger.run)
        except Exception as error:  # noqa: BLE001 - what could not be told now may be told in a moment
            log.error("telling failed", extra={"error": type(error).__name__, "place": place_of(error.__traceback__)})
        await asyncio.sleep(DELIVER_EVERY)


async def _tell_waiting(house: House) -> None:
    """Tell those who wait for a human when nobody is there any more, and those who have one when that one is away."""
    is_open = open_now(house.catalogue, house.agency.id)
    waiting = Waiting(house.records, house.turns, house.handovers.someone_present, is_open, house.agency.default_office)
    left_alone = LeftAlone(house.records, house.turns, house.away_after)
    began = house.now()
    while True:
        await asyncio.sleep(LOOK_FOR_CHANGES_EVERY)
        try:
            await waiting.look(house.now())
            if house.now() - began < house.away_after():
                continue  # While nothing was served, no page could give a sign of life: they come back first.
            for conversation_id in await asyncio.to_thread(house.handovers.passing_on.back_to_all):
                house.bell.changed(conversation_id, queue=True)
            await left_alone.look(house.now())
        except Exception as error:  # noqa: BLE001 - who could not be told now may be told in a moment
            log.error("waiting failed", extra={"error": type(error).__name__, "place": place_of(error.__traceback__)})


async def _reload(reloading: Reloading) -> None:
    """Take over what another process saved."""
    while True:
        await asyncio.sleep(LOOK_FOR_CHANGES_EVERY)
        try:
            await reloading.look()
        except Exception as error:  # noqa: BLE001 - what is there goes on
            log.error("reloading failed", extra={"error": type(error).__name__, "place": place_of(error.__traceback__)})


async def _sweep(house: House) -> None:
    """End what went silent (outcome interrupted, keys destroyed) and what ran out.

    Once an hour remove all that is past its time.
    """
    idle = timedelta(minutes=house.agency.gate.session_minutes)
    for n in count():
        try:
            await asyncio.to_thread(house.intake.expire, idle, house.now())
            if n % RETENTION_EVERY == 0:
                await asyncio.to_thread(retention.run, house.records, house.agency.keep, house.now())
        except Exception as error:  # noqa: BLE001 - the sweep must go on tomorrow
            log.error("sweep failed", extra={"error": type(error).__name__, "place": place_of(error.__traceback__)})
        await asyncio.sleep(SWEEP_EVERY)
