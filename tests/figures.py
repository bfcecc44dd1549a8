"""What was counted, by name."""

from __future__ import annotations

from collections import Counter as Tally

from casework.counting import figures
from casework.records import Records


def figures_of(records: Records, programme: str | None = None) -> dict[str, int]:
    """All dimensions together, or one programme alone. Those in a batch that is not closed too."""
    tally: Tally[str] = Tally()
    for figure, n in figures(records).items():
        if programme in (None, figure.as_.programme):
            tally[figure.what] += n
    return dict(tally)
