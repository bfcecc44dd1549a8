"""The carrier's own client against a double of its REST API, over real HTTP."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
import uvicorn

from bot.phone.carrier import TwilioCarrier
from bot.phone.local_api import LocalApi
from bot.settings import Settings
from casework.contact.carriers import SaidStop
from casework.contact.orders import What
from casework.errands import Never, NotNow, Unsure


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[LocalApi, str]]:
    api = LocalApi()
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(api.application(), port=port, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield api, f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(5)


@pytest.fixture
def api(served: tuple[LocalApi, str]) -> LocalApi:
    api, _ = served
    api.sent.clear()
    api.deleted.clear()
    api.rung.clear()
    api.failing, api.code = 0, 20000
    return api


def settings(base: str) -> Settings:
    return Settings(twilio_account_sid="AC1", twilio_auth_token="token", twilio_from="+46700000001", twilio_api=base)


@pytest.fixture
def carrier(served: tuple[LocalApi, str]) -> TwilioCarrier:
    return TwilioCarrier(settings(served[1]))


def test_number_and_text_are_in_no_log_and_in_no_memory(
    api: LocalApi, carrier: TwilioCarrier, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    carrier.send_sms("+46701740605", "Hej hemligt")
    assert caplog.records, "the connection itself is logged at this level: the test looks in the right place"
    assert "701740605" not in caplog.text and "hemligt" not in caplog.text
    assert "hemligt" not in repr(vars(carrier._client.http_client))


def test_it_sends_and_deletes(api: LocalApi, carrier: TwilioCarrier) -> None:
    name = carrier.send_sms("+46701740605", "Hej å")
    assert api.sent == [("+46701740605", "Hej å")] and name.startswith("SM")
    carrier.delete_message(name)
    carrier.delete_call("CA1")
    assert api.deleted == [name, "CA1"]


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, Never), (401, Never), (429, NotNow), (500, Unsure), (503, Unsure)],
)
def test_what_a_refusal_means(api: LocalApi, carrier: TwilioCarrier, status: int, error: type[Exception]) -> None:
    api.failing = status
    with pytest.raises(error) as raised:
        carrier.send_sms("+46701740605", "hemligt")
    assert "hemligt" not in repr(raised.value) and "701740605" not in repr(raised.value)


def test_what_is_gone_is_deleted(api: LocalApi, carrier: TwilioCarrier) -> None:
    api.failing = 404
    carrier.delete_message("SM1")
    api.failing = 409
    with pytest.raises(NotNow):
        carrier.delete_call("CA1")


def test_nobody_there() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    away = TwilioCarrier(settings(f"http://127.0.0.1:{port}"))
    with pytest.raises(NotNow):
        away.send_sms("+46701740605", "Hej")
    with pytest.raises(NotNow):
        away.delete_call("CA1")
    with pytest.raises(NotNow):
        away.ring(What.RING_DESK, "+46104160000", "name", voicemail=False)


def test_it_rings_the_desk_and_waits_to_know_who_answers_at_the_persons(
    api: LocalApi, served: tuple[LocalApi, str]
) -> None:
    public = replace(settings(served[1]), public_url="https://enrum.example/")
    carrier = TwilioCarrier(public)
    assert carrier.ring(What.RING_DESK, "+46104160000", "name", voicemail=True).startswith("CA")
    carrier.ring(What.RING_PERSON, "+46701740605", "name", voicemail=False)
    carrier.ring(What.RING_PERSON, "+46701740605", "name", voicemail=True)
    desk, person, _ = api.rung
    assert desk["Url"] == "https://enrum.example/twilio/call-back/desk?c=name"
    assert person["Url"] == "https://enrum.example/twilio/call-back/person?c=name"
    assert person["StatusCallback"] == "https://enrum.example/twilio/status?c=name&g=person"
    detection = [call.get("MachineDetection") for call in api.rung]
    assert detection == [None, "Enable", "DetectMessageEnd"]
    assert not any("Async" in name or "Record" in name for call in api.rung for name in call)


def test_who_said_stop_to_the_carrier_said_it_to_us(api: LocalApi, carrier: TwilioCarrier) -> None:
    api.failing, api.code = 400, 21610
    with pytest.raises(SaidStop):
        carrier.send_sms("+46701740605", "Hej")
