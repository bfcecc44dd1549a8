"""Conversations run on both databases."""

from __future__ import annotations

import pytest


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "engine" in metafunc.fixturenames:
        # What breaks a file is about SQLite alone.
        metafunc.parametrize("engine", ["sqlite"] if "broken" in metafunc.fixturenames else ["sqlite", "postgresql"])
