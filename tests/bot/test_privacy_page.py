"""docs/privacy.md says what the program does: its numbers are the table's, its command exists."""

from __future__ import annotations

import re
from datetime import date

import pytest

from bot import data_files
from bot.command import COMMANDS
from bot.settings import PROJECT
from casework.accounts import LINK_LIFE, SESSION_LIFE
from screening.keep import Record, rule_of

PAGE = (PROJECT / "docs" / "privacy.md").read_text("utf-8")
AGENCIES = data_files.catalogue(date(2026, 11, 23)).agencies


@pytest.mark.parametrize("agency", sorted(AGENCIES))
def test_the_periods_are_those_of_the_table(agency: str) -> None:
    keep = AGENCIES[agency].keep
    days = {record: rule_of(keep, record).length.days for record in Record if rule_of(keep, record).period}
    assert rule_of(keep, Record.CONVERSATION).length.total_seconds() == 30 * 60
    assert "after 30 minutes of silence" in PAGE
    assert f"or after {days[Record.PLAN]} days" in PAGE
    assert f"{days[Record.ENDED_CONVERSATION]} days after its end" in PAGE
    assert f"{days[Record.HANDOVER]} days after it was closed" in PAGE
    assert f"| audit trail | {days[Record.AUDIT] // 365} years |" in PAGE
    assert f"or after {rule_of(keep, Record.RETURN_CODE).length.total_seconds() / 3600:.0f} hours" in PAGE
    assert f"were told that somebody waits | {days[Record.NOTICE]} days |" in PAGE
    assert SESSION_LIFE.total_seconds() == 12 * 3600 and "sessions 12 hours" in PAGE
    assert LINK_LIFE.days == 1 and "links 1 day" in PAGE


def test_its_commands_exist() -> None:
    named = set(re.findall(r"`?enrum (\w+)", PAGE))
    assert named and named <= set(COMMANDS)


def test_it_says_what_is_not_decided() -> None:
    assert all(not kept.verified for agency in AGENCIES.values() for kept in agency.keep) == (
        "all are house defaults" in PAGE
    )
