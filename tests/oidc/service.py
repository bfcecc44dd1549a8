"""A real OpenID Connect provider (npm `oidc-provider`, certified) in a process of the tests' own."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest

HERE = Path(__file__).parent
BACK = "https://desk.test/desk/outside/back"


@contextmanager
def sign_in_service(*, whole_id_token: bool, back: str = BACK) -> Iterator[str]:
    """Its issuer. It sends browsers back to `back`. Without node or its packages the test is skipped; in CI that is a failure."""
    node = shutil.which("node")
    if node is None or not (HERE / "node_modules" / "oidc-provider").is_dir():
        missing = "node is not installed, or `npm ci` was not run in tests/oidc"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [node, str(HERE / "provider.mjs"), str(port), "1" if whole_id_token else "0", back]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as service:
        try:
            assert service.stdout is not None
            if "ready" not in iter(service.stdout.readline, "ready\n") and service.poll() is not None:
                raise RuntimeError("the service did not start")
            yield f"http://127.0.0.1:{port}"
        finally:
            service.terminate()


def log_in(start: str, login: str) -> str:
    """What a person does at the service: the name, and yes to being signed in. Returns where it sends the browser back."""
    with httpx.Client(follow_redirects=False) as browser:
        answer = browser.get(start)
        for _ in range(12):
            if answer.is_redirect:
                where = urljoin(str(answer.url), answer.headers["location"])
                if where.startswith(BACK):
                    return where
                answer = browser.get(where)
                continue
            assert answer.status_code == 200, answer.text[:300]
            (action,) = re.findall(r'<form[^>]* action="([^"]+)"', answer.text)
            (prompt,) = re.findall(r'name="prompt" value="([^"]+)"', answer.text)
            given = {"prompt": prompt} | ({"login": login, "password": "x"} if prompt == "login" else {})
            answer = browser.post(urljoin(str(answer.url), unescape(action)), data=given)
    raise AssertionError("the service did not send the browser back")
