"""A server that cannot start ends the test that needs it, and says why without repeating what the error said."""

from __future__ import annotations

import asyncio
import socket

import pytest
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from tests.browser.serving import NotServing, serving
from tests.casework.local_server import free_port


async def breaks(scope: Scope, receive: Receive, send: Send) -> None:
    raise RuntimeError("what nobody may read")


async def slow_to_start(scope: Scope, receive: Receive, send: Send) -> None:
    await asyncio.sleep(1.5)


def test_a_start_that_fails_is_told() -> None:
    with pytest.raises(NotServing, match="ended while starting") as told, serving(breaks, free_port()):
        raise AssertionError("it serves")
    assert "nobody may read" not in str(told.value)


def test_a_port_that_is_taken_is_told() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(NotServing, match="SystemExit"),
        serving(Starlette(), taken.getsockname()[1]),
    ):
        raise AssertionError("it serves")


def test_a_start_without_end_is_ended() -> None:
    with pytest.raises(NotServing, match="not ready"), serving(slow_to_start, free_port(), starts_within=0.3):
        raise AssertionError("it serves")
