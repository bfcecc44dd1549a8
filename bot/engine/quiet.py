"""Rasa made quiet before it is imported: no telemetry, no debug output with what people wrote (promise P9).

Rasa logs the text of messages at DEBUG through structlog, whose default prints everything, and puts the whole
transcript into the error of a failed action. `configure()` shuts both and must run before anything of Rasa is used.
What may be in a log at all is said in `bot.logs`.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import MutableMapping
from typing import Any

import structlog

CHATTY = ("rasa", "rasa_sdk", "rasa.core", "sanic", "apscheduler", "matplotlib", "socketio", "engineio")


class _WithoutTrace(logging.Filter):
    """Lets a record say which kind of error it was, never its text or traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and record.exc_info[0] is not None:
            record.msg, record.args = f"failed: {record.exc_info[0].__name__}", ()
            record.exc_info = record.exc_text = None
        return True


def silence_telemetry() -> None:
    """Rasa sends nothing to anybody."""
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"


def configure() -> None:
    """Set environment, logging and warnings. Safe to call twice."""
    silence_telemetry()
    # Rasa warns with what people wrote, and libraries put back the filters that are set: so nothing is shown at all.
    warnings.showwarning = lambda *args, **kwargs: None
    structlog.configure(
        processors=[_only_names],
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL),
        logger_factory=structlog.PrintLoggerFactory(file=open(os.devnull, "w")),  # noqa: SIM115
        cache_logger_on_first_use=False,
    )
    for name in CHATTY:
        logger = logging.getLogger(name)
        logger.setLevel(logging.CRITICAL)
        logger.addFilter(_WithoutTrace())


def _only_names(logger: Any, method: str, event: MutableMapping[str, Any]) -> str:
    return str(event.get("event", ""))[:80]
