"""The carrier's REST API, by its own client. Blocking: called off the event loop, by the delivery only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from requests.exceptions import ConnectionError as NoConnection
from requests.exceptions import ConnectTimeout, RequestException
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from bot.settings import Settings
from casework.contact.carriers import SaidStop
from casework.contact.orders import What
from casework.errands import Never, NotNow, Unsure

TIMEOUT = 10.0
"""Seconds."""
RINGS_FOR = 25
"""Seconds, of the carrier's 60: most answering machines of the operators come on later."""
PERSON_SAID_STOP = 21610
"""The carrier's own number for it: it keeps a list too, of those who wrote STOP to our number."""
LEGS = {What.RING_DESK: "desk", What.RING_PERSON: "person"}


class _Quiet(TwilioHttpClient):  # type: ignore[misc]
    """The library's client without its logs, which hold whole answers with number and text, and without its memory of the
    last request. Another address in front is for a carrier's double.
    """

    def __init__(self, base: str) -> None:
        super().__init__(timeout=TIMEOUT)
        self._base = urlsplit(base)

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        if self._base.netloc:
            asked = urlsplit(url)
            url = urlunsplit((self._base.scheme, self._base.netloc, asked.path, asked.query, ""))
        try:
            return super().request(method, url, *args, **kwargs)
        finally:
            self._test_only_last_request = self._test_only_last_response = None

    def log_request(self, kwargs: dict[str, Any]) -> None: ...

    def log_response(self, status_code: int, response: Any) -> None: ...


class TwilioCarrier:
    """`casework.contact.carriers.Carrier` over Twilio."""

    def __init__(self, settings: Settings) -> None:
        self._client = Client(
            settings.twilio_account_sid, settings.twilio_auth_token, http_client=_Quiet(settings.twilio_api)
        )
        self._from = settings.twilio_from
        base = settings.public_url.rstrip("/")
        self._base = base
        self._report = {"status_callback": f"{base}/twilio/status"} if base else {}

    def send_sms(self, number: str, text: str) -> str:
        with _said_plainly():
            sent = self._client.messages.create(to=number, from_=self._from, body=text, **self._report)
        return str(sent.sid)

    def ring(self, what: What, number: str, name: str, *, voicemail: bool) -> str:
        """Nothing is asked to be said, and no address is asked for, before the carrier knows who answered at the person's."""
        leg, detect = LEGS[what], {}
        if what is What.RING_PERSON:
            detect["machine_detection"] = "DetectMessageEnd" if voicemail else "Enable"
        with _said_plainly():
            call = self._client.calls.create(
                to=number,
                from_=self._from,
                url=f"{self._base}/twilio/call-back/{leg}?c={name}",
                status_callback=f"{self._base}/twilio/status?c={name}&g={leg}",
                timeout=RINGS_FOR,
                **detect,
            )
        return str(call.sid)

    def delete_message(self, name: str) -> None:
        self._delete(self._client.messages(name))

    def delete_call(self, name: str) -> None:
        self._delete(self._client.calls(name))

    @staticmethod
    def _delete(what: Any) -> None:
        """A copy that is not there is deleted; one that is still in use (409) is tried again."""
        try:
            what.delete()
        except TwilioRestException as error:
            if error.status == 404:
                return
            raise (NotNow if error.status == 409 else _meant(error)) from None
        except RequestException:
            raise NotNow from None


@contextmanager
def _said_plainly() -> Iterator[None]:
    """The client's errors as those of the delivery, which hold nothing of what was asked."""
    try:
        yield
    except TwilioRestException as error:
        raise _meant(error) from None
    except ConnectTimeout:
        raise NotNow from None
    except NoConnection as error:
        # Refused before anything was sent, or cut off in the middle: only the first may be tried again.
        raise (NotNow if "NewConnectionError" in repr(error) else Unsure) from None
    except RequestException:
        raise Unsure from None


def _meant(error: TwilioRestException) -> Exception:
    """429: nothing was taken, try later. 5xx: nobody knows. The rest will never be taken."""
    if error.code == PERSON_SAID_STOP:
        return SaidStop()
    if error.status == 429:
        return NotNow()
    return Unsure() if error.status >= 500 else Never()
