"""What is not in our source at all: code made from text, programs started, chance that can be guessed, words unescaped."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from bot.settings import PROJECT

ROOMS = ("safety", "screening", "casework", "actions", "bot")
MODULES = {"pickle", "marshal", "shelve", "random", "xml", "subprocess", "telnetlib", "ftplib", "requests", "aiohttp"}
CALLS = {"eval", "exec", "compile", "__import__", "md5", "sha1", "system", "popen", "breakpoint", "uuid1"}
ALLOWED = {
    ("casework/backup.py", "subprocess"),  # PostgreSQL's own tools, with our arguments and without a shell
    ("bot/phone/twiml.py", "xml"),  # writes what the carrier reads, and reads none
    (
        "bot/phone/local_carrier.py",
        "xml",
    ),  # a carrier's double, in a command: reads what our own server has just written
    (
        "bot/phone/carrier.py",
        "requests",
    ),  # names of errors; the carrier's client asks at one address, that of its settings
    ("bot/command/bench_desk.py", "random"),  # who claims what, in a measurement
    ("bot/command/bench_voice.py", "random"),  # how long somebody listens, in a measurement
}
SOURCES = sorted(path for room in ROOMS for path in (PROJECT / room).rglob("*.py"))
TEMPLATES = sorted((PROJECT / "bot/web/templates").iterdir()) + sorted((PROJECT / "casework/desk/templates").iterdir())
SCRIPTS = sorted((PROJECT / "bot/web/static").glob("*.js")) + sorted((PROJECT / "casework/desk/static").glob("*.js"))


def used(source: str) -> set[str]:
    """Modules imported and plain functions called."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                found |= {alias.name.split(".")[0] for alias in names} & MODULES
            case ast.ImportFrom(module=str(module), level=0):
                found |= {module.split(".")[0]} & MODULES
            case ast.Call(func=ast.Name(id=name)) if name in CALLS:
                found.add(name)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=module), attr=name)) if name in CALLS:
                found |= {name} if module in ("hashlib", "os", "uuid", "builtins") else set()
    return found


def test_the_search_finds_what_is_there() -> None:
    planted = (
        "import pickle\nfrom random import choice\nimport hashlib, os\nhashlib.md5(b'')\nos.system('x')\neval('1')\n"
    )
    assert used(planted) == {"pickle", "random", "md5", "system", "eval"}


def test_no_code_from_text_no_programs_no_weak_chance() -> None:
    found = {(str(path.relative_to(PROJECT)), what) for path in SOURCES for what in used(path.read_text("utf-8"))}
    assert found == ALLOWED


def test_the_one_program_is_started_without_a_shell() -> None:
    source = (PROJECT / "casework/backup.py").read_text("utf-8")
    assert "subprocess.run(" in source and "shell=" not in source


def test_yaml_is_read_by_safe_loaders_alone() -> None:
    for path in SOURCES:
        source = path.read_text("utf-8")
        for loader in re.findall(r"Loader=(\w+)", source):
            assert re.search(rf"^{loader} = getattr\(yaml, \"CSafeLoader\"|^{loader}.*SafeLoader", source, re.M), path
        assert not re.search(r"yaml\.(unsafe_load|full_load)|yaml\.load\([^,]*\)$", source, re.M), path


def test_templates_escape_everything_and_hold_no_script() -> None:
    assert TEMPLATES
    for path in TEMPLATES:
        html = path.read_text("utf-8")
        assert not re.search(r"\|\s*safe\b|autoescape false|Markup", html), path
        assert not re.search(r"<style|<script(?![^>]* src=)|\son\w+=|\sstyle=|javascript:", html), path
        assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", html), path
    for source in (PROJECT / "bot/web/appearance.py", PROJECT / "casework/desk/pages.py"):
        assert "autoescape=True" in source.read_text("utf-8")


def test_scripts_write_no_html_and_run_no_text() -> None:
    assert SCRIPTS
    for path in SCRIPTS:
        script = path.read_text("utf-8")
        written = re.findall(
            r"\.(?:inner|outer)HTML\s*=[^=]|insertAdjacentHTML|document\.write|\beval\(|new Function", script
        )
        assert written == [], path


def test_statements_are_made_of_no_ones_words() -> None:
    """The few with something put in: numbers and names of ours."""
    made: set[tuple[str, str]] = set()
    for path in SOURCES:
        if "migrations" in path.parts:
            continue
        for name in re.findall(r"(?:execute|text)\(\s*f\"[^\"]*\{(\w+)[^\"]*\"", path.read_text("utf-8")):
            made.add((path.name, name))
    assert {name for _, name in made} <= {"BUSY_TIMEOUT_MS", "FORGOTTEN_AFTER_MS"}


def test_tokens_are_compared_in_constant_time_or_by_their_hash() -> None:
    for name in ("casework/turn.py", "casework/desk/forms.py"):
        assert "hmac.compare_digest(" in Path(PROJECT / name).read_text("utf-8")
