"""The webhook: signed, a CloudEvent, without content."""

from __future__ import annotations

import json
from base64 import b64encode

import pytest
from cloudevents.http import from_http
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from casework.out.webhook import BadSecret, Webhook, key_of
from tests.casework.told import CHAT, SECRET, answering, out, statuses

__all__ = ["out"]


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


def test_the_office_is_an_attribute_that_can_be_routed_by(out, begin, take_turn, clock, database) -> None:
    with answering(204) as server:
        messenger = out(Webhook(server.url, key_of(SECRET), "urn:enrum:af", clock))
        handover = take_turn(begin("lulea"), CHAT).handover.id
        messenger.run()
    (one,) = server.received
    event = from_http(one.headers, one.body)
    assert (event["office"], event.data) == ("lulea", {"handover": handover, "kind": "chat"})


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
