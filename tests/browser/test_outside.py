"""Signing in at the agency's own service in a real browser: a certified provider there, the desk on another site here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Browser, Page, expect

from bot.composition import House, utc_now
from bot.web.application import application
from tests.browser.serving import serving
from tests.browser.test_axe import Checked, checked
from tests.casework.local_server import free_port
from tests.conftest import rejoined
from tests.oidc.service import sign_in_service

__all__ = ["checked"]

CASEWORKER, STRANGER = "kim,handlaggare", "kim,annan-enhet"


@dataclass
class Site:
    """The desk on `localhost` and the service on 127.0.0.1: for a browser they are two sites, as they are in life."""

    base: str
    issuer: str
    house: House


@pytest.fixture
def site(engine_house: House, tmp_path: Path) -> Iterator[Site]:
    port = free_port()
    base = f"http://localhost:{port}"
    with sign_in_service(whole_id_token=False, back=f"{base}/desk/outside/back") as issuer:
        secret, file = tmp_path / "secret", tmp_path / "sign-in.yml"
        secret.write_text("a secret of the tests, long enough\n")
        service = {"name": "Mynt", "issuer": issuer, "client_id": "enrum", "client_secret_file": str(secret)}
        roles = {"role_claim": "groups", "roles": {"handlaggare": "caseworker"}, "only": True}
        file.write_text(yaml.safe_dump({"service": service | roles}))
        own = rejoined(engine_house, tmp_path, utc_now)
        house = replace(own, settings=replace(own.settings, sign_in_file=str(file), public_url=base))
        with serving(application(house), port):
            yield Site(base, issuer, house)


@pytest.fixture
def kim(browser: Browser) -> Iterator[Page]:
    page = browser.new_context(locale="sv-SE").new_page()
    page.set_default_timeout(20000)
    yield page
    page.context.close()


def to_the_service(page: Page, site: Site) -> None:
    page.goto(f"{site.base}/desk")
    expect(page).to_have_url(f"{site.base}/desk/sign-in")
    assert page.locator("input[type=password]").count() == 0
    page.get_by_role("link", name="Logga in med Mynt").click()
    page.wait_for_url(f"{site.issuer}/**")


def log_in(page: Page, login: str) -> None:
    """The name at the service, and yes to it telling the desk who one is."""
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", "x")
    page.get_by_role("button", name="Sign-in").click()
    page.get_by_role("button", name="Continue").click()


def session_of(page: Page) -> str:
    return next((one["value"] for one in page.context.cookies() if one["name"] == "desk"), "")


def test_in_through_the_queue_and_out_again(kim: Page, site: Site) -> None:
    to_the_service(kim, site)
    log_in(kim, CASEWORKER)
    kim.wait_for_url(f"{site.base}/desk")
    expect(kim.locator("header")).to_contain_text("Namn kim")
    expect(kim.locator("h1")).to_be_visible()
    token = session_of(kim)
    signed_in = site.house.accounts.session(token)
    assert signed_in is not None and signed_in.user.role == "caseworker"
    assert not [one["name"] for one in kim.context.cookies() if one["name"] == "desk-outside"]

    kim.locator("form[action='/desk/sign-out'] button").click()
    kim.wait_for_url(f"{site.base}/desk/sign-in")
    assert session_of(kim) == ""
    assert site.house.accounts.session(token) is None
    # Neither the browser's Back nor the old cookie brings it back.
    kim.go_back()
    expect(kim).to_have_url(f"{site.base}/desk/sign-in")
    kim.context.add_cookies([{"name": "desk", "value": token, "domain": "localhost", "path": "/desk"}])
    kim.goto(f"{site.base}/desk")
    expect(kim).to_have_url(f"{site.base}/desk/sign-in")


def test_who_has_no_role_here_is_told_so_and_is_nobody(kim: Page, site: Site, checked: Checked) -> None:
    to_the_service(kim, site)
    log_in(kim, STRANGER)
    expect(kim.locator("h1")).to_have_text("Du har inget uppdrag här")
    assert session_of(kim) == ""
    checked.look(kim, "outside")
    kim.goto(f"{site.base}/desk")
    expect(kim).to_have_url(f"{site.base}/desk/sign-in")


def test_who_cancels_at_the_service_is_not_told_that_it_failed(kim: Page, site: Site, checked: Checked) -> None:
    to_the_service(kim, site)
    kim.get_by_role("link", name="Cancel").click()
    expect(kim.locator("h1")).to_have_text("Du är inte inloggad")
    assert session_of(kim) == ""
    checked.look(kim, "outside")
    # And can begin again from there.
    kim.get_by_role("link", name="Till inloggningen").click()
    kim.get_by_role("link", name="Logga in med Mynt").click()
    log_in(kim, CASEWORKER)
    kim.wait_for_url(f"{site.base}/desk")


def test_the_page_that_leads_on_and_the_one_that_says_what_failed(kim: Page, site: Site, checked: Checked) -> None:
    kim.goto(f"{site.base}/desk/outside/back?state=made-up&code=made-up")
    expect(kim.locator("h1")).to_have_text("Det gick inte att logga in")
    checked.look(kim, "outside")
    kim.route(f"{site.base}/desk", lambda route: route.fulfill(status=204))  # so that it stays
    kim.goto(f"{site.base}/desk/sign-in")
    kim.get_by_role("link", name="Logga in med Mynt").click()
    log_in(kim, CASEWORKER)
    expect(kim.locator("h1")).to_have_text("Du är inloggad")
    checked.look(kim, "outside")
