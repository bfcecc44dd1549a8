"""How long an SMS is in the GSM alphabet. One that is longer, or has another character, is split or sent in another
coding, and arrives in pieces: the first line on a lock screen is then not the one that was reviewed.

Source: 3GPP TS 23.038, 6.2.1 (default alphabet and its extension table); 160 septets in one message.
"""

from __future__ import annotations

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("^{}\\[~]|€\f")
"""These take two septets."""
LONGEST = 160


def septets(text: str) -> int | None:
    """The length in septets, or None if a character is not in the alphabet."""
    if not set(text) <= BASIC | EXTENDED:
        return None
    return len(text) + sum(character in EXTENDED for character in text)


def fits_one_sms(text: str) -> bool:
    length = septets(text)
    return length is not None and 0 < length <= LONGEST
