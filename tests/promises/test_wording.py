"""The oracle knows what is asked by its words: a text that is worded anew must not make it blind."""

from __future__ import annotations

import pytest

from bot.settings import PROJECT
from tests.promises import wording

TEXTS = " ".join(
    " ".join(path.read_text("utf-8").split()) for path in sorted((PROJECT / "data" / "content" / "sv").glob("*.yml"))
)
KNOWN = (*wording.TOPICS.values(), wording.SUPPORT, wording.NO_QUESTION, wording.DESK_LINES)


@pytest.mark.parametrize("sentence", sorted({sentence for sentences in KNOWN for sentence in sentences}))
def test_what_the_oracle_listens_for_is_said(sentence: str) -> None:
    assert sentence in TEXTS
