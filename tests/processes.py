"""Processes of the tests that are killed or race each other: clean ones, not copies of a process full of threads."""

from __future__ import annotations

import multiprocessing

processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["tests.casework.crash.world"])
