"""The safety signals from their data files: rules, and the likeness trained on the sentences when they have changed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml

from bot.data_files import BadData
from bot.settings import DATA, PROJECT
from safety.signals import Signal, Signals
from safety.signals.likeness import Likeness
from safety.signals.sentences import Row, read
from screening.catalogue.document import Fault

CODE = ("safety/folding.py", "safety/signals", "bot/engine/likeness.py")
"""What the likeness is made by, besides data/safety, relative to the project."""

INPUTS = ("signals", "themes", "sentences", "likeness.yml")
"""What it is made from, below data/safety."""

MOST_ALARMS = 0.1
"""More than one neutral message in ten is not to be disturbed."""

MOST_EASE = 2.0
"""More would let one signal be raised by nearly anything."""


@dataclass(frozen=True)
class Care:
    """data/safety/likeness.yml, by language code: `alarms`, the evidence above which a message is no ordinary one, and `shares`,
    of the neutral sentences that may be above it. `ease`: so much more evidence is it if this signal is the likeliest."""

    alarms: Mapping[str, float]
    shares: Mapping[str, float]
    ease: Mapping[Signal, float]


_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load_signals(home: Path, data: Path = DATA, progress: Callable[[str], None] = lambda step: None) -> Signals:
    """The signals of every language. Trains the likeness if there is none for the data as they are.

    Raises `data_files.BadData` that names the file.
    """
    lexicons = load_lexicons(data)
    return Signals.load(lexicons, load_likeness(home, lexicons, data, progress))


def load_likeness(
    home: Path, lexicons: Mapping[str, Any], data: Path = DATA, progress: Callable[[str], None] = lambda step: None
) -> Likeness:
    """From `home/models`, trained and written there when it is missing or broken."""
    path = home / "models" / f"likeness-{_inputs_hash(data)}.json"
    try:
        return Likeness.load(json.loads(path.read_bytes()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError):
        rows = load_sentences(data)
        progress("likeness")
        from bot.engine.likeness import trained

        care = load_care(data)
        model = trained(lexicons, rows, care.alarms, care.ease, progress)
        _write(path, json.dumps(model, ensure_ascii=False, separators=(",", ":")))
        return Likeness.load(model)


def load_lexicons(data: Path = DATA) -> dict[str, Any]:
    """data/safety/signals with the themes of data/safety/themes, by language code. Raises `data_files.BadData`."""
    lexicons: dict[str, Any] = {}
    for path in sorted((data / "safety" / "signals").glob("*.yml")):
        lexicons[path.stem] = _usable(path, "rules", {})
    for path in sorted((data / "safety" / "themes").glob("*.yml")):
        lexicons[path.stem] = _usable(path, "themes", lexicons[path.stem])
    return lexicons


def _usable(path: Path, item: str, known: Mapping[str, Any]) -> dict[str, Any]:
    """What is in the file over what was `known` of the language, once it has been tried."""
    try:
        lexicon = {**known, **yaml.load(path.read_text("utf-8"), Loader=_Loader)}  # noqa: S506 - a safe loader
        Signals.load({path.stem: lexicon})
    except (ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
        said = f"cannot be used: {error}".splitlines()[0]
        raise BadData([Fault(f"safety/{path.parent.name}/{path.name}", 0, item, said)]) from None
    return lexicon


def load_care(data: Path = DATA) -> Care:
    """Raises `data_files.BadData`."""
    path = data / "safety" / "likeness.yml"
    try:
        kept = yaml.load(path.read_text("utf-8"), Loader=_Loader)  # noqa: S506 - a safe loader
        care = Care(
            {str(code): float(alarm) for code, alarm in kept["alarm"].items()},
            {str(code): float(share) for code, share in kept["alarms"].items()},
            {Signal(name): float(more) for name, more in kept.get("ease", {}).items()},
        )
        if not care.alarms or set(care.alarms) != set(care.shares):
            raise ValueError("alarm and alarms must name the same languages")
        if not all(0 < share <= MOST_ALARMS for share in care.shares.values()):
            raise ValueError(f"alarms must be above 0 and at most {MOST_ALARMS}")
        if not all(0 <= more <= MOST_EASE for more in care.ease.values()):
            raise ValueError(f"ease must be between 0 and {MOST_EASE}")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise BadData([Fault("safety/likeness.yml", 0, "alarm", f"cannot be used: {error}".splitlines()[0])]) from None
    return care


def load_sentences(data: Path = DATA) -> list[Row]:
    """All reviewed sentences. Raises `data_files.BadData` for one that is wrong."""
    return [row for rows in load_sentences_by_language(data).values() for row in rows]


def load_sentences_by_language(data: Path = DATA) -> dict[str, list[Row]]:
    """By language code. Raises `data_files.BadData` for one that is wrong."""
    sentences, faults = _read_sentences(data)
    if faults:
        raise BadData(faults)
    return sentences


def faults(data: Path = DATA) -> list[Fault]:
    """What is wrong in the rules and the sentences."""
    found: list[Fault] = []
    for part in (load_lexicons, load_care):
        try:
            part(data)
        except BadData as bad:
            found += bad.faults
    return found + _read_sentences(data)[1]


def _read_sentences(data: Path) -> tuple[dict[str, list[Row]], list[Fault]]:
    rows: dict[str, list[Row]] = {}
    faults: list[Fault] = []
    for path in sorted((data / "safety" / "sentences").glob("*.tsv")):
        found, wrong = read(path.read_bytes().decode("utf-8", "replace"))
        rows[path.stem] = found
        name = path.relative_to(data).as_posix()
        faults += [Fault(name, line, "sentence", why) for line, why in wrong]
    return rows, faults


def _inputs_hash(data: Path) -> str:
    digest = sha256()
    roots = [PROJECT / name for name in CODE] + [data / "safety" / name for name in INPUTS]
    for root in roots:
        for file in [root] if root.is_file() else sorted(p for p in root.iterdir() if p.is_file()):
            digest.update(f"\0{file.name}\0".encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _write(path: Path, text: str) -> None:
    """Whole or not at all; older ones go."""
    path.parent.mkdir(parents=True, exist_ok=True)
    room = path.with_suffix(".new")
    room.write_text(text, "utf-8")
    room.replace(path)
    for old in path.parent.glob("likeness-*.json"):
        if old != path:
            old.unlink(missing_ok=True)
