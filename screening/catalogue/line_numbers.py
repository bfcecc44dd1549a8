"""Whether a contact's number can be one: in Sweden, short numbers such as 112, 116 111 and 1177 too."""

from __future__ import annotations

import re

import phonenumbers

_SIGNS = re.compile(r"\+?[\d \-]+", re.ASCII)


def can_be_rung(number: str) -> bool:
    """Digits, spaces and hyphens, and a number that the numbering plan has. Whose it is nobody can tell from that."""
    if not _SIGNS.fullmatch(number):
        return False  # the library reads a letter as the key it stands on
    try:
        parsed = phonenumbers.parse(number, "SE")
    except phonenumbers.NumberParseException:
        return False
    if phonenumbers.is_valid_short_number_for_region(parsed, "SE"):
        return True
    return phonenumbers.is_possible_number(parsed) and phonenumbers.is_valid_number(parsed)
