"""What people call a data file: `file_names` in the words of the desk. The address is for those who look after the files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from casework.desk.shelf import HOME

ROOMS = {"agencies": "agency", "support/regions": "region"}


def kind_of(path: str) -> str:
    """The key of its name: of a file with texts its own, of the others one for all of their kind."""
    file = PurePosixPath(path)
    return ROOMS.get(str(file.parent), file.stem)


def named(path: str, name: str, admin_words: Mapping[str, Any], words: Mapping[str, Any]) -> str:
    """`name` is what the file itself says: the municipality or the agency. Without words for it, the path."""
    told = str(admin_words["file_names"].get(kind_of(path), path)).replace("{name}", name or PurePosixPath(path).stem)
    room, _, rest = path.partition("/")
    locale = rest.partition("/")[0]
    if room != "content" or locale == HOME:
        return told
    return f"{told} ({words['languages'].get(locale, locale)})"
