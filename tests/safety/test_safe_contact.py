"""Every decision of the dispatcher's rule: plan × time × channel × state. A contact is allowed only if nothing speaks against it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from safety.safe_contact import (
    ZONE,
    Contact,
    ContactWay,
    ContactWindow,
    Ground,
    Refusal,
    SafeContactPlan,
    World,
    decide,
    refusal,
)
from screening.catalogue.agency import day_off

NUMBER = "+46700000000"
TIMES = [
    datetime(2026, 11, 23, 7, 59, tzinfo=ZONE),  # Monday, a minute early
    datetime(2026, 11, 23, 8, 0, tzinfo=ZONE),
    datetime(2026, 11, 23, 11, 59, tzinfo=ZONE),
    datetime(2026, 11, 23, 12, 0, tzinfo=ZONE),
    datetime(2026, 11, 23, 16, 59, tzinfo=ZONE),
    datetime(2026, 11, 23, 17, 0, tzinfo=ZONE),
    datetime(2026, 11, 23, 3, 0, tzinfo=ZONE),
    datetime(2026, 11, 28, 10, 0, tzinfo=ZONE),  # Saturday
    datetime(2026, 12, 24, 10, 0, tzinfo=ZONE),  # an eve on which agencies are closed
    datetime(2027, 1, 6, 10, 0, tzinfo=ZONE),  # Epiphany, a Wednesday
    datetime(2027, 7, 1, 7, 30, tzinfo=UTC),  # 9:30 in summer time
]
HOURS = {ContactWindow.MORNING: (8, 12), ContactWindow.AFTERNOON: (12, 17), ContactWindow.ANY_TIME: (8, 17)}
FAR = datetime(2028, 1, 1, tzinfo=UTC)
PLANS = [None] + [
    SafeContactPlan(way, NUMBER, window, voicemail, False, "", expires, remind=remind)
    for way, window, voicemail, remind, expires in product(
        ContactWay, ContactWindow, (True, False), (True, False), (FAR, datetime(2026, 1, 1, tzinfo=UTC))
    )
    # A machine speaks for a call alone, and nobody is reminded by one.
    if not (voicemail and way is not ContactWay.CALL) and not (remind and way is ContactWay.CALL and voicemail)
]
NEUTRAL = "Hej, ring oss."


def against(contact: Contact, world: World) -> set[Refusal]:
    """Everything that speaks against a contact with neutral words, each looked at by itself."""
    local, plan = world.at.astimezone(ZONE), contact.plan
    found = set()
    if world.do_not_contact and contact.ground is not Ground.FAREWELL:
        found.add(Refusal.DO_NOT_CONTACT)
    if contact.ground in (Ground.ANSWER, Ground.FAREWELL):
        fresh = world.heard_at is not None and world.at - world.heard_at <= timedelta(minutes=10)
        if not fresh or contact.way is not ContactWay.SMS:
            found.add(Refusal.NO_PLAN)
        return found
    if contact.ground is Ground.INVITATION and (contact.way is not ContactWay.SMS or not world.invite_by_sms):
        found.add(Refusal.NO_SMS_INVITATIONS)
    by_plan = contact.ground in (Ground.PLAN, Ground.REMINDER)
    if by_plan and plan is None:
        return found | {Refusal.NO_PLAN}
    if contact.ground is Ground.REMINDER and plan is not None and (not plan.remind or contact.way is ContactWay.CALL):
        found.add(Refusal.NOT_ASKED_FOR)
    window = ContactWindow.ANY_TIME
    if by_plan and plan is not None:
        window = plan.window
        if plan.expires_at <= world.at:
            found.add(Refusal.EXPIRED)
        if plan.way != contact.way:
            found.add(Refusal.OTHER_WAY)
        if contact.voicemail and not plan.voicemail:
            found.add(Refusal.NO_VOICEMAIL)
        if world.attempts >= 3:
            found.add(Refusal.TOO_MANY_ATTEMPTS)
    opens, closes = HOURS[window]
    if local.isoweekday() > 5 or local.hour < opens or local.hour >= closes:
        found.add(Refusal.OUTSIDE_WINDOW)
    if (local.month, local.day) in {(12, 24), (1, 6)}:
        found.add(Refusal.DAY_OFF)
    if not world.agency_open:
        found.add(Refusal.CLOSED)
    return found


def test_the_whole_table() -> None:
    decided: Counter[Refusal | None] = Counter()
    for at, gone, is_open, tries, invites in product(TIMES, (True, False), (True, False), (0, 3), (True, False)):
        for heard in (None, at - timedelta(minutes=1), at - timedelta(minutes=11)):
            world = World(
                at=at,
                do_not_contact=gone,
                day_off=day_off,
                agency_open=is_open,
                attempts=tries,
                heard_at=heard,
                invite_by_sms=invites,
                sensitive_words=lambda text: [],
            )
            for plan, ground, way, voicemail in product(PLANS, Ground, ContactWay, (True, False)):
                contact = Contact(ground, way, plan, "" if way is ContactWay.CALL else NEUTRAL, voicemail)
                verdict, reasons = decide(contact, world), against(contact, world)
                assert (verdict is None) == (not reasons), (contact, world, verdict, reasons)
                assert verdict is None or verdict in reasons, (contact, world, verdict, reasons)
                decided[verdict] += 1
    words = {Refusal.NOT_NEUTRAL, Refusal.TOO_LONG, Refusal.NAMES_AGENCY, Refusal.FOREIGN_LINK}
    assert set(decided) == {None, *Refusal} - words, "a reason that the table never gives"
    assert decided.total() == len(TIMES) * 16 * 3 * len(PLANS) * 5 * 3 * 2 == 681_120


@pytest.fixture
def allowed() -> tuple[Contact, World]:
    plan = SafeContactPlan(ContactWay.SMS, NUMBER, ContactWindow.ANY_TIME, False, False, "", FAR)
    world = World(
        TIMES[1],
        sensitive_words=lambda text: ["våld"] if "våld" in text else [],
        agency_name="Arbetsförmedlingen",
        link_base="https://plan.example",
    )
    return Contact(Ground.PLAN, ContactWay.SMS, plan, NEUTRAL), world


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (NEUTRAL, None),
        ("", Refusal.NOT_NEUTRAL),
        ("  ", Refusal.NOT_NEUTRAL),
        ("Frågor om våld", Refusal.NOT_NEUTRAL),
        ("a" * 160, None),
        ("a" * 161, Refusal.TOO_LONG),
        ("Hej – ring oss", Refusal.TOO_LONG),
        ("Hej från arbetsförmedlingen", Refusal.NAMES_AGENCY),
        ("Här: https://plan.example/i/abc", None),
        ("Här: https://plan.example.evil.test/i/abc", Refusal.FOREIGN_LINK),
        ("Här: http://plan.example/i/abc", Refusal.FOREIGN_LINK),
        ("Här: www.annat.test", Refusal.FOREIGN_LINK),
    ],
)
def test_the_words_of_an_sms(allowed: tuple[Contact, World], text: str, why: Refusal | None) -> None:
    contact, world = allowed
    assert decide(replace(contact, text=text), world) == why


def test_an_e_mail_is_as_neutral_as_an_sms_and_may_be_longer(allowed: tuple[Contact, World]) -> None:
    contact, world = allowed
    assert contact.plan is not None
    mail = replace(contact, way=ContactWay.EMAIL, plan=replace(contact.plan, way=ContactWay.EMAIL, email="a@b.test"))
    assert decide(replace(mail, text="a" * 161), world) is None
    for text, why in (
        ("Frågor om våld\nHej", Refusal.NOT_NEUTRAL),
        ("Hej\nSe www.annat.test", Refusal.FOREIGN_LINK),
        ("Arbetsförmedlingen\nHej", Refusal.NAMES_AGENCY),
    ):
        assert decide(replace(mail, text=text), world) is why
    assert decide(mail, replace(world, do_not_contact=True)) is Refusal.DO_NOT_CONTACT
    assert decide(replace(mail, plan=contact.plan), world) is Refusal.OTHER_WAY


def test_the_agency_may_be_named_where_the_person_said_so(allowed: tuple[Contact, World]) -> None:
    contact, world = allowed
    assert contact.plan is not None
    named = replace(contact, plan=replace(contact.plan, say_agency=True), text="Hej från Arbetsförmedlingen")
    assert decide(named, world) is None


@pytest.mark.parametrize(
    ("sender", "why"),
    [
        ("planering@kontakt.example", None),
        ("+46700000001", None),
        ("noreply@arbetsformedlingen.example", Refusal.NAMES_AGENCY),
        ("Arbets-Förmedlingen <noreply@kontakt.example>", Refusal.NAMES_AGENCY),
        ("våld@kontakt.example", Refusal.NOT_NEUTRAL),
    ],
)
def test_the_sender_is_read_as_well(allowed: tuple[Contact, World], sender: str, why: Refusal | None) -> None:
    contact, world = allowed
    assert contact.plan is not None
    assert decide(replace(contact, sender=sender), world) is why
    plan = replace(contact.plan, say_agency=True)
    named = why if why is Refusal.NOT_NEUTRAL else None
    assert decide(replace(contact, sender=sender, plan=plan), world) is named


def test_the_address_of_a_link_is_the_agencys_to_choose(allowed: tuple[Contact, World]) -> None:
    contact, world = allowed
    world = replace(world, link_base="https://plan.arbetsformedlingen.example")
    assert decide(replace(contact, text="Här: https://plan.arbetsformedlingen.example/i/abc"), world) is None


def test_without_a_word_list_no_word_goes_out(allowed: tuple[Contact, World]) -> None:
    contact, world = allowed
    assert decide(contact, replace(world, sensitive_words=None)) is Refusal.NOT_NEUTRAL
    assert (
        decide(replace(contact, text="Se https://plan.example/"), replace(world, link_base="")) is Refusal.FOREIGN_LINK
    )


def test_the_window_is_in_the_time_of_the_place_where_the_person_is(allowed: tuple[Contact, World]) -> None:
    contact, world = allowed
    assert contact.plan is not None
    away = replace(contact, plan=replace(contact.plan, zone="America/New_York"))
    assert decide(away, world) is Refusal.OUTSIDE_WINDOW
    assert decide(away, replace(world, at=datetime(2026, 11, 23, 9, 0, tzinfo=UTC) + timedelta(hours=6))) is None


def test_an_answer_is_not_sent_before_it_was_asked_for(allowed: tuple[Contact, World]) -> None:
    _, world = allowed
    early = replace(world, heard_at=world.at + timedelta(minutes=1))
    assert decide(Contact(Ground.ANSWER, ContactWay.SMS, None, NEUTRAL), early) is Refusal.NO_PLAN


def test_the_desk_goes_by_the_same_rule(allowed: tuple[Contact, World]) -> None:
    contact, world = allowed
    assert contact.plan is not None
    for at in TIMES:
        said = decide(contact, replace(world, at=at, day_off=day_off))
        assert refusal(contact.plan, ContactWay.SMS, at, day_off=day_off) == said
    assert refusal(None, ContactWay.CALL, world.at) is Refusal.NO_PLAN
    assert refusal(contact.plan, ContactWay.SMS, world.at, attempts=3) is Refusal.TOO_MANY_ATTEMPTS
    assert refusal(contact.plan, ContactWay.SMS, world.at, agency_open=False) is Refusal.CLOSED
    assert refusal(contact.plan, ContactWay.SMS, world.at, do_not_contact=True) is Refusal.DO_NOT_CONTACT
