"""docs/asvs.md has a row for every requirement of level 2, and each row names a test that there is, or a reason."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from bot.settings import PROJECT

PAGE = (PROJECT / "docs/asvs.md").read_text("utf-8")
ROW = re.compile(r"^\| (\d+\.\d+\.\d+(?: to \d+)?) \| (.+?) \| (.+?) \| (.+?) \|$", re.M)
HERE = ("met", "partly", "not met", "operator", "does not apply")
LEVEL_2 = {
    "1.1": range(1, 8), "1.2": range(1, 5), "1.4": (1, 4, 5), "1.5": range(1, 5), "1.6": range(1, 5),
    "1.7": (1, 2), "1.8": (1, 2), "1.9": (1, 2), "1.10": (1,), "1.11": (1, 2), "1.12": (2,), "1.14": range(1, 7),
    "2.1": range(1, 13), "2.2": range(1, 4), "2.3": range(1, 4), "2.4": range(1, 7), "2.5": range(1, 8),
    "2.6": range(1, 4), "2.7": range(1, 7), "2.8": range(1, 8), "2.9": range(1, 4), "2.10": range(1, 5),
    "3.1": (1,), "3.2": range(1, 5), "3.3": range(1, 5), "3.4": range(1, 6), "3.5": range(1, 4), "3.7": (1,),
    "4.1": (1, 2, 3, 5), "4.2": (1, 2), "4.3": range(1, 4),
    "5.1": range(1, 6), "5.2": range(1, 9), "5.3": range(1, 11), "5.4": range(1, 4), "5.5": range(1, 5),
    "6.1": range(1, 4), "6.2": range(1, 7), "6.3": (1, 2), "6.4": (1, 2),
    "7.1": range(1, 5), "7.2": (1, 2), "7.3": (1, 3, 4), "7.4": range(1, 4),
    "8.1": range(1, 5), "8.2": range(1, 4), "8.3": range(1, 9),
    "9.1": range(1, 4), "9.2": range(1, 5),
    "10.2": (1, 2), "10.3": range(1, 4),
    "11.1": range(1, 9),
    "12.1": range(1, 4), "12.2": (1,), "12.3": range(1, 7), "12.4": (1, 2), "12.5": (1, 2), "12.6": (1,),
    "13.1": (1, 3, 4, 5), "13.2": (1, 2, 3, 5, 6), "13.3": (1, 2), "13.4": (1, 2),
    "14.1": range(1, 5), "14.2": range(1, 7), "14.3": (2, 3), "14.4": range(1, 8), "14.5": range(1, 5),
}  # fmt: skip
"""Requirements of ASVS 4.0.3 at levels 1 and 2, by section, without those that were deleted."""


def ids(written: str) -> list[str]:
    """`2.7.1 to 6` is six of them."""
    first, _, last = written.partition(" to ")
    section, number = first.rsplit(".", 1)
    return [f"{section}.{n}" for n in range(int(number), int(last or number) + 1)]


@cache
def functions_of(path: str) -> frozenset[str]:
    file = PROJECT / path
    if not file.is_file():
        return frozenset()
    tree = ast.parse(file.read_text("utf-8"))
    return frozenset(n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))


def faults(here: str, shown: str) -> list[str]:
    """What is wrong with a row."""
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", shown)
    found = [f"{path}::{name} is not there" for path, name in named if name not in functions_of(path)]
    files = re.findall(r"`((?:docs|casework|bot|safety|screening|data)/[\w./-]+|\w+\.(?:md|toml|lock))`", shown)
    found += [f"{file} is not there" for file in files if not (PROJECT / file).exists()]
    if here not in HERE:
        found.append(f"{here!r} is no answer")
    words = re.sub(r"`[^`]*`|[\s.,]", "", shown)
    if not named and len(words) < 12:
        found.append("neither a test nor a reason")
    return found


def test_every_requirement_has_one_row() -> None:
    written = [id_ for row in ROW.findall(PAGE) for id_ in ids(row[0])]
    assert sorted(written) == sorted(f"{section}.{n}" for section, numbers in LEVEL_2.items() for n in numbers)


@pytest.mark.parametrize("row", ROW.findall(PAGE), ids=lambda row: row[0])
def test_a_row_names_tests_that_there_are_or_a_reason(row: tuple[str, str, str, str]) -> None:
    assert faults(row[2], row[3]) == []


def test_no_line_of_a_table_is_overlooked() -> None:
    lines = [line for line in PAGE.splitlines() if re.match(r"\| \d", line)]
    assert len(lines) == len(ROW.findall(PAGE)) > 100


def test_the_summary_counts_the_rows() -> None:
    counted = dict.fromkeys(HERE, 0)
    for written, _, here, _ in ROW.findall(PAGE):
        counted[here] += len(ids(written))
    said = {here: int(n) for here, n in re.findall(r"^- (\w[\w ]*): (\d+)", PAGE, re.M)}
    assert said == counted


def test_faults_are_found() -> None:
    assert faults("met", "`tests/bot/test_asvs.py::test_that_there_is_not`")
    assert faults("met", "`tests/bot/nothing.py::test_faults_are_found`")
    assert faults("met", "`docs/nothing.md`, which says why it is so")
    assert faults("met", "so.")
    assert faults("perhaps", "`tests/bot/test_asvs.py::test_faults_are_found`")
    assert faults("met", "`tests/bot/test_asvs.py::test_faults_are_found`") == []
