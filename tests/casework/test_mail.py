"""The e-mail that says that somebody waits, and nothing else."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from email.message import Message
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from casework.letters import MailServer
from casework.out.delivery import BACK_OFF
from casework.out.mail import Mail
from casework.out.way import News, NotNow, What
from screening.events import HandoverKind, HandoverRequested
from tests.casework.conftest import NUMBER
from tests.casework.local_server import free_port
from tests.casework.told import CHAT, out, statuses

__all__ = ["out"]


# The e-mail, handed in to a real SMTP server.


class Mailbox:
    def __init__(self) -> None:
        self.letters: list[Message] = []
        self.refuse = ""

    async def handle_DATA(self, server, session, envelope) -> str:
        from email import message_from_bytes
        from email.policy import default

        if self.refuse:
            return self.refuse
        self.letters.append(message_from_bytes(envelope.content, policy=default))
        return "250 OK"


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    box = Mailbox()
    port = free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, port
    controller.stop()


def opened_at():
    from datetime import UTC, datetime

    return datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


BY_OFFICE = {"lulea": ["lulea@example.se"]}


def mail(port: int, scheme: str = "smtp", user: str = "", **server: object) -> Mail:
    url = f"{scheme}://{user}127.0.0.1:{port}"
    where = MailServer(url, "enrum@example.se", **server)  # type: ignore[arg-type]
    return Mail(where, ["desk@example.se", "b@example.se"], "Någon väntar", "Någon väntar: länk\n", BY_OFFICE)


def test_the_mail_says_that_somebody_waits_and_nothing_else(out, opened, take_turn, mailbox, plan, database) -> None:
    box, port = mailbox
    messenger = out(mail(port))
    event = HandoverRequested(HandoverKind.CONTACT, urgent=True, plan=plan)
    handover = take_turn(opened, event, says=["hemligt"]).handover.id
    messenger.run()
    (letter,) = box.letters
    assert (letter["Subject"], letter["Auto-Submitted"]) == ("Någon väntar", "auto-generated")
    assert letter["To"] == "desk@example.se, b@example.se"
    assert letter.get_content().strip() == "Någon väntar: länk"
    whole = letter.as_string()
    assert not any(word in whole for word in (NUMBER, handover, opened.id, "hemligt", "urgent", "contact"))


@pytest.mark.parametrize(
    ("office", "to"),
    [("lulea", "lulea@example.se"), ("kiruna", "desk@example.se, b@example.se"), ("", "desk@example.se, b@example.se")],
)
def test_an_office_with_addresses_of_its_own_is_told_there(
    out, begin, take_turn, mailbox, database, office, to
) -> None:
    box, port = mailbox
    messenger = out(mail(port))
    take_turn(begin(office), CHAT)
    messenger.run()
    assert [letter["To"] for letter in box.letters] == [to]
    assert "lulea" not in "".join(letter["Subject"] + letter.get_content() for letter in box.letters)


def test_a_mail_that_is_not_taken_waits(out, opened, take_turn, mailbox, clock, records, database) -> None:
    box, port = mailbox
    messenger = out(mail(port))
    box.refuse = "451 later"
    take_turn(opened, CHAT)
    messenger.run()
    assert (statuses(records), box.letters) == (["waiting"], [])
    box.refuse = ""
    clock.at += BACK_OFF[0]
    messenger.run()
    assert (statuses(records), len(box.letters)) == (["told"], 1)


def test_a_server_without_the_encryption_that_was_asked_for_gets_nothing(
    out, opened, take_turn, mailbox, records, database
):
    box, port = mailbox
    messenger = out(mail(port, "smtp+starttls"))
    take_turn(opened, CHAT)
    messenger.run()
    assert (statuses(records), box.letters) == (["waiting"], [])


def test_signing_in_at_the_mail_server_over_tls(tmp_path: Path, opened, take_turn, out, database) -> None:
    from tests.casework.certificate import make_certificate

    certificate, key = make_certificate(tmp_path)
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(certificate, key)
    trusting = ssl.create_default_context(cafile=str(certificate))
    seen: list[LoginPassword] = []

    def authenticate(server, session, envelope, mechanism, data) -> AuthResult:
        seen.append(data)
        return AuthResult(success=True)

    box, port = Mailbox(), free_port()
    controller = Controller(
        box, hostname="127.0.0.1", port=port, tls_context=server_side, require_starttls=True, auth_required=True,
        authenticator=authenticate,
    )  # fmt: skip
    controller.start()
    try:
        signed_in = {"scheme": "smtp+starttls", "user": "enrum@", "password": "a pass phrase"}
        messenger = out(mail(port, **signed_in, context=trusting))  # type: ignore[arg-type]
        take_turn(opened, CHAT)
        messenger.run()
        untrusting = News("n2", What.WAITING, "h", "chat", opened_at())
        with pytest.raises(NotNow):
            mail(port, **signed_in).tell(untrusting)  # type: ignore[arg-type]
    finally:
        controller.stop()
    assert len(box.letters) == len(seen) == 1
    assert seen[0].password == b"a pass phrase"
