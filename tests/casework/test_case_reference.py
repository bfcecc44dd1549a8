"""A case reference is opaque: what looks like a personal number or a name is refused, wherever it is given."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest
from pydantic import ValidationError

from casework.case_reference import TooTelling, too_telling
from casework.claims import Claims, NewClaims
from tests.casework.desk_browser import WORDS, send

NUMBERS = [
    "850101-1234",
    "8501011234",
    "19850101-1234",
    "198501011234",
    "20041231-0000",
    "850101+1234",
    "850101 1234",
    "850161-1234",
    "19850191-1234",
    "198501611234",
    "AF-850101-1234",
    "AF:19850101-1234.2",
]
NAMES = ["Anna Ek", "anna.ek", "Ek, Anna", "Åsa-Maria.Öberg", "Anna_Ek", "Anna  Ek"]
OPAQUE = ["AF-2026-0001", "AF-1", "1", "ÄR-123", "är-123", "Anna1", "2026:0412", "123850101123499", "851301-1234"]
OPAQUE += ["20261124-0001", "AF-202611240001", "850100-1234", "850195-1234", "1234567", "AF-SIUS-12", "x" * 64]


@pytest.mark.parametrize("case", NUMBERS)
def test_a_personal_or_coordination_number_is_seen_with_and_without_a_hyphen(case: str) -> None:
    assert too_telling(case) is TooTelling.PERSONAL_NUMBER


@pytest.mark.parametrize("case", NAMES)
def test_two_words_of_letters_are_a_name(case: str) -> None:
    assert too_telling(case) is TooTelling.NAME


@pytest.mark.parametrize("case", OPAQUE)
def test_what_agencies_write_is_taken(case: str) -> None:
    assert too_telling(case) is None
    assert NewClaims(case=case, programme="finsam").case == case


@pytest.mark.parametrize("case", [*NUMBERS, *NAMES])
def test_nothing_says_it_back(case: str) -> None:
    with pytest.raises(ValidationError) as refused:
        NewClaims(case=case, programme="finsam")
    (error,) = refused.value.errors(include_input=False)
    assert error["type"] in {why.value for why in TooTelling} and case not in str(error)


def test_a_letter_of_two_signs_is_the_same_reference() -> None:
    two = unicodedata.normalize("NFD", "ÄR-123")
    assert two != "ÄR-123" and NewClaims(case=two, programme="finsam").case == "ÄR-123"


def test_what_was_kept_before_is_still_read() -> None:
    assert Claims(case="850101-1234", programme="finsam").case == "850101-1234"


@pytest.mark.parametrize(("case", "why"), [("850101-1234", "case_personal_number"), ("Anna Ek", "case_name")])
def test_the_desk_says_why_and_does_not_show_it_again(at_desk, inviting, case: str, why: str) -> None:
    refused = send(at_desk, "/desk/invite", case=case, programme="finsam", locale="sv")
    assert refused.status_code == 422 and WORDS["problem"][why] in refused.text and case not in refused.text
    assert inviting.follow_ups.due(date(2100, 1, 1)) == []
    assert "ÄR-123" in send(at_desk, "/desk/invite", case="ÄR-123", programme="finsam", locale="sv").text
