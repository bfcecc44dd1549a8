"""A phone number as the person typed it, made into E.164, with Sweden as the country when none is given."""

from __future__ import annotations

import phonenumbers


def e164(typed: str) -> str | None:
    """The number as +46…, or None when it cannot be a number that somebody answers."""
    try:
        number = phonenumbers.parse(typed, "SE")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
