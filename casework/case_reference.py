"""The agency's own reference of a case. It is opaque here: what looks like a personal number or a name is refused.

A personal number (personnummer) is a date of birth and four digits, a coordination number (samordningsnummer) the same
with 60 added to the day (18 § folkbokföringslagen 1991:481; Skatteverket on samordningsnummer). The check digit is not
looked at: a number that was mistyped says as much about the person.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

PATTERN = r"^[0-9A-Za-zÀ-ÖØ-öø-ÿ._:-]{1,64}$"
_YEAR, _MONTH = r"(?:18\d\d|19\d\d|20[01]\d|\d\d)", "(?:0[1-9]|1[0-2])"
"""With four digits to 2019: whoever was born later is a child, and agencies write the day of a case so: 20261124-0001."""
_DAY = "(?:0[1-9]|[12][0-9]|3[01]|6[1-9]|[78][0-9]|9[01])"
_PERSONAL_NUMBER = re.compile(rf"(?<!\d){_YEAR}{_MONTH}{_DAY}[-+._: ]?\d{{4}}(?!\d)", re.ASCII)
_WORD = r"[^\W\d_]{2,}"
_NAME = re.compile(rf"{_WORD}(?:[\s,._:-]+{_WORD})+")


class TooTelling(StrEnum):
    """Why a reference is not opaque."""

    PERSONAL_NUMBER = "personal_number"
    NAME = "name"


def as_written(case: str) -> str:
    """The same signs for the same letters: Ä can be one sign or two."""
    return unicodedata.normalize("NFC", case.strip())


def too_telling(case: str) -> TooTelling | None:
    """What the reference seems to be instead of one: a personal number anywhere in it, or two words of letters alone."""
    written = as_written(case)
    if _PERSONAL_NUMBER.search(written):
        return TooTelling.PERSONAL_NUMBER
    return TooTelling.NAME if _NAME.fullmatch(written) else None
