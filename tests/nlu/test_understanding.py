"""What the trained agent makes of sentences that it was not trained on. The report is printed; the floor is asserted."""

from __future__ import annotations

from collections import Counter

import yaml

from bot.composition import House
from bot.settings import PROJECT


async def test_held_out_sentences(engine_house: House) -> None:
    held_out = yaml.safe_load((PROJECT / "tests/nlu/held_out_sv.yml").read_text("utf-8"))["nlu"]
    sentences = [
        (entry["intent"], line.removeprefix("- ").strip())
        for entry in held_out
        for line in entry["examples"].splitlines()
        if line.strip()
    ]
    results: Counter[str] = Counter()
    for intent, text in sentences:
        understood = (await engine_house.turns._engine.understand(text))["intent"]["name"]
        kind = "right" if understood == intent else "not understood" if understood == "nlu_fallback" else "wrong"
        results[kind] += 1
    total = sum(results.values())
    print({kind: f"{n / total:.1%}" for kind, n in results.items()}, total)
    assert total > 250
    assert results["right"] / total > 0.8
    assert results["wrong"] / total < 0.12
