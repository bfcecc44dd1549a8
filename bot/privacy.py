"""What `enrum check --privacy` looks at outside the records: files, settings, logs, the agency's table."""

from __future__ import annotations

import logging
import os
import stat
from pathlib import Path

from sqlalchemy.engine import make_url

from bot.logs import Narrow
from bot.settings import Settings
from casework.inspection import Finding
from screening.catalogue.agency import Agency


def look_around(settings: Settings, agency: Agency) -> list[Finding]:
    """Findings about this installation. The records are opened already: their files are there."""
    return [_table(agency), _files(settings), _apart(settings), _logs()]


def _table(agency: Agency) -> Finding:
    """The loader has held words and rules together; here is what the agency still has to decide."""
    open_rows = [kept.record.value for kept in agency.keep if not kept.verified]
    said = f"{len(agency.keep)} kinds of record have a rule; {len(open_rows)} rules are not yet decided by the agency"
    return Finding("table", True, said)


def _files(settings: Settings) -> Finding:
    private = [settings.key_file, settings.keys, *settings.keys.glob("*.key")]
    database = _database_file(settings)
    if database is not None:
        private += [path for end in ("", "-wal", "-shm") if (path := Path(f"{database}{end}")).exists()]
    wide = [path.name for path in private if stat.S_IMODE(path.stat().st_mode) & 0o077]
    said = f"{len(private)} files and folders are their owner's only" if not wide else f"open to others: {wide[0]}"
    return Finding("files", not wide, said)


def _apart(settings: Settings) -> Finding:
    """A copy of the folder of the database must not take the keys along unseen."""
    database = _database_file(settings)
    together = database is not None and database.parent.resolve() == settings.keys.resolve()
    said = "the keys lie in the folder of the database" if together else "the keys have a folder of their own"
    return Finding("apart", not together, f"{said}; no backup may have it")


def _logs() -> Finding:
    handlers = logging.getLogger().handlers
    narrow = bool(handlers) and all(isinstance(handler.formatter, Narrow) for handler in handlers)
    quiet = os.environ.get("RASA_TELEMETRY_ENABLED") == "false"
    return Finding("logs", narrow and quiet, "only listed fields are written; nothing is sent to anybody")


def _database_file(settings: Settings) -> Path | None:
    url = make_url(settings.database)
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None
