"""What a log line may hold, and that our own lines are sentences without anything put into them."""

from __future__ import annotations

import ast
import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from bot import logs
from bot.settings import PROJECT

SECRET = "kanariefågel 7731"


@pytest.fixture
def lines() -> Iterator[Any]:
    """Everything that is logged, as it would be written."""
    root, stream = logging.getLogger(), io.StringIO()
    before = root.handlers[:], root.level, sys.excepthook, sys.unraisablehook, logging.raiseExceptions
    logs.configure(stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:], root.level = before[0], before[1]
    sys.excepthook, sys.unraisablehook, logging.raiseExceptions = before[2:]


def fail(secret: str) -> None:
    raise ValueError(f"{secret} gick inte")


@pytest.mark.parametrize("name", ["uvicorn.error", "rasa.core", "sqlalchemy.engine", "alembic", "asyncio", "någon"])
def test_other_peoples_words_are_dropped(lines: Any, name: str) -> None:
    log = logging.getLogger(name)
    log.setLevel(logging.NOTSET)
    log.warning(f"{SECRET}")
    log.error("sent %s", SECRET, extra={"text": SECRET, "route": SECRET})
    log.critical({"text": SECRET})
    assert lines()
    assert {tuple(line) for line in lines()} <= {("at", "level", "from"), ("at", "level", "from", "route")}
    assert SECRET.split()[0] not in json.dumps(lines(), ensure_ascii=False)


def test_an_exception_is_its_type_and_place(lines: Any) -> None:
    try:
        fail(SECRET)
    except ValueError:
        logging.getLogger("uvicorn.error").exception("%s", SECRET)
    (line,) = lines()
    assert line["error"] == "ValueError"
    assert line["place"].startswith("test_logs.py:")
    assert set(line) == {"at", "level", "from", "error", "place"}


def test_the_place_is_the_innermost_that_is_ours(lines: Any) -> None:
    from bot.settings import from_environment

    try:
        from_environment({"ENRUM_PORT": SECRET})
    except ValueError as error:
        assert logs.place_of(error.__traceback__).startswith("bot/settings.py:")


def test_our_sentence_stands_without_what_is_put_into_it(lines: Any) -> None:
    logging.getLogger("enrum.web").error("request failed", extra={"error": "ValueError", "n": 3, "text": SECRET})
    (line,) = lines()
    assert (line["event"], line["error"], line["n"]) == ("request failed", "ValueError", "3")
    assert SECRET not in json.dumps(line, ensure_ascii=False)


def test_a_line_that_cannot_be_written_prints_nothing(lines: Any, capfd: pytest.CaptureFixture[str]) -> None:
    class Broken:
        def __str__(self) -> str:
            fail(SECRET)
            return ""

    logging.getLogger("enrum.web").error("request failed", extra={"error": Broken()})
    out, err = capfd.readouterr()
    assert SECRET not in out + err
    assert lines() == []


def test_a_crash_says_no_text() -> None:
    crash = f"from bot import logs; logs.configure(); raise ValueError({SECRET!r})"
    thread = (
        "import threading; from bot import logs; logs.configure()\n"
        f"t = threading.Thread(target=lambda: int({SECRET!r})); t.start(); t.join()"
    )
    task = (
        "import asyncio, gc; from bot import logs; logs.configure()\n"
        f"async def f(): raise ValueError({SECRET!r})\n"
        "async def main():\n    t = asyncio.ensure_future(f()); await asyncio.sleep(0.01); del t; gc.collect()\n"
        "asyncio.run(main())"
    )
    for program in (crash, thread, task):
        ran = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=False)
        assert "ValueError" in ran.stderr
        assert SECRET.split()[0] not in ran.stderr + ran.stdout


def test_our_log_calls_are_fixed_sentences_and_known_fields() -> None:
    found = 0
    for file in (
        f for room in ("actions", "bot", "casework", "safety", "screening") for f in (PROJECT / room).rglob("*.py")
    ):
        for call in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
                continue
            on = call.func.value
            if not (isinstance(on, ast.Name) and on.id == "log" and call.func.attr in LEVELS):
                continue
            found += 1
            where = f"{file.relative_to(PROJECT)}:{call.lineno}"
            assert len(call.args) == 1, where
            assert isinstance(call.args[0], ast.Constant) and "%" not in call.args[0].value, where
            for keyword in call.keywords:
                assert keyword.arg == "extra" and isinstance(keyword.value, ast.Dict), where
                assert {key.value for key in keyword.value.keys if isinstance(key, ast.Constant)} <= set(logs.FIELDS), (
                    where
                )
    assert found >= 4


LEVELS = ("debug", "info", "warning", "error", "exception", "critical", "log")
