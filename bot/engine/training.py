"""Training, once for a given set of inputs: the model is named by a hash of what it was made from."""

from __future__ import annotations

import contextlib
import io
import logging
import tempfile
from collections.abc import Callable
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
INPUTS = ("bot/config.yml", "bot/domain", "data/nlu", "data/rules")
"""What a model is made from, relative to the project."""


class TrainingFailed(RuntimeError):
    """Rasa did not produce a model. `args[0]` says why, without any text of a person's."""


def inputs_hash(project: Path = PROJECT) -> str:
    """A hash over the names and bytes of all inputs and the version of Rasa."""
    digest = sha256(version("rasa").encode())
    for root in INPUTS:
        path = project / root
        files = [path] if path.is_file() else sorted(p for p in path.rglob("*.yml"))
        for file in files:
            digest.update(f"\0{file.relative_to(project)}\0".encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def model_path(home: Path, project: Path = PROJECT) -> Path:
    return home / "models" / f"{inputs_hash(project)}.tar.gz"


def train(home: Path, progress: Callable[[str], None] = lambda step: None, project: Path = PROJECT) -> Path:
    """Train if there is no model for the inputs as they are. `progress` is told each step. Returns the model's path."""
    target = model_path(home, project)
    if target.exists():
        return target
    progress("rasa")
    from bot.engine import quiet, stand_in

    quiet.configure()
    stand_in.install()
    from rasa.model_training import train as rasa_train

    target.parent.mkdir(parents=True, exist_ok=True)
    watch = _Steps(progress)
    log = logging.getLogger("rasa.engine.training.hooks")
    log.setLevel(logging.INFO)
    log.propagate = False
    log.addHandler(watch)
    try:
        with tempfile.TemporaryDirectory(dir=target.parent) as room:
            # Rasa reports to standard output and error, which belong to whoever called us.
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                trained = rasa_train(
                    domain=str(project / "bot/domain"),
                    config=str(project / "bot/config.yml"),
                    training_files=[str(project / "data/nlu"), str(project / "data/rules")],
                    output=room,
                    fixed_model_name="model",
                    force_training=True,
                )
            if trained.code != 0 or trained.model is None:
                raise TrainingFailed(f"rasa train ended with code {trained.code}")
            Path(trained.model).rename(target)
    finally:
        log.removeHandler(watch)
    for old in target.parent.glob("*.tar.gz"):
        if old != target:
            old.unlink()
    return target


STEPS = 10
"""Steps that `progress` is told of in a whole training: one for Rasa itself, one for each component that trains, and
three for the likeness of the safety signals."""


class _Steps(logging.Handler):
    """Turns Rasa's own notes on finished components into steps of progress."""

    def __init__(self, progress: Callable[[str], None]) -> None:
        super().__init__(logging.INFO)
        self._progress = progress

    def emit(self, record: logging.LogRecord) -> None:
        said = record.getMessage()
        if said.startswith("Finished training component"):
            self._progress(said.split("'")[1])
