"""News goes out at least once, signed, without content; a fault in one way out holds up neither the others nor the desk."""

from __future__ import annotations

import json
import ssl
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.message import Message
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cloudevents.http import from_http
from sqlalchemy import select
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from casework.errands import LOST_AFTER
from casework.handover import ContactNote, HandoverDesk
from casework.intake import Intake
from casework.letters import MailServer
from casework.out.chatwoot import Chatwoot
from casework.out.delivery import BACK_OFF, Messenger, Status
from casework.out.mail import Mail
from casework.out.way import Never, News, NotNow, What
from casework.out.webhook import BadSecret, Webhook, key_of
from casework.outbox import again, summary
from casework.records import Notice, Records
from screening.events import HandoverCancelled, HandoverKind, HandoverRequested, Outcome
from tests.casework.chatwoot_double import ChatwootDouble
from tests.casework.conftest import NUMBER
from tests.casework.local_server import Received, free_port, local_server

SECRET = "whsec_" + b64encode(b"k" * 32).decode()
CHAT = HandoverRequested(HandoverKind.CHAT, urgent=True)


class Told:
    """A way out that notes what it is told, and fails as planned."""

    def __init__(self, name: str = "told", wants: frozenset[What] = frozenset(What)) -> None:
        self.name, self.wants = name, wants
        self.news: list[News] = []
        self.fails: list[Exception] = []

    def tell(self, news: News) -> str:
        self.news.append(news)
        if self.fails:
            raise self.fails.pop(0)
        return "their name"

    @property
    def whats(self) -> list[str]:
        return [one.what.value.removeprefix("handover.") for one in self.news]


@pytest.fixture
def out(records: Records, clock) -> Callable[..., Messenger]:
    def out(*ways) -> Messenger:
        records.ways_out = {way.name: way.wants for way in ways}
        return Messenger(records, ways, clock)

    return out


def statuses(records: Records) -> list[str]:
    with records.reading() as session:
        return sorted(row.status for row in session.scalars(select(Notice)))


def test_what_happens_to_a_request_is_told_in_order(out, opened, take_turn, desk: HandoverDesk, kim, clock) -> None:
    told = Told()
    messenger = out(told)
    handover = take_turn(opened, CHAT).handover.id
    desk.claim(handover, kim)
    clock.pass_(minutes=1)
    desk.end(handover, kim)
    while messenger.run():
        pass
    assert told.whats[0] == "waiting" and sorted(told.whats) == ["claimed", "closed", "waiting"]
    assert {one.handover_id for one in told.news} == {handover}
    assert len({one.id for one in told.news}) == 3
    assert [one.reference for one in told.news] == ["", "their name", "their name"]


def test_every_way_that_a_request_can_end(out, begin, take_turn, intake: Intake, desk, kim, plan) -> None:
    told = Told()
    messenger = out(told)
    left, cancelled, contact = begin(), begin(), begin()
    take_turn(left, CHAT)
    take_turn(cancelled, CHAT)
    take_turn(cancelled, HandoverCancelled())
    called = take_turn(contact, HandoverRequested(HandoverKind.CONTACT, urgent=False, plan=plan)).handover.id
    desk.claim(called, kim)
    desk.done(called, kim, ContactNote.REACHED)
    intake.end(left.id, Outcome.LEFT)
    while messenger.run():
        pass
    assert sorted(told.whats) == sorted(["waiting", "left", "waiting", "cancelled", "waiting", "claimed", "closed"])
    assert {one.kind for one in told.news if one.handover_id == called} == {"contact"}


def test_each_way_gets_only_what_it_wants_under_the_same_id(out, opened, take_turn, intake, records) -> None:
    some, all_ = Told("some", frozenset({What.WAITING})), Told("all")
    messenger = out(some, all_)
    take_turn(opened, CHAT)
    intake.end(opened.id, Outcome.LEFT)
    while messenger.run():
        pass
    assert (some.whats, all_.whats) == (["waiting"], ["waiting", "left"])
    assert some.news[0].id == all_.news[0].id


def test_without_a_way_out_nothing_is_written(out, opened, take_turn, records: Records) -> None:
    messenger = out()
    take_turn(opened, CHAT)
    assert statuses(records) == []
    assert messenger.run() == 0


def test_a_turn_that_fails_tells_nothing(out, records: Records, opened, intake, monkeypatch) -> None:
    out(Told())
    turn = intake.begin(opened.id)
    turn.events.append(CHAT)
    monkeypatch.setattr("casework.intake.keep", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        intake.commit(turn)
    assert statuses(records) == []


def test_what_is_not_taken_is_tried_again_ever_later_and_then_put_aside(out, opened, take_turn, clock, records) -> None:
    told = Told()
    messenger = out(told)
    told.fails = [NotNow("x") for _ in range(20)]
    take_turn(opened, CHAT)
    for wait in BACK_OFF:
        assert messenger.run() == 1
        assert messenger.run() == 0
        clock.at += wait - timedelta(seconds=1)
        assert messenger.run() == 0
        clock.pass_(seconds=1)
    assert messenger.run() == 1
    assert statuses(records) == [Status.DEAD]
    assert len(told.news) == len(BACK_OFF) + 1
    assert len({one.id for one in told.news}) == 1
    clock.pass_(days=30)
    assert messenger.run() == 0
    told.fails.clear()
    (line,) = summary(records)
    assert (line.what, line.status, line.n, line.tries) == ("news/told", "dead", 1, len(BACK_OFF) + 1)
    assert again(records, clock()) == 1
    assert messenger.run() == 1
    assert statuses(records) == [Status.TOLD]


def test_later_news_waits_for_the_first(out, opened, take_turn, intake, clock) -> None:
    told = Told()
    messenger = out(told)
    told.fails = [NotNow("x", "half way")]
    take_turn(opened, CHAT)
    messenger.run()
    intake.end(opened.id, Outcome.LEFT)
    assert messenger.run() == 0
    clock.at += BACK_OFF[0]
    while messenger.run():
        pass
    assert told.whats == ["waiting", "waiting", "left"]
    assert told.news[1].reference == "half way"


@pytest.mark.parametrize("fault", [Never("x"), NotNow("x"), ValueError("of ours")], ids=lambda f: type(f).__name__)
def test_one_way_that_fails_holds_up_no_other(out, opened, take_turn, fault, records) -> None:
    bad, good = Told("bad"), Told("good")
    bad.fails = [fault]
    messenger = out(bad, good)
    take_turn(opened, CHAT)
    messenger.run()
    assert good.whats == ["waiting"]
    assert statuses(records) == sorted(["dead" if isinstance(fault, Never) else "waiting", "told"])


def test_what_a_dead_process_was_telling_is_told_again(out, opened, take_turn, clock) -> None:
    class Died(BaseException):
        """The process is killed while it tells."""

    told = Told()
    messenger = out(told)
    told.fails = [Died()]  # type: ignore[list-item]
    take_turn(opened, CHAT)
    with pytest.raises(Died):
        messenger.run()
    assert messenger.run() == 0
    clock.at += LOST_AFTER
    assert messenger.run() == 1
    assert told.whats == ["waiting", "waiting"]


def test_two_processes_tell_a_piece_of_news_once(out, opened, take_turn, records, clock) -> None:
    told = Told()
    one = out(told)
    two = Messenger(records, [told], clock)
    take_turn(opened, CHAT)
    with records.reading() as session:
        (name,) = [tuple(row) for row in session.execute(one._due(clock()))]
    assert two.run() == 1
    assert one._one(name) is False
    assert told.whats == ["waiting"]


# The webhook, over a real socket, read by the two standards' own libraries.


@contextmanager
def answering(status: int) -> Iterator:
    with local_server(lambda _: (status, {})) as server:
        yield server


def test_the_webhook_is_signed_and_a_cloud_event_without_content(out, opened, take_turn, clock, database) -> None:
    with answering(204) as server:
        messenger = out(Webhook(f"{server.url}/hook?x=1", key_of(SECRET), "urn:enrum:af", clock))
        clock.at = clock.at.now(clock.at.tzinfo)  # the library that checks has the real clock
        handover = take_turn(opened, CHAT, says=["hemligt"]).handover.id
        assert messenger.run() == 1
    (one,) = server.received
    assert one.path == "/hook?x=1"
    assert Verifier(SECRET).verify(one.body, one.headers)
    event = from_http(one.headers, one.body)
    assert (event["specversion"], event["type"], event["source"]) == ("1.0", "enrum.handover.waiting", "urn:enrum:af")
    assert (event["subject"], event["id"]) == (handover, one.headers["webhook-id"])
    assert event.data == {"handover": handover, "kind": "chat"}
    assert set(json.loads(one.body)) == {
        "specversion", "id", "source", "type", "subject", "time", "datacontenttype", "data",
    }  # fmt: skip
    for wrong in ({"webhook-id": "x"}, {"webhook-timestamp": str(int(one.headers["webhook-timestamp"]) + 1)}):
        with pytest.raises(WebhookVerificationError):
            Verifier(SECRET).verify(one.body, one.headers | wrong)
    with pytest.raises(WebhookVerificationError):
        Verifier(SECRET).verify(one.body.replace(b"chat", b"left"), one.headers)


@pytest.mark.parametrize(
    ("status", "then"),
    [(200, "told"), (204, "told"), (302, "waiting"), (400, "waiting"), (410, "dead"), (500, "waiting")],
)
def test_only_a_success_counts(out, opened, take_turn, clock, records, database, status: int, then: str) -> None:
    with answering(status) as server:
        messenger = out(Webhook(server.url, key_of(SECRET), "urn:enrum:af", clock))
        take_turn(opened, CHAT)
        messenger.run()
    assert statuses(records) == [then]
    assert len(server.received) == 1  # a redirect is not followed


@pytest.mark.parametrize("written", ["", "whsec_", "x" * 40, "whsec_åäö", "whsec_" + b64encode(b"k" * 23).decode()])
def test_what_is_no_secret_is_refused(written: str) -> None:
    with pytest.raises(BadSecret):
        key_of(written)


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


def mail(port: int, scheme: str = "smtp", user: str = "", **server: object) -> Mail:
    url = f"{scheme}://{user}127.0.0.1:{port}"
    where = MailServer(url, "enrum@example.se", **server)  # type: ignore[arg-type]
    return Mail(where, ["desk@example.se", "b@example.se"], "Någon väntar", "Någon väntar: länk\n")


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


def opened_at():
    from datetime import UTC, datetime

    return datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


# Chatwoot, over a real socket, held to its documented schema.


@pytest.fixture
def chatwoot(out) -> Iterator[tuple[ChatwootDouble, Callable[..., Messenger]]]:
    double = ChatwootDouble()

    def checked(request: Received):
        return double.answer(request)

    with local_server(checked) as server:

        def messenger(inbox: str = "inbox-1", token: str = "") -> Messenger:
            way = Chatwoot(server.url, inbox, "https://enrum.test/desk", "Någon väntar", "Väntar: {link}", token)
            return out(way)

        yield double, messenger


def test_who_waits_becomes_a_conversation_with_a_link_and_is_resolved(
    chatwoot, opened, take_turn, desk, kim, records, database
) -> None:
    double, made = chatwoot
    messenger = made()
    handover = take_turn(opened, CHAT, says=["hemligt"]).handover.id
    messenger.run()
    assert double.contacts == {"source-1": {"identifier": handover, "name": "Någon väntar"}}
    assert double.conversations[1]["messages"] == [f"Väntar: https://enrum.test/desk/handover/{handover}"]
    desk.claim(handover, kim)
    desk.end(handover, kim)
    messenger.run()
    assert double.conversations[1]["status"] == "resolved"
    assert statuses(records) == ["told", "told"]


@pytest.mark.parametrize("fails", ["contact", "conversation", "message", "toggle_status"])
def test_a_fault_half_way_goes_on_where_it_was(
    chatwoot, opened, take_turn, intake, clock, records, database, fails
) -> None:
    double, made = chatwoot
    messenger = made()
    double.fails = [fails]
    take_turn(opened, CHAT)
    intake.end(opened.id, Outcome.LEFT)
    for _ in range(3):
        messenger.run()
        clock.at += BACK_OFF[0]
    assert statuses(records) == ["told", "told"]
    assert (len(double.contacts), len(double.conversations)) == (1, 1)
    assert len(double.conversations[1]["messages"]) == 1
    assert double.conversations[1]["status"] == "resolved"


def test_verified_contacts(chatwoot, opened, take_turn, records, database) -> None:
    double, made = chatwoot
    double.hmac_token = "t"
    take_turn_with = made(token="t")
    take_turn(opened, CHAT)
    take_turn_with.run()
    assert statuses(records) == ["told"]


def test_an_inbox_that_is_not_there_is_given_up(chatwoot, opened, take_turn, records, database) -> None:
    _, made = chatwoot
    messenger = made(inbox="nowhere")
    take_turn(opened, CHAT)
    messenger.run()
    assert statuses(records) == ["dead"]
