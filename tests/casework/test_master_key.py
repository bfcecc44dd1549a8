"""Sealing opens only with the right key, in the right place."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from casework.keys import BadKeyFile, MasterKey, Unreadable, new_data_key, seal, unseal


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


def test_a_data_key_cannot_be_moved_to_another_owner(tmp_path: Path) -> None:
    master = MasterKey.from_file(tmp_path / "key", create=True)
    data_key = new_data_key()
    wrapped = master.wrap(data_key, "conversation:a")
    assert master.unwrap(wrapped, "conversation:a") == data_key
    with pytest.raises(Unreadable):
        master.unwrap(wrapped, "conversation:b")


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
    assert [p.name for p in path.parent.iterdir()] == ["master.key"]


def test_a_cut_off_key_file_is_refused_and_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    path.write_bytes(b"short")
    with pytest.raises(BadKeyFile):
        MasterKey.from_file(path, create=True)
    assert path.read_bytes() == b"short"
