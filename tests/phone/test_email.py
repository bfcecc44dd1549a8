"""E-mail: only to somebody whose plan says so, as neutral as an SMS, over a real SMTP server, once."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email import message_from_bytes
from email.message import Message
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select

from bot.composition import House
from bot.phone.routes import Phone
from bot.phone.setting_up import phone_of
from bot.settings import BadSetting, from_environment
from casework.contact.orders import Status
from casework.errands import Never, NotNow, Unsure
from casework.letters import Letter, MailServer
from casework.records import Handover, Outgoing
from safety.safe_contact import ContactWay, ContactWindow, Refusal, SafeContactPlan
from screening.events import HandoverKind, HandoverRequested
from tests.conftest import Clock

ANNA, SENDER = "anna@example.test", "planering@example.test"


@dataclass
class Postbox:
    """A handler of the SMTP server. `says` is its answer to a message; `gone` closes the line instead."""

    got: list[Message] = field(default_factory=list)
    says: str = "250 OK"
    gone: bool = False

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address.startswith("nobody@"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.gone:
            server.transport.close()
            return "250 OK"
        if self.says.startswith("250"):
            self.got.append(message_from_bytes(envelope.content))
        return self.says


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
def url(postbox: Postbox) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(postbox, hostname="127.0.0.1", port=port)
    server.start()
    yield f"smtp://127.0.0.1:{port}"
    server.stop()


@pytest.fixture
def phone(house: House, url: str) -> Phone:
    settings = replace(house.settings, twilio_from="", smtp_url=url, smtp_from=SENDER)
    return phone_of(replace(house, settings=settings))


def request_of(house: House, clock: Clock, way: ContactWay, *, remind: bool = False) -> str:
    opened = house.intake.open(agency=house.agency.id, programme="sius", channel="web", locale="sv")
    turn = house.intake.begin(opened.id)
    until = clock() + timedelta(days=30)
    plan = SafeContactPlan(
        way, "+46701740605", ContactWindow.ANY_TIME, False, False, "", until, email=ANNA, remind=remind
    )
    turn.events.append(HandoverRequested(HandoverKind.CONTACT, False, plan=plan))
    house.intake.commit(turn)
    with house.records.reading() as session:
        return session.scalars(select(Handover.id).where(Handover.conversation_id == opened.id)).one()


def run(phone: Phone) -> None:
    assert phone.delivery is not None
    phone.delivery.run()


def outgoing(house: House) -> Outgoing:
    with house.records.reading() as session:
        return session.scalars(select(Outgoing)).one()


def test_one_neutral_message_in_one_plain_part(
    house: House, phone: Phone, postbox: Postbox, clock: Clock, tmp_path: Any
) -> None:
    asked = request_of(house, clock, ContactWay.EMAIL)
    for _ in range(3):
        assert phone.send_by_plan(asked, "k", "kim") is None
        run(phone)
    (mail,) = postbox.got
    assert (mail["From"], mail["To"], mail["Subject"]) == (SENDER, ANNA, "Planering")
    assert mail["Auto-Submitted"] == "auto-generated" and mail.get_content_type() == "text/plain"
    text = mail.get_payload(decode=True).decode()  # type: ignore[union-attr]
    assert text.strip() == "Hej. Ring oss när det passar."
    everything = "\n".join([*(f"{name}: {value}" for name, value in mail.items()), text])
    assert house.catalogue.sensitive_words(everything) == [] and house.agency.name not in everything
    row = outgoing(house)
    assert (row.status, row.order) == (Status.SENT, None)
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("enrum.db*"))
    assert ANNA.encode() not in kept


@pytest.mark.parametrize("way", [ContactWay.CALL, ContactWay.SMS])
def test_nobody_gets_e_mail_who_did_not_choose_it(
    house: House, phone: Phone, postbox: Postbox, clock: Clock, way: ContactWay
) -> None:
    phone.send_by_plan(request_of(house, clock, way), "k", "kim")
    run(phone)
    assert postbox.got == []


def test_a_reminder_only_where_it_was_asked_for(house: House, phone: Phone, postbox: Postbox, clock: Clock) -> None:
    plain = request_of(house, clock, ContactWay.EMAIL)
    assert phone.send_by_plan(plain, "k", "kim", remind=True) is Refusal.NOT_ASKED_FOR
    wished = request_of(house, clock, ContactWay.EMAIL, remind=True)
    assert phone.send_by_plan(wished, "k", "kim", remind=True) is None
    run(phone)
    assert len(postbox.got) == 1


def test_it_is_decided_again_when_it_goes_out(house: House, phone: Phone, postbox: Postbox, clock: Clock) -> None:
    assert phone.send_by_plan(request_of(house, clock, ContactWay.EMAIL), "k", "kim") is None
    clock.pass_by(hours=10)
    run(phone)
    assert postbox.got == [] and outgoing(house).refusal == Refusal.OUTSIDE_WINDOW


@pytest.mark.parametrize(("says", "error"), [("451 later", NotNow), ("554 no", Never), ("250 OK", None)])
def test_what_the_server_says(url: str, postbox: Postbox, says: str, error: type[Exception] | None) -> None:
    postbox.says = says
    server = MailServer(url, SENDER)
    if error is None:
        server.send(Letter((ANNA,), "Hej", "åäö"))
        return
    with pytest.raises(error) as raised:
        server.send(Letter((ANNA,), "Hej", "hemligt"))
    assert "hemligt" not in repr(raised.value) and ANNA not in repr(raised.value)


def test_an_address_that_is_not_there_and_a_server_that_goes(url: str, postbox: Postbox) -> None:
    with pytest.raises(Never):
        MailServer(url, SENDER).send(Letter(("nobody@example.test",), "Hej", "Hej"))
    with pytest.raises(NotNow):
        MailServer("smtp://127.0.0.1:9", SENDER).send(Letter((ANNA,), "Hej", "Hej"))
    postbox.gone = True
    with pytest.raises(Unsure):
        MailServer(url, SENDER).send(Letter((ANNA,), "Hej", "Hej"))


def test_a_sender_that_names_the_agency_needs_a_yes_to_that(
    house: House, url: str, postbox: Postbox, clock: Clock
) -> None:
    settings = replace(
        house.settings, twilio_from="", smtp_url=url, smtp_from="noreply@arbetsformedlingen.example.test"
    )
    phone = phone_of(replace(house, settings=settings))
    asked = request_of(house, clock, ContactWay.EMAIL)
    assert phone.send_by_plan(asked, "k", "kim") is Refusal.NAMES_AGENCY
    run(phone)
    assert postbox.got == []


def test_settings_that_cannot_be_used_are_named_without_their_password() -> None:
    for url in ("mail.example", "http://mail.example", "smtp://name@mail.example", "smtps://name:hemligt@mail.example"):
        with pytest.raises(BadSetting, match="ENRUM_SMTP_URL") as raised:
            from_environment({"ENRUM_SMTP_URL": url, "ENRUM_SMTP_FROM": SENDER})
        assert "hemligt" not in str(raised.value)
    for sender in ("Enrum", "0700000001", "+46700000001 "):
        with pytest.raises(BadSetting, match="ENRUM_TWILIO_FROM"):
            from_environment({"ENRUM_TWILIO_FROM": sender})
    with pytest.raises(BadSetting, match="ENRUM_SMTP_FROM"):
        from_environment({"ENRUM_SMTP_URL": "smtps://mail.example"})
