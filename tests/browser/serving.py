"""An application on a port of its own, for a real browser."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

STARTS_WITHIN = 60.0


class NotServing(RuntimeError):
    """The application did not start. Says which kind of error ended it: its text may hold anything."""


@contextmanager
def serving(app: ASGIApp, port: int, *, starts_within: float = STARTS_WITHIN) -> Iterator[str]:
    """Serves `app` on 127.0.0.1 and yields its address. Raises NotServing."""
    server = uvicorn.Server(
        uvicorn.Config(app, port=port, log_level="error", ws="none", lifespan="on", timeout_graceful_shutdown=1)
    )
    failed: list[str] = []

    def run() -> None:
        try:
            server.run()
        except BaseException as error:  # noqa: BLE001 - uvicorn leaves by SystemExit where the port is taken
            failed.append(type(error).__name__)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        _wait(server, thread, failed, starts_within)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)


def _wait(server: uvicorn.Server, thread: threading.Thread, failed: list[str], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not server.started:
        if not thread.is_alive():
            raise NotServing(f"ended while starting: {failed[0] if failed else 'its start-up failed'}")
        if time.monotonic() > until:
            raise NotServing(f"not ready within {seconds:g} seconds")
        time.sleep(0.02)
