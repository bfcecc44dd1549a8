"""What the bench swaps to measure encryption is swapped back, and nothing else can reach it."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from sqlalchemy import select

from bot.command.bench_desk import REQUESTS, WATCHING
from bot.command.bench_desk import measure as measure_desk
from bot.command.bench_plain import without_encryption
from bot.composition import House, open_records, utc_now
from bot.settings import PROJECT, Settings
from casework.intake import Intake
from casework.records import Conversation, Records

MARKER = b"blaklint-7731"


def state(records: Records) -> bytes | None:
    """The newest conversation's state as it lies in the database."""
    opened = Intake(records, utc_now).open(agency="a", programme="p", channel="web", locale="sv", state=MARKER)
    with records.reading() as session:
        return session.scalars(select(Conversation.state).where(Conversation.id == opened.id)).one()


def test_it_is_swapped_inside_and_back_outside(tmp_path: Path) -> None:
    records = open_records(Settings(home=tmp_path))
    assert MARKER not in (state(records) or MARKER)
    with without_encryption(records):
        assert (state(records) or b"").rstrip() == MARKER
    assert MARKER not in (state(records) or MARKER)
    records.close()


def test_only_the_bench_knows_of_it() -> None:
    users = [file.name for file in (PROJECT / "bot").rglob("*.py") if "bench_plain" in file.read_text("utf-8")]
    users += [file.name for file in (PROJECT / "casework").rglob("*.py") if "bench_plain" in file.read_text("utf-8")]
    assert users == ["bench.py"]
    assert not any("crypt" in field.name or "plain" in field.name for field in fields(Settings))


async def test_of_many_who_claim_at_once_each_handover_goes_to_one(house: House) -> None:
    """The bench's own crowd, small: two claim at each, one has it, the other is told."""
    figures = await measure_desk(house, waiting=30, caseworkers=12)
    assert (figures["desk_claimed"], figures["desk_claimed_twice"], figures["desk_lost"]) == (30, 0, 0)
    assert 0 < figures["desk_refused"] <= 30  # one who tries twice for what they have is told so
    assert len(figures["desk_visible_ms"]) == WATCHING * REQUESTS
