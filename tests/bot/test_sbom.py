"""The bill of materials names what is locked, and not what only developers have."""

from __future__ import annotations

import json
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from bot.settings import PROJECT


def test_it_names_what_is_locked(tmp_path: Path) -> None:
    if shutil.which("uv") is None and not (PROJECT / ".uv" / "bin" / "uv").exists():
        pytest.skip("uv is not here: `make` fetches it")
    file = tmp_path / "bom.json"
    subprocess.run(["make", "--silent", "sbom", f"SBOM={file}"], cwd=PROJECT, check=True, capture_output=True)
    bill = json.loads(file.read_text("utf-8"))
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.5")
    named = {part["name"]: part["version"] for part in bill["components"]}
    locked = {p["name"]: p.get("version") for p in tomllib.loads((PROJECT / "uv.lock").read_text("utf-8"))["package"]}
    assert {"rasa", "starlette", "cryptography", "sqlalchemy", "twilio"} <= set(named)
    assert not {"pytest", "playwright", "hypothesis"} & set(named)
    assert all(locked[name] == version for name, version in named.items())
