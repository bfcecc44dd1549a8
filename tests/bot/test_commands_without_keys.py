"""Commands say in one line that the keys or the database are not there."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.command import main
from tests.postgresql import Cluster


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ENRUM_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_rotating_changes_the_master_key_and_the_database_still_opens(home: Path) -> None:
    assert CliRunner().invoke(main, ["user", "link"]).exit_code == 0
    before = (home / "keys" / "master.key").read_bytes()
    rotated = CliRunner().invoke(main, ["keys", "rotate"])
    assert (rotated.exit_code, rotated.output) == (0, "A new master key wraps 2 keys. The old one is destroyed.\n")
    assert (home / "keys" / "master.key").read_bytes() != before
    assert CliRunner().invoke(main, ["user", "link"]).exit_code == 0


def test_another_key_folder_is_refused_in_one_line(home: Path) -> None:
    CliRunner().invoke(main, ["user", "link"])
    (home / "keys" / "data").rename(home / "elsewhere")
    refused = CliRunner().invoke(main, ["user", "link"])
    assert (refused.exit_code, refused.output) == (1, "Error: the data keys are not those of this database\n")


def test_a_database_that_is_not_there_is_said_in_one_line(
    home: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENRUM_DATABASE_URL", cluster.url("nowhere"))
    refused = CliRunner().invoke(main, ["user", "link"])
    assert (refused.exit_code, refused.output) == (1, "Error: database: OperationalError\n")
