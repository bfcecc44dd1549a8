"""The operator's commands: retention, audit, access, backup, and the check of this installation."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from bot.command import access, audit, backup, check, invite, retention, user
from bot.composition import open_records, utc_now
from bot.settings import from_environment
from casework.accounts import Accounts
from casework.audit import note
from casework.intake import Intake
from casework.records import Records
from screening.keep import Record

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on a home of its own."""
    monkeypatch.setenv("ENRUM_HOME", str(tmp_path / "home"))
    return lambda command, *arguments: CliRunner().invoke(command, [str(argument) for argument in arguments])


def records() -> Records:
    return open_records(from_environment())


def begin() -> str:
    """A conversation, begun just now. Its id."""
    there = records()
    opened = Intake(there, utc_now).open(
        agency="arbetsformedlingen", programme="x", channel="web", locale="sv", state=b"{}"
    )
    there.close()
    return opened.id


def edit(*statements: str) -> None:
    there = records()
    with there.session() as session:
        for statement in statements:
            session.execute(text(statement))
    there.close()


@pytest.mark.parametrize("case", ["850101-1234", "198501611234", "Anna Ek"])
def test_a_reference_that_tells_who_it_is_about_makes_no_invitation(run: Run, case: str) -> None:
    refused = run(invite.command, "--case", case)
    assert (
        refused.exit_code == 1 and "looks like a" in refused.output and "says nothing of the person" in refused.output
    )
    assert case not in refused.output
    made = run(invite.command, "--case", "ÄR-123")
    assert made.exit_code == 0 and "link" in made.output
    (told,) = json.loads(run(access.command, "--case", "ÄR-123").output)["invitations"]
    assert told["invitation"] in made.output


def test_retention_prints_counts_and_no_id(run: Run) -> None:
    conversation = begin()
    edit("UPDATE conversation SET last_at = '2020-01-01 00:00:00.000000'")
    dry = run(retention.command, "run", "--dry-run")
    assert {line.split()[0] for line in dry.output.splitlines()} == {record.value for record in Record}
    assert json.loads(run(retention.command, "run", "--dry-run", "--json").output)["due"]["conversation"] == 1
    done = run(retention.command, "run", "--json")
    assert json.loads(done.output)["removed"]["conversation"] == 1
    assert conversation not in dry.output + done.output
    assert json.loads(run(retention.command, "run", "--json").output)["removed"]["conversation"] == 0


def test_the_table_is_printed_in_words(run: Run) -> None:
    printed = run(retention.command, "table").output
    assert "Tills samtalet är slut eller har varit tyst i 30 minuter" in printed
    assert printed.count("not yet decided by the agency") == len(Record)


def test_audit_verify_export_and_a_cut_off_end(run: Run, tmp_path: Path) -> None:
    there = records()
    for _ in range(3):
        with there.session() as session:
            note(session, utc_now(), "kim", "queue.seen")
    there.close()
    assert run(audit.command, "verify").exit_code == 0
    exported = run(audit.command, "export").output
    (tmp_path / "trail.jsonl").write_text(exported, "utf-8")
    assert [json.loads(line).get("seq") for line in exported.splitlines()] == [1, 2, 3, 4, None]
    assert run(audit.command, "verify", "--against", tmp_path / "trail.jsonl").exit_code == 0
    kept = json.loads(exported.splitlines()[-1])["tip"]
    edit(
        "DROP TRIGGER audit_no_delete",
        "UPDATE audit_tip SET seq = 2, hash = (SELECT hash FROM audit WHERE seq = 2)",
        "DELETE FROM audit WHERE seq > 2",
    )
    assert run(audit.command, "verify").exit_code == 0
    for against in (tmp_path / "trail.jsonl", kept):
        cut = run(audit.command, "verify", "--against", against)
        assert (cut.exit_code, cut.output.strip()) == (1, "the end was cut off")
    assert run(audit.command, "verify", "--against", "nonsense").exit_code == 2


def test_audit_verify_names_the_first_break(run: Run) -> None:
    begin()
    run(audit.command, "export")
    run(audit.command, "export")
    edit("DROP TRIGGER audit_no_update", "UPDATE audit SET who = 'kim' WHERE seq = 2")
    broken = run(audit.command, "verify")
    assert (broken.exit_code, broken.output.strip()) == (1, "broken at entry 2")


def test_access_lists_and_refuses(run: Run) -> None:
    conversation = begin()
    listed = json.loads(run(access.command, "--conversation", conversation).output)
    assert listed["conversation"] == conversation
    assert run(access.command, "--conversation", "nobody").exit_code == 1
    assert run(access.command, "--handover", "nothing").exit_code == 1
    assert run(access.command, "--invitation", "nothing").exit_code == 1
    assert json.loads(run(access.command, "--case", "AF-1").output) == {"invitations": []}
    assert run(access.command).exit_code == 2
    assert json.loads(run(access.command, "--receipt", "22222-22222").output) == {"erased": False, "hour": None}


def test_backup_there_and_back(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begin()
    made = run(backup.command, tmp_path / "copy")
    assert made.exit_code == 0, made.output
    assert run(backup.command, tmp_path / "copy").exit_code == 1
    assert run(backup.command, "restore", tmp_path / "copy").exit_code == 1  # there is a database
    (tmp_path / "home" / "enrum.db").rename(tmp_path / "away")
    for end in ("-wal", "-shm"):
        (tmp_path / "home" / f"enrum.db{end}").unlink(missing_ok=True)
    restored = run(backup.command, "restore", tmp_path / "copy")
    assert (restored.exit_code, restored.output.split()[:2]) == (0, ["Restored.", "0"])
    assert not_held(run(check.command, "--privacy")) == []


def not_held(checked: Result) -> list[str]:
    """What does not hold, but for the logs: the tests have handlers of their own."""
    lines = [line for line in checked.output.splitlines() if line.startswith("NOT OK")]
    return [line for line in lines if not line.startswith("NOT OK logs")]


def test_the_check_of_this_installation(run: Run, tmp_path: Path) -> None:
    begin()
    assert not_held(run(check.command, "--privacy")) == []
    (tmp_path / "home" / "enrum.db").chmod(0o644)
    assert "NOT OK files" in run(check.command, "--privacy").output
    (tmp_path / "home" / "enrum.db").chmod(0o600)
    edit("UPDATE conversation SET last_at = '2020-01-01 00:00:00.000000'")
    late = run(check.command, "--privacy")
    assert late.exit_code == 1
    assert "NOT OK retention" in late.output


def test_an_account_is_closed_by_name(run: Run) -> None:
    link = run(user.command, "link").output.strip().rsplit("/", 1)[1]
    there = records()
    accounts = Accounts(there, utc_now)
    accounts.redeem(link, "Kim Ek", "en lång lösenfras")
    token = accounts.sign_in("Kim Ek", "en lång lösenfras")
    unknown = run(user.command, "close", "Finns Inte")
    assert (unknown.exit_code, "no open account" in unknown.output) == (1, True)
    assert accounts.session(token) is not None
    assert run(user.command, "close", "kim ek").exit_code == 0
    assert accounts.session(token) is None
    there.close()
