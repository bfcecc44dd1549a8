"""The master key in one file: read, made, and how a file is written so that a crash leaves the old or the new.

Wrapped data keys say which master key opens them, so that two may be in use while one replaces the other.
"""

from __future__ import annotations

import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from casework.keys import KEY_BYTES, BadKeyFile, Unreadable, new_data_key, seal, unseal

ID_BYTES = 8


class MasterKey:
    """Wraps data keys. `id` is 8 bytes that tell nothing of the key."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise BadKeyFile(f"a master key is {KEY_BYTES} bytes")
        self._key = key
        self.id = sha256(b"enrum master key" + key).digest()[:ID_BYTES]

    def __repr__(self) -> str:
        return "MasterKey(…)"

    @classmethod
    def from_file(cls, path: Path, *, create: bool = False) -> MasterKey:
        """Read the key. With `create`, a missing file is made (random, mode 0600). Raises BadKeyFile."""
        if create and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with suppress(FileExistsError):  # another process was first: its key counts
                write_new(path, new_data_key())
        try:
            return cls(path.read_bytes())
        except FileNotFoundError:
            raise BadKeyFile(f"no master key at {path}") from None

    def wrap(self, data_key: bytes, place: str) -> bytes:
        """Seal a data key for its place: `id (8) + sealed`."""
        return self.id + seal(self._key, data_key, f"key:{place}")

    def unwrap(self, wrapped: bytes, place: str) -> bytes:
        """The data key. Raises Unreadable."""
        if wrapped[:ID_BYTES] != self.id:
            raise Unreadable("wrapped by another master key")
        return unseal(self._key, wrapped[ID_BYTES:], f"key:{place}")

    def unwrap_first_format(self, wrapped: bytes, owner: str) -> bytes:
        """The data key as version 0001 of the records kept it, without an id. Raises Unreadable."""
        return unseal(self._key, wrapped, f"key:{owner}")


def write_new(path: Path, content: bytes) -> None:
    """A private file that appears whole and stays, or not at all. Raises FileExistsError, OSError."""
    draft = _draft(path, content)
    try:
        os.link(draft, path)
    finally:
        draft.unlink()
    sync_folder(path.parent)


def write_over(path: Path, content: bytes) -> None:
    """Replace a file: a crash leaves the old or the new. Raises OSError."""
    draft = _draft(path, content)
    try:
        os.replace(draft, path)
    except OSError:
        draft.unlink()
        raise
    sync_folder(path.parent)


def shred(path: Path) -> None:
    """Overwrite and remove. A file system that never writes in place keeps the old bytes: see `casework.key_files`."""
    with path.open("r+b") as file:
        file.write(bytes(path.stat().st_size))
        file.flush()
        os.fsync(file.fileno())
    path.unlink(missing_ok=True)
    sync_folder(path.parent)


def drafts(path: Path) -> list[Path]:
    """What a crash left behind while `path` (`*` stands for any name) was written. Only for whoever is alone."""
    return sorted(path.parent.glob(f".{path.name}.*.draft"))


def sync_folder(folder: Path) -> None:
    """Without this, a power cut may take back that a file was made or removed."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _draft(path: Path, content: bytes) -> Path:
    draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}.draft")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(handle)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    return draft
