"""A key service on files: one small file for each data key, wrapped by the master key.

Why files: one is made, read or removed as a whole, by any number of processes on one machine or on a shared volume,
without a log that keeps what was removed. Processes on machines without a shared volume need another `KeyService`.

The folder belongs to one database and must be in no backup and no snapshot: a copy of it, together with the master key
and a copy of the database from the same time, opens what was erased since. Losing it ends what is open (conversations
of an hour, contact plans of days), and nothing else. Names are hashes: the folder alone tells how many, not who.

A removed file is overwritten first. Flash memory and copy-on-write file systems may keep the old bytes for a while;
they are wrapped, and `rotate` makes them mute: the master key that opens them is destroyed.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import IO

from casework.keys import BadKeyFile, KeysInUse, KeyTaken, Unreadable, new_data_key
from casework.master_key import ID_BYTES, MasterKey, drafts, shred, sync_folder, write_new, write_over
from casework.unavailable import Unavailable

MARK = ".lasts"
"""Ends the name of an empty file beside each lasting key."""
UNMARKED = ("audit", "database", "invitation", "phone", "return_code")
"""Names of lasting keys that were made before there were marks."""


class FileKeys:
    """`casework.keys.KeyService` in a folder. Making and destroying share a lock; rotating has it alone."""

    def __init__(self, master_file: Path, folder: Path) -> None:
        self._master_file = master_file
        self._next_file = master_file.with_name(master_file.name + ".next")
        self._old_file = master_file.with_name(master_file.name + ".old")
        self._folder = folder
        self._lock_file = folder / ".lock"
        self._open_file: IO[bytes] | None = None
        self._masters: dict[bytes, MasterKey] = {}

    def __repr__(self) -> str:
        return "FileKeys(…)"

    @classmethod
    def open(cls, master_file: Path, folder: Path, *, create: bool = False) -> FileKeys:
        """With `create`, a missing master key is made. Clears away what a crash left. Raises BadKeyFile."""
        keys = cls(master_file, folder)
        try:
            folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            folder.mkdir(exist_ok=True, mode=0o700)
            (folder / ".lock").touch(mode=0o600)
            keys._open_file = _shared(folder / ".open")
            keys._remember(MasterKey.from_file(master_file, create=create))
            keys._tidy()
        except OSError as error:
            raise BadKeyFile(f"cannot use {error.filename or folder}: {error.strerror}") from None
        return keys

    def make(self, owner: str) -> bytes:
        data_key = new_data_key()
        self._place(owner, data_key)
        return data_key

    def find(self, owner: str) -> bytes | None:
        # Twice: a rotation may replace file and master key between the two reads.
        for last in (False, True):
            wrapped = self._read(owner)
            if wrapped is None:
                return None
            master = self._master(wrapped[:ID_BYTES])
            if master is not None:
                return master.unwrap(wrapped, _name(owner))
            if last:
                break
        raise Unreadable("no master key opens this")

    def adopt(self, owner: str, wrapped: bytes) -> None:
        """Take over a key that version 0001 kept in the database; again changes nothing. Raises Unreadable, KeyTaken."""
        data_key = self._current().unwrap_first_format(wrapped, owner)
        try:
            self._place(owner, data_key)
        except KeyTaken:
            if self.find(owner) != data_key:
                raise

    def destroy(self, owner: str) -> None:
        with self._together(), suppress(FileNotFoundError):
            shred(self._path(owner))

    def lasting(self, name: str) -> bytes:
        owner = f"lasting:{name}"
        try:
            key = self.find(owner) or self.make(owner)
        except KeyTaken:
            return self.lasting(name)
        self._mark(owner)
        return key

    def has_lasting(self, name: str) -> bool:
        return self._read(f"lasting:{name}") is not None

    def close(self) -> None:
        if self._open_file is not None:
            self._open_file.close()
            self._open_file = None

    def in_use(self) -> bool:
        try:
            with self._by_myself():
                return False
        except KeysInUse:
            return True

    def keep_only(self, owners: Collection[str]) -> int:
        kept = {_name(owner) for owner in owners} | {_name(f"lasting:{name}") for name in UNMARKED}
        with self._by_myself(), self._alone():
            others = [path for path in sorted(self._folder.glob("*.key")) if path.stem not in kept]
            others = [path for path in others if not path.with_suffix(MARK).exists()]
            for path in others:
                shred(path)
        return len(others)

    def rotate(self) -> int:
        """Wrap every data key by a new master key and destroy the old one. Returns how many there were.

        Processes that run go on. If it is interrupted, both master keys work until it is called again and finishes.
        """
        with self._alone():
            self._shred_old()
            new = MasterKey.from_file(self._next_file, create=True)
            paths = sorted(self._folder.glob("*.key"))
            for path in paths:
                wrapped = path.read_bytes()
                if any(wrapped) and wrapped[:ID_BYTES] != new.id:
                    write_over(path, new.wrap(self._opened(path.stem, wrapped), path.stem))
            os.link(self._master_file, self._old_file)
            os.replace(self._next_file, self._master_file)
            sync_folder(self._master_file.parent)
            self._shred_old()
            self._masters = {new.id: new}
            return len(paths)

    def _place(self, owner: str, data_key: bytes) -> None:
        try:
            # The master key is read anew: another process may have rotated it, and the old one is gone then.
            with self._together():
                write_new(self._path(owner), self._current().wrap(data_key, _name(owner)))
        except FileExistsError:
            raise KeyTaken("this owner has a key") from None

    def _mark(self, owner: str) -> None:
        """So that `keep_only` knows a lasting key: names are hashes."""
        mark = self._path(owner).with_suffix(MARK)
        try:
            if not mark.exists():
                mark.touch(mode=0o600)
                sync_folder(self._folder)
        except OSError as error:
            raise _unavailable(error) from None

    @contextmanager
    def _by_myself(self) -> Iterator[None]:
        """While nobody else has the folder open. Raises KeysInUse."""
        self._open_file = self._open_file or _shared(self._folder / ".open")
        try:
            fcntl.flock(self._open_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # Asking for more gave up what was had.
            fcntl.flock(self._open_file, fcntl.LOCK_SH)
            raise KeysInUse("another process has the keys open: stop the server first") from None
        try:
            yield
        finally:
            fcntl.flock(self._open_file, fcntl.LOCK_SH)

    def _read(self, owner: str) -> bytes | None:
        try:
            wrapped = self._path(owner).read_bytes()
        except FileNotFoundError:
            if not self._lock_file.exists():
                raise Unavailable("keys: the folder is gone") from None
            return None
        except OSError as error:
            raise _unavailable(error) from None
        # Zeros: overwritten, about to be removed.
        return wrapped if any(wrapped) else None

    def _opened(self, name: str, wrapped: bytes) -> bytes:
        master = self._master(wrapped[:ID_BYTES])
        if master is None:
            raise Unreadable("no master key opens this")
        return master.unwrap(wrapped, name)

    def _master(self, master_id: bytes) -> MasterKey | None:
        if master_id not in self._masters:
            with suppress(BadKeyFile):
                self._remember(MasterKey.from_file(self._next_file))
            self._current()
        return self._masters.get(master_id)

    def _current(self) -> MasterKey:
        return self._remember(MasterKey.from_file(self._master_file))

    def _remember(self, master: MasterKey) -> MasterKey:
        self._masters[master.id] = master
        return master

    def _path(self, owner: str) -> Path:
        return self._folder / f"{_name(owner)}.key"

    def _shred_old(self) -> None:
        if not self._old_file.exists():
            return
        if self._old_file.samefile(self._master_file):
            self._old_file.unlink()  # interrupted before the new key took its place
        else:
            shred(self._old_file)

    def _tidy(self) -> None:
        """What is being written by somebody else right now is left: then the lock cannot be had."""
        with suppress(Unavailable), self._lock(fcntl.LOCK_EX | fcntl.LOCK_NB):
            self._shred_old()
            for draft in (*drafts(self._master_file), *drafts(self._folder / "*.key")):
                draft.unlink(missing_ok=True)

    def _together(self) -> AbstractContextManager[None]:
        return self._lock(fcntl.LOCK_SH)

    def _alone(self) -> AbstractContextManager[None]:
        return self._lock(fcntl.LOCK_EX)

    @contextmanager
    def _lock(self, how: int) -> Iterator[None]:
        try:
            handle = os.open(self._lock_file, os.O_RDWR)
        except OSError as error:
            raise _unavailable(error) from None
        try:
            fcntl.flock(handle, how)
            yield
        except (FileExistsError, FileNotFoundError):
            raise
        except OSError as error:
            raise _unavailable(error) from None
        finally:
            os.close(handle)


def _shared(path: Path) -> IO[bytes]:
    """Locked for as long as this process lives: whoever wants to be alone sees that."""
    file = path.open("ab")
    path.chmod(0o600)
    fcntl.flock(file, fcntl.LOCK_SH)
    return file


def _name(owner: str) -> str:
    return sha256(owner.encode()).hexdigest()


def _unavailable(error: OSError) -> Unavailable:
    return Unavailable(f"keys: {error.strerror}")
