"""Marked words, and the search for them in everything that a process leaves behind."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

MARK = "Kanariefagel"
NUMBER = "0701740605"


@dataclass
class Cage:
    """Makes a new marked word for each place that it is fed to."""

    fed: list[str] = field(default_factory=list)

    def new(self, where: str) -> str:
        """A word such as `Kanariefagel012x`. `where` is for the one who counts."""
        self.fed.append(where)
        return f"{MARK}{len(self.fed):03d}x"


def traces(word: str) -> dict[str, bytes]:
    """What the word can look like in a file: plain, UTF-16, hex, base64 at any offset, backwards."""
    plain = word.encode()
    looks = {"plain": plain, "utf-16": word.encode("utf-16-le"), "hex": plain.hex().encode(), "reversed": plain[::-1]}
    for offset in range(3):
        # Of the encoded text only the middle does not depend on what stands around it.
        encoded = base64.b64encode(b"\0" * offset + plain)
        looks[f"base64+{offset}"] = encoded[4 if offset else 0 : len(encoded) // 4 * 4 - 4]
    return looks


def search(files: Iterable[Path], words: Iterable[str]) -> list[str]:
    """`file: how` for each trace that is found. Folders are searched whole; links are not followed."""
    found = []
    looks = {f"{word} {how}": trace for word in words for how, trace in traces(word).items()}
    for root in files:
        for path in sorted(root.rglob("*")) if root.is_dir() else [root]:
            if path.is_symlink() or not path.is_file():
                continue
            content = path.read_bytes()
            found += [f"{path.name}: {how}" for how, trace in looks.items() if trace in content]
            found += [f"{path.name}: in its name" for word in words if word in path.name]
    return found
