"""The one place that says what may be in a log: a time, a level, where from, a fixed sentence of ours, and few fields.

Everything else is dropped: the words of other people's log lines, what is put into them, an exception's text, its
locals. Of an error the log gets its type and the place in our code. It holds for the application, uvicorn, Rasa,
SQLAlchemy, alembic and asyncio alike, because it is done where a line is written and not where it is made (promise P9).
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from bot.engine import quiet
from bot.settings import PROJECT

OURS = "enrum"
FIELDS = ("error", "place", "route", "n")
"""What a log call of ours may give in `extra`."""
SAFE = re.compile(r"[\w.:/{}<>-]{1,80}", re.ASCII)
"""A name, a place or a number. Words of a person do not pass: they have spaces, or are in none of the fields."""
ROOMS = tuple(str(PROJECT / room) + "/" for room in ("actions", "bot", "casework", "safety", "screening"))


class Narrow(logging.Formatter):
    """One JSON object a line, with nothing in it that is not listed here."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="seconds")
        told: dict[str, Any] = {"at": at, "level": record.levelname.lower(), "from": _safe(record.name)}
        if record.name.split(".", 1)[0] == OURS and isinstance(record.msg, str):
            told["event"] = record.msg
        for field in FIELDS:
            if (value := getattr(record, field, None)) is not None:
                told[field] = _safe(value)
        if record.exc_info and record.exc_info[0] is not None:
            told |= _of(record.exc_info[0], record.exc_info[2])
        return json.dumps(told)


def configure(stream: TextIO | None = None) -> None:
    """Every line of every library goes through `Narrow`, to the standard error. Safe to call again."""
    quiet.configure()
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(Narrow())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    # A handler that fails would print the line itself, with everything that was put into it.
    logging.raiseExceptions = False
    logging.lastResort = handler
    for name in list(logging.Logger.manager.loggerDict):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    sys.excepthook = _crashed
    sys.unraisablehook = lambda args: _crashed(args.exc_type, args.exc_value, args.exc_traceback)
    threading.excepthook = lambda args: _crashed(args.exc_type, args.exc_value, args.exc_traceback)


def place_of(trace: TracebackType | None) -> str:
    """File and line of the innermost frame that is ours, or else of the innermost."""
    found = "unknown"
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file.startswith(ROOMS):
            found = f"{Path(file).relative_to(PROJECT)}:{trace.tb_lineno}"
        elif trace.tb_next is None and found == "unknown":
            found = f"{Path(file).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return found


def _crashed(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    """Instead of a traceback, which has the error's text."""
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger(f"{OURS}.crash").critical("stopped by an error", extra=_of(kind, trace))


def _of(kind: type[BaseException], trace: TracebackType | None) -> dict[str, str]:
    return {"error": _safe(kind.__name__), "place": _safe(place_of(trace))}


def _safe(value: object) -> str:
    written = str(value)
    return written if SAFE.fullmatch(written) else "-"
