"""Put the database of a released version in place, on either engine."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import MetaData, delete, insert

from casework.records import migrate
from casework.records.engine import make_engine

HERE = Path(__file__).parent
VERSIONS = sorted(path.stem for path in HERE.glob("*.json"))


def load(version: str, url: str, room: Path) -> dict[str, Any]:
    """Fill the empty database at `url` and the key files in `room`. Returns what to expect."""
    kept = json.loads((HERE / f"{version}.json").read_text("utf-8"))
    for name, content in kept["files"].items():
        (room / name).parent.mkdir(exist_ok=True)
        (room / name).write_bytes(bytes.fromhex(content))
    migrate(url, to=version)
    engine = make_engine(url)
    tables = MetaData()
    tables.reflect(engine)
    with engine.execution_options(sqlite_begin="BEGIN IMMEDIATE").begin() as connection:
        for table in reversed(tables.sorted_tables):
            connection.execute(delete(table))
        for table in tables.sorted_tables:
            for row in kept["tables"][table.name]:
                values = {name: _value(value, sqlite=url.startswith("sqlite")) for name, value in row.items()}
                connection.execute(insert(table).values(values))
    engine.dispose()
    expected: dict[str, Any] = kept["expected"]
    return expected


def _value(value: Any, *, sqlite: bool) -> Any:
    if not isinstance(value, dict):
        return value
    if "hex" in value:
        return bytes.fromhex(value["hex"])
    at = datetime.fromisoformat(value["at"])
    return at if sqlite else at.replace(tzinfo=UTC)
