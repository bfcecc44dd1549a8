"""A real Chromium for the page. A missing browser fails, never skips: the promises of the page are tested here."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.sample_site import SampleSite, served


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium from $CHROMIUM or /usr/bin/chromium, with the Back cache on (playwright turns it off by default).

    Not session-scoped: while playwright runs its loop counts as running in this thread, and asynchronous tests fail.
    """
    path = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
    assert path.exists(), f"no Chromium at {path}: install it or set CHROMIUM"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
            ignore_default_args=["--disable-back-forward-cache"],
        )
        yield chromium
        chromium.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    """A phone of 390 by 844 with a touch screen, Swedish."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, locale="sv-SE"
    )
    context.set_default_timeout(8000)
    yield context
    context.close()


@pytest.fixture
def plain_phone(browser: Browser) -> Iterator[BrowserContext]:
    """The same phone without JavaScript."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, java_script_enabled=False
    )
    context.set_default_timeout(8000)
    yield context
    context.close()


@pytest.fixture
def site() -> Iterator[SampleSite]:
    with served(SampleSite()) as site:
        yield site


@pytest.fixture
def page(phone: BrowserContext) -> Iterator[Page]:
    """A page on the phone. Whatever the page itself writes to the console, or an error in it, fails the test.

    Requests that fail are reported there by the browser, not by the page, and are part of many tests.
    """
    page = phone.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text))
    yield page
    assert [line for line in complaints if "Failed to load resource" not in line] == []
