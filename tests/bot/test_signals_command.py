"""`enrum signals`: what it prints, and that it does without Rasa."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.command.check import command as check
from bot.command.signals import command as signals
from bot.settings import PROJECT


@pytest.fixture(autouse=True)
def trained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENRUM_HOME", str(PROJECT / "var"))


def test_one_object_a_line_with_reasons() -> None:
    result = CliRunner().invoke(signals, ["--explain"], input="han slår mig\njag söker jobb\n")
    first, second = map(json.loads, result.stdout.splitlines())
    assert first["text"] == "han slår mig" and "exposed" in first["signals"]
    assert {"signal", "start", "end", "words", "rule"} == set(first["findings"][0])
    assert second == {"text": "jag söker jobb", "signals": [], "findings": []}


def test_a_sentence_file_is_measured(tmp_path: Path) -> None:
    file = tmp_path / "some.tsv"
    file.write_text("exposed\than slår mig\nexposed,not_now\txyzzy\n-\tjag söker jobb\n", "utf-8")
    result = CliRunner().invoke(signals, ["--measure", str(file)])
    rows = {line.split()[0]: line.split()[1:] for line in result.stdout.splitlines()}
    assert rows["exposed"][:3] == ["2", "1", "0.500"]
    assert rows["not_now"][:3] == ["1", "0", "0.000"]
    assert rows["all"] == ["3", "1", "0.333"]
    assert "0 of 1" in result.stdout


def test_a_wrong_sentence_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "some.tsv"
    file.write_text("nosuch\than slår mig\n", "utf-8")
    result = CliRunner().invoke(signals, ["--measure", str(file)])
    assert result.exit_code == 1 and "some.tsv:1" in result.output and "slår" not in result.output


def test_check_names_a_wrong_sentence_and_a_wrong_theme(tmp_path: Path) -> None:
    for room, name, text in (
        ("sentences", "sv.tsv", "nosuch\than slår mig\n"),
        ("signals", "sv.yml", "locale: sv\nrules: []\n"),
        ("themes", "sv.yml", "themes: {a: [1]}\n"),
    ):
        (tmp_path / "safety" / room).mkdir(parents=True)
        (tmp_path / "safety" / room / name).write_text(text, "utf-8")
    result = CliRunner().invoke(check, ["--data", str(tmp_path)])
    assert result.exit_code == 1
    assert "safety/sentences/sv.tsv:1" in result.output and "safety/themes/sv.yml" in result.output


def test_neither_rasa_nor_scikit_learn_is_loaded_for_it() -> None:
    script = (
        "import sys; from pathlib import Path; import bot.command.signals; from bot.safety_data import load_signals; "
        "load_signals(Path('var')); print(sorted({'rasa', 'sklearn', 'numpy', 'spacy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
