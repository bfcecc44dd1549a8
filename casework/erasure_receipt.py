"""The receipt for an erasure: a short random code that the person gets. It says nothing of the person or of what there was.

Kept is only a mark of it (part of its SHA-256) in the audit trail, so that the agency can confirm a code that is shown.
"""

from __future__ import annotations

import secrets
from hashlib import sha256

LETTERS = "256789CDFGHJKLMNPQRTWX"
"""No vowels, no digits that are read as vowels ("R4P3"), no V and no Z ("VKV", "zrtv"): chance can make no sensitive word of them.

The line that holds the code is neutral: a code that spelt one would be held back, and the person would not learn that all is erased.
"""


def new_code() -> str:
    """Ten letters and digits, about 44 bits: `7KQ8M-2XDPR`."""
    code = "".join(secrets.choice(LETTERS) for _ in range(10))
    return f"{code[:5]}-{code[5:]}"


def receipt_mark(code: str) -> str:
    """What the audit trail holds of a code: 40 characters. The same for small letters and without the dash."""
    plain = code.strip().upper().replace("-", "").replace(" ", "")
    return "receipt:" + sha256(plain.encode("utf-8", "replace")).hexdigest()[:32]
