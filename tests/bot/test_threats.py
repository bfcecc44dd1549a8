"""docs/threats.md names tests that there are, and everybody that it has to."""

from __future__ import annotations

import re

import pytest

from bot.settings import PROJECT
from tests.bot.test_asvs import functions_of

PAGE = (PROJECT / "docs" / "threats.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))
SECTIONS = re.split(r"^## ", PAGE, flags=re.M)[1:]


@pytest.mark.parametrize(("path", "name"), NAMED, ids=lambda part: part.rpartition("/")[2])
def test_what_it_names_is_there(path: str, name: str) -> None:
    assert name in functions_of(path)


@pytest.mark.parametrize("who", ["shoulder", "colleague", "disk", "subpoena", "carrier", "operator", "stranger"])
def test_each_has_a_table_with_a_test(who: str) -> None:
    (section,) = [section for section in SECTIONS if who in section.partition("\n")[0].lower()]
    rows = [line for line in section.splitlines() if line.startswith("| ")][1:]
    assert len(rows) >= 3 and "::test_" in section
    assert all(row.count(" | ") == 2 or row.endswith("| |") for row in rows), "each row: how, what stands, what remains"
