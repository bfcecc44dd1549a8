"""The records or the keys cannot be used right now."""

from __future__ import annotations


class Unavailable(Exception):
    """Database or key service cannot be reached, read or written: full, locked, gone. Carries no content.

    Nothing was acknowledged. Whether it was written is not known if this came from a commit: whoever repeats the same
    input with the same key is answered once.
    """


class Contended(Unavailable):
    """Two transactions stood in each other's way and this one was rolled back whole. It may be tried again."""
