"""A telephone number that stands in a text must be one of the support data's, and not out of date there."""

from __future__ import annotations

import re
from datetime import date

import pytest

from bot import data_files

CATALOGUE = data_files.catalogue(date(2026, 11, 23))
NUMBER = re.compile(r"(?<![\d–-])\d[\d -]{1,12}\d(?![\d–-])")


def numbers(text: str) -> set[str]:
    """Numbers of three digits or more, without spaces and dashes."""
    plain = {re.sub(r"\D", "", found) for found in NUMBER.findall(text)}
    return {number for number in plain if len(number) >= 3}


KNOWN = {re.sub(r"\D", "", line.number or "") for line in CATALOGUE.lines(date(2026, 11, 23))} | {"020"}


@pytest.mark.parametrize("locale", sorted(CATALOGUE.languages))
def test_every_number_in_a_wording_is_a_contact_that_is_shown(locale: str) -> None:
    found = {}
    for key, text in CATALOGUE.languages[locale].texts.items():
        for version in (text.text, text.simpler, text.voice):
            if strange := numbers(version) - KNOWN:
                found[key] = strange
    assert found == {}


def test_the_test_can_see_a_number() -> None:
    assert numbers("Ring 020-50 50 50 eller 90101, nu.") == {"020505050", "90101"}
    assert numbers("Det tar 5 minuter, kl. 8–12.") == set()
