"""A temporary folder that does not outlive its process for long: whoever comes next removes what a killed one left."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PREFIX = "enrum-talk-"


@contextmanager
def held(room: Path) -> Iterator[None]:
    """The folder is in use until the end, or until this process is no more."""
    handle = os.open(room, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH)
        yield
    finally:
        os.close(handle)


def clear_rooms() -> int:
    """Remove the folders that nobody holds. Those of other users are left. Returns how many."""
    gone = 0
    for room in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            handle = os.open(room, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            continue
        try:
            if os.fstat(handle).st_uid == os.getuid():
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(room, ignore_errors=True)
                gone += 1
        except BlockingIOError:
            pass
        finally:
            os.close(handle)
    return gone
