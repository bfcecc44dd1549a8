"""Sealing opens only with the right key, in the right place; keys are made, found, destroyed and rotated."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from shutil import copytree, rmtree

import pytest

from casework import master_key
from casework.key_files import FileKeys
from casework.keys import BadKeyFile, KeyService, KeysInUse, KeyTaken, Unreadable, new_data_key, seal, unseal
from casework.master_key import MasterKey
from casework.memory_keys import MemoryKeys
from casework.unavailable import Unavailable


def open_keys(room: Path) -> FileKeys:
    return FileKeys.open(room / "master.key", room / "keys", create=True)


def test_what_is_sealed_opens_in_its_place_only() -> None:
    key = new_data_key()
    sealed = seal(key, b"ett ord", "conversation:a:state")
    assert unseal(key, sealed, "conversation:a:state") == b"ett ord"
    assert b"ett ord" not in sealed
    for wrong_key, place in ((key, "conversation:b:state"), (new_data_key(), "conversation:a:state")):
        with pytest.raises(Unreadable):
            unseal(wrong_key, sealed, place)


@pytest.mark.parametrize("damaged", [b"", b"kort", b"\x00" * 40])
def test_damaged_bytes_are_unreadable_and_not_a_crash(damaged: bytes) -> None:
    with pytest.raises(Unreadable):
        unseal(new_data_key(), damaged, "conversation:a:state")


def test_the_same_text_is_never_sealed_the_same() -> None:
    key = new_data_key()
    assert seal(key, b"ja", "x") != seal(key, b"ja", "x")


def test_the_key_file_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "master.key"
    with pytest.raises(BadKeyFile):
        MasterKey.from_file(path)
    MasterKey.from_file(path, create=True)
    first = path.read_bytes()
    MasterKey.from_file(path, create=True)
    assert path.read_bytes() == first
    assert len(first) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [p.name for p in path.parent.iterdir()] == ["master.key"]


def test_a_cut_off_key_file_is_refused_and_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    path.write_bytes(b"short")
    with pytest.raises(BadKeyFile):
        MasterKey.from_file(path, create=True)
    assert path.read_bytes() == b"short"


@pytest.mark.parametrize("call", ["open", "fsync", "link"])
def test_a_crash_while_the_master_key_is_made_leaves_none_or_a_whole_one(
    tmp_path: Path, monkeypatch, call: str
) -> None:
    class Crash(BaseException):
        pass

    def crash(*_: object, **__: object) -> None:
        raise Crash

    with monkeypatch.context() as patched, pytest.raises(Crash):
        patched.setattr(master_key.os, call, crash)
        patched.setattr(Path, "unlink", lambda self, missing_ok=False: None)  # nothing tidies up after a crash
        MasterKey.from_file(tmp_path / "master.key", create=True)
    assert not (tmp_path / "master.key").exists()
    keys = open_keys(tmp_path)
    assert keys.find("x") is None
    assert sorted(p.name for p in tmp_path.iterdir()) == ["keys", "master.key"]


def test_a_key_is_found_by_its_owner_until_it_is_destroyed(tmp_path: Path) -> None:
    keys = open_keys(tmp_path)
    made = keys.make("conversation:a")
    assert keys.find("conversation:a") == open_keys(tmp_path).find("conversation:a") == made
    assert keys.find("conversation:b") is None
    with pytest.raises(KeyTaken):
        keys.make("conversation:a")
    keys.destroy("conversation:a")
    keys.destroy("conversation:a")
    assert keys.find("conversation:a") is None
    assert sorted(p.name for p in (tmp_path / "keys").iterdir()) == [".lock", ".open"]


def test_a_key_cannot_be_moved_to_another_owner(tmp_path: Path) -> None:
    keys = open_keys(tmp_path)
    keys.make("conversation:a")
    (a,) = (tmp_path / "keys").glob("*.key")
    content = a.read_bytes()
    keys.make("conversation:b")
    (b,) = set((tmp_path / "keys").glob("*.key")) - {a}
    b.write_bytes(content)
    with pytest.raises(Unreadable):
        keys.find("conversation:b")


def test_a_destroyed_key_is_overwritten_before_it_is_removed(tmp_path: Path) -> None:
    keys = open_keys(tmp_path)
    keys.make("conversation:a")
    (path,) = (tmp_path / "keys").glob("*.key")
    os.link(path, tmp_path / "same bytes on the disk")
    keys.destroy("conversation:a")
    assert not any((tmp_path / "same bytes on the disk").read_bytes())


def test_a_key_that_was_overwritten_but_not_yet_removed_is_destroyed(tmp_path: Path) -> None:
    keys = open_keys(tmp_path)
    keys.make("conversation:a")
    (path,) = (tmp_path / "keys").glob("*.key")
    path.write_bytes(bytes(path.stat().st_size))
    assert keys.find("conversation:a") is None
    keys.rotate()
    keys.destroy("conversation:a")
    assert not path.exists()


def test_a_lasting_key_is_the_same_for_all_who_ask_at_once(tmp_path: Path) -> None:
    several = [open_keys(tmp_path) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda keys: keys.lasting("audit"), several))
    assert len(found) == 1
    several[0].rotate()
    assert {open_keys(tmp_path).lasting("audit")} == found


def test_a_folder_that_is_gone_is_not_taken_for_erased_conversations(tmp_path: Path) -> None:
    keys = open_keys(tmp_path)
    keys.make("conversation:a")
    rmtree(tmp_path / "keys")
    for act in (keys.find, keys.make, keys.destroy):
        with pytest.raises(Unavailable):
            act("conversation:a")


def test_a_rotation_makes_copies_of_the_folder_mute_and_disturbs_nobody(tmp_path: Path) -> None:
    running = open_keys(tmp_path)
    made = running.make("conversation:a")
    before = (tmp_path / "master.key").read_bytes()
    copytree(tmp_path / "keys", tmp_path / "copy")
    assert open_keys(tmp_path).rotate() == 1
    assert running.find("conversation:a") == made
    b = running.make("conversation:b")
    assert (tmp_path / "master.key").read_bytes() != before
    later = open_keys(tmp_path)
    assert (later.find("conversation:a"), later.find("conversation:b")) == (made, b)
    with pytest.raises(Unreadable):
        FileKeys.open(tmp_path / "master.key", tmp_path / "copy").find("conversation:a")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["copy", "keys", "master.key"]


STEPS = ("link", "replace", "fsync", "unlink")


@pytest.mark.parametrize("at", range(1, 21))
def test_a_rotation_that_is_cut_off_loses_no_key_and_can_be_finished(tmp_path: Path, monkeypatch, at: int) -> None:
    """Every system call that changes a file is the last one, once."""

    class Crash(BaseException):
        pass

    keys = open_keys(tmp_path)
    made = {owner: keys.make(owner) for owner in ("conversation:a", "handover:b", "conversation:c")}
    first_master = (tmp_path / "master.key").read_bytes()
    copytree(tmp_path / "keys", tmp_path / "copy")
    calls, dead = 0, False

    def counted(real):
        def call(*arguments, **more):
            nonlocal calls, dead
            calls += 1
            dead = dead or calls == at
            if dead:
                raise Crash
            return real(*arguments, **more)

        return call

    with monkeypatch.context() as patched:
        for name in STEPS:
            patched.setattr(os, name, counted(getattr(os, name)))
        with suppress(Crash):
            keys.rotate()
    assert dead == (at < 20), f"{calls} steps: move the bound of the test"
    after = open_keys(tmp_path)
    assert {owner: after.find(owner) for owner in made} == made
    new = after.make("conversation:new")
    after.rotate()
    again = open_keys(tmp_path)
    assert {owner: again.find(owner) for owner in made} == made
    assert again.find("conversation:new") == new
    assert (tmp_path / "master.key").read_bytes() != first_master
    assert sorted(p.name for p in tmp_path.iterdir()) == ["copy", "keys", "master.key"]
    with pytest.raises(Unreadable):
        FileKeys.open(tmp_path / "master.key", tmp_path / "copy").find("conversation:a")


def test_only_keys_that_are_named_and_lasting_ones_are_kept(tmp_path: Path) -> None:
    keys = open_keys(tmp_path)
    kept, other = keys.make("conversation:a"), keys.make("conversation:b")
    lasting = keys.lasting("a new name")
    keys.make("lasting:audit")  # as an earlier version made it, without a mark
    assert kept != other
    assert keys.keep_only(["conversation:a"]) == 1
    assert keys.find("conversation:a") == kept and keys.find("conversation:b") is None
    assert keys.lasting("a new name") == lasting
    assert keys.find("lasting:audit") is not None
    assert keys.rotate() == 3


def test_whoever_has_the_keys_open_is_seen_also_after_somebody_asked(tmp_path: Path) -> None:
    serving, asking = open_keys(tmp_path), open_keys(tmp_path)
    for one in (asking, serving, asking, serving):
        assert one.in_use()
    with pytest.raises(KeysInUse):
        asking.keep_only([])
    del serving, one
    assert not asking.in_use()
    assert open_keys(tmp_path).in_use()


@pytest.mark.parametrize("kind", ["files", "memory"])
def test_a_name_lasts_once_it_was_asked_for(tmp_path: Path, kind: str) -> None:
    keys: KeyService = open_keys(tmp_path) if kind == "files" else MemoryKeys()
    assert not keys.has_lasting("stop:x")
    made = keys.lasting("stop:x")
    assert keys.has_lasting("stop:x") and keys.lasting("stop:x") == made
    keys.make("conversation:a")
    with pytest.raises(KeyTaken):
        keys.make("conversation:a")
    assert keys.keep_only([]) == 1 and keys.find("conversation:a") is None
    assert keys.lasting("stop:x") == made
