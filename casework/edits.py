"""Changes that coordinators made to data files: one small file for each, numbered, never altered. The newest of each path counts.

They lie below ENRUM_HOME, and the product's own `data/` stays as it is. A change appears whole or not at all, and two
at once get different numbers: the second is refused, because it was made without having seen the first.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from casework.master_key import write_new


class Meanwhile(Exception):
    """Somebody else saved a change first."""


@dataclass(frozen=True)
class Edit:
    """One change. `text` is None where the file is as it was shipped again."""

    n: int
    path: str
    at: datetime
    who: str
    name: str
    text: str | None


class Edits:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def all(self) -> list[Edit]:
        """Oldest first."""
        return [_read(file) for file in sorted(self._folder.glob("*.json"))]

    def newest(self) -> int:
        """The number of the newest change, 0 if there is none. Cheap: to see whether another process made one."""
        return max((int(file.stem) for file in self._folder.glob("*.json")), default=0)

    def current(self) -> dict[str, str]:
        """Path to text, of the files that are not as they were shipped."""
        newest = {edit.path: edit.text for edit in self.all()}
        return {path: text for path, text in newest.items() if text is not None}

    def add(self, after: int, path: str, text: str | None, at: datetime, who: str, name: str) -> Path:
        """Write change number `after + 1`. Raises Meanwhile if it is there already, OSError."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        edit = asdict(Edit(after + 1, path, at, who, name, text)) | {"at": at.isoformat()}
        file = self._folder / f"{after + 1:06d}.json"
        try:
            write_new(file, json.dumps(edit, ensure_ascii=False, indent=1).encode())
        except FileExistsError:
            raise Meanwhile from None
        return file


def mark(text: str) -> str:
    """What a page carries of the text that it shows, to notice that it was changed meanwhile."""
    return sha256(text.encode()).hexdigest()


def _read(file: Path) -> Edit:
    told = json.loads(file.read_text("utf-8"))
    return Edit(**told | {"at": datetime.fromisoformat(told["at"])})
