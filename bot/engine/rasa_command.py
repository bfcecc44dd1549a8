"""Rasa's command line with this project's files, without TensorFlow and telemetry, and with actions in this process."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from bot.engine import quiet, stand_in

DOMAIN = ("--domain", "bot/domain")
CONFIG = ("--config", "bot/config.yml")
DATA = ("--data", "data/nlu", "data/rules")
OUT = ("--out", "var/rasa-models")
MODEL = ("--model", "var/rasa-models")
NLU = ("--nlu", "data/nlu")
DEFAULTS: dict[tuple[str, ...], tuple[tuple[str, ...], ...]] = {
    ("train",): (DOMAIN, CONFIG, DATA, OUT),
    ("data", "validate"): (DOMAIN, CONFIG, DATA),
    ("test", "nlu"): (NLU, CONFIG, DOMAIN, MODEL),
    ("shell",): (MODEL,),
}
"""What is filled in for each command where it is not given."""


def arguments_for(given: list[str]) -> list[str]:
    """The arguments with this project's paths filled in."""
    for command, defaults in DEFAULTS.items():
        if tuple(given[: len(command)]) == command:
            missing = [words for words in defaults if words[0] not in given]
            return [*given, *(word for words in missing for word in words)]
    return given


def run(project: Path, here: Path, given: list[str]) -> int:
    """Run Rasa in the project's folder. Returns its exit code."""
    quiet.silence_telemetry()
    stand_in.install()
    os.chdir(project)
    from bot.engine.endpoint import InProcessActions
    from bot.engine.shell import Shell

    Shell(InProcessActions("actions")).take_over_endpoints()
    sys.argv = ["rasa", *arguments_for(given)]
    from rasa.__main__ import main

    try:
        main()
    except SystemExit as end:
        return int(end.code or 0) if not isinstance(end.code, str) else 1
    finally:
        os.chdir(here)
    return 0
