"""The loaded agent for the random walk, on records in memory where there is room: they need not survive a power cut."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.composition import House
from casework.caseworker import Caseworker
from tests.conftest import Clock, rejoined

IN_MEMORY = Path("/dev/shm")


@dataclass
class Stage:
    """What a random conversation needs."""

    house: House
    clock: Clock
    user: Caseworker


@pytest.fixture(scope="session")
def stage(engine_house: House) -> Iterator[Stage]:
    clock = Clock()
    with tempfile.TemporaryDirectory(dir=IN_MEMORY if IN_MEMORY.is_dir() else None) as room:
        house = rejoined(engine_house, Path(room), clock)
        user = house.accounts.redeem(house.accounts.link(), "Kim Ek", "en lång lösenfras")
        yield Stage(house, clock, user)
        house.records.close()
