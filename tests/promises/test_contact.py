"""Contact only as agreed (P8): the plan that is kept is the one that was made, and a number shows only inside it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from safety.safe_contact import ContactWay, ContactWindow, Refusal, SafeContactPlan, refusal
from screening.events import HandoverKind, HandoverRequested
from screening.journey.acts import Act
from screening.journey.state import HumanState, Journey, Moved
from tests.promises.oracle import Breach
from tests.promises.world import NOON, World, take

HOURS = {"morning": (8, 12), "afternoon": (12, 17), "any_time": (8, 17)}
STOCKHOLM = ZoneInfo("Europe/Stockholm")


def made(*acts: tuple[Act, str]) -> list[HandoverRequested]:
    """The requests that these acts make, from "not private" and "contact me" on."""
    world = World()
    state: Journey = world.begin().state
    asked: list[HandoverRequested] = []
    for act, detail in ((Act.CONTINUE, ""), (Act.NOT_PRIVATE, ""), (Act.CONTACT_ME, ""), *acts):
        moved: Moved = take(world, state, act, world.situation(act, NOON, HumanState.NONE, detail=detail))
        state = moved.state
        asked += [event for event in moved.events if isinstance(event, HandoverRequested)]
    return asked


def check_plans() -> int:
    """Every plan that can be made is kept as it was made. Raises Breach."""
    tried = 0
    for way, window, voicemail, agency, code in product(
        (Act.CALL, Act.SMS), (Act.MORNING, Act.AFTERNOON, Act.ANY_TIME), (True, False), (True, False), ("blåbär", "")
    ):
        answers = [(way, ""), (Act.TOLD, "070-174 06 05"), (window, "")]
        if way is Act.CALL:
            answers.append((Act.YES if voicemail else Act.NO, ""))
        answers += [(Act.YES if agency else Act.NO, ""), (Act.TOLD, code) if code else (Act.SKIP, "")]
        for last in (Act.NO, Act.NONE, Act.EXIT, Act.FINISH, Act.LATER):
            if made(*answers, (last, "")):
                raise Breach("P8", f"a request was made after {last} to the summary")
        asked = made(*answers, (Act.YES, ""))
        wanted = SafeContactPlan(
            ContactWay(way.value),
            "+46701740605",
            ContactWindow(window.value),
            voicemail and way is Act.CALL,
            agency,
            code,
            NOON + timedelta(days=90),
        )
        if [(one.kind, one.plan, one.answers) for one in asked] != [(HandoverKind.CONTACT, wanted, ())]:
            raise Breach("P8", f"the plan that is kept is not the one that was made ({way}, {window})")
        tried += 1
    return tried


def check_hours() -> int:
    """Every quarter of an hour of nine days: contact only inside the window, on weekdays, by the agreed way, in time."""
    tried = 0
    for way, window in product(ContactWay, ContactWindow):
        ends = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
        plan = SafeContactPlan(way, "+46701740605", window, False, False, "", ends)
        opens, closes = HOURS[window.value]
        for quarter in range(9 * 24 * 4):
            at = datetime(2026, 11, 23, tzinfo=UTC) + timedelta(minutes=15 * quarter)
            local = at.astimezone(STOCKHOLM)
            may = local.weekday() < 5 and opens <= local.hour < closes and at < ends
            for by, left, machine in product(ContactWay, (False, True), (False, True)):
                agreed = may and by is way and not left and not machine
                allowed = refusal(plan, by, at, do_not_contact=left, voicemail=machine) is None
                if allowed and not agreed:
                    raise Breach("P8", f"contact by {by} at {local:%A %H:%M} with a plan for {way} in the {window}")
                assert allowed == agreed, f"the agreed hour {local:%A %H:%M} is refused"
                tried += 1
    return tried


def test_every_plan_is_kept_as_it_was_made() -> None:
    assert check_plans() == 48


def test_a_no_to_the_summary_begins_anew_and_keeps_nothing_of_it() -> None:
    def answers(number: str) -> list[tuple[Act, str]]:
        said = [(Act.CALL, ""), (Act.TOLD, number), (Act.MORNING, ""), (Act.NO, ""), (Act.NO, ""), (Act.SKIP, "")]
        return said

    assert made(*answers("070-174 06 05"), (Act.NO, ""), (Act.NONE, "")) == []
    (asked,) = made(*answers("070-174 06 05"), (Act.NO, ""), *answers("070-174 06 06"), (Act.YES, ""))
    assert asked.plan is not None and asked.plan.number == "+46701740606"


def test_contact_only_inside_the_plan() -> None:
    assert check_hours() > 20_000


@pytest.mark.parametrize("way", list(ContactWay))
def test_no_plan_no_contact(way: ContactWay) -> None:
    assert refusal(None, way, NOON) is Refusal.NO_PLAN
