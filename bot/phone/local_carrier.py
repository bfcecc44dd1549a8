"""A carrier on this machine, for development and tests: it signs its requests as the real one does, reads our TwiML and
waits for keys. It is a double for the carrier only; everything of ours is real.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode, urljoin
from xml.etree import ElementTree

from twilio.request_validator import RequestValidator

Post = Callable[[str, bytes, dict[str, str]], Awaitable[tuple[int, str]]]
"""POSTs to an address: (address, body, headers) to (status, text)."""
MOST_REDIRECTS = 5
PAUSE = 0.3
"""Seconds that stand for a second of waiting."""


def _nobody_listens(text: str) -> None:
    pass


@dataclass
class LocalCarrier:
    """Signs and sends webhooks. `base` is our address as the carrier knows it."""

    base: str
    auth_token: str = field(repr=False)
    account: str
    post: Post
    number: str = "+46701740606"
    """Of the range that PTS keeps free for fiction: neither this nor a caller's rings anybody."""
    most_redirects: int = MOST_REDIRECTS
    second: float | None = None
    """Seconds that stand for one. None: PAUSE."""

    async def send(self, address: str, params: dict[str, str], *, signature: str | None = None) -> tuple[int, str]:
        """One webhook. `signature` in place of the right one, to see what happens."""
        address = urljoin(self.base, address)
        told = {"AccountSid": self.account, "ApiVersion": "2010-04-01", "FromCity": "", **params}
        right = RequestValidator(self.auth_token).compute_signature(address, told)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "X-Twilio-Signature": right if signature is None else signature,
        }
        return await self.post(address, urlencode(told).encode(), headers)

    def call(self, caller: str = "+46701740605") -> LocalCall:
        return LocalCall(self, caller)

    async def sms(self, text: str, sender: str = "+46701740605", message: str = "") -> list[str]:
        """An SMS comes in. What is answered."""
        params = {"MessageSid": message or _sid("SM"), "From": sender, "To": self.number, "Body": text, "NumMedia": "0"}
        status, answer = await self.send("/twilio/sms", params)
        if status != 200:
            raise RefusedByUs(status)
        return [element.text or "" for element in ElementTree.fromstring(answer).iter("Message")]  # noqa: S314 - ours


class RefusedByUs(Exception):
    """A webhook was not answered with 200. `args[0]` is the status."""


@dataclass
class LocalCall:
    """One call as the person has it: what was heard, and keys. `requests` counts the webhooks."""

    carrier: LocalCarrier
    caller: str
    sid: str = ""
    heard: list[str] = field(default_factory=list)
    """What was said since the last key."""
    action: str = ""
    """Where the next keys go. Empty: nobody waits for any."""
    dialled: str = ""
    """The number that the call was connected to."""
    room: str = ""
    """Where it was joined with another call."""
    over: bool = False
    direction: str = "inbound"
    query: str = ""
    """What stands after the address that is told when it is over."""
    requests: int = 0
    documents: list[str] = field(default_factory=list)
    hears: Callable[[str], None] = _nobody_listens
    """Gets each text as it is said."""

    def __post_init__(self) -> None:
        self.sid = self.sid or _sid("CA")

    async def dial(self) -> LocalCall:
        """Ring, and listen to the first words."""
        await self._request("/twilio/voice", {"CallStatus": "ringing"})
        return self

    async def answer(self, address: str, who: str = "") -> LocalCall:
        """Take a call that we make. `who` is what the carrier says of the one who answers."""
        self.direction, (_, _, asked) = "outbound-api", address.partition("?")
        self.query = f"?{asked}"
        await self._request(address, {"CallStatus": "in-progress"} | ({"AnsweredBy": who} if who else {}))
        return self

    async def not_answered(self, address: str, how: str) -> None:
        """A call that we make is not taken: `busy`, `no-answer`."""
        self.direction, self.over, (_, _, asked) = "outbound-api", True, address.partition("?")
        self.query = f"?{asked}"
        await self._status(how, seconds=0)

    async def left_alone(self) -> None:
        """The other one of the two who were connected has put the phone down."""
        await self._request(self.action, {"DialCallStatus": "answered", "CallStatus": "in-progress"})

    async def press(self, *keys: str) -> LocalCall:
        """Each of `keys` is one answer: a key, or digits for a number. An empty one is silence."""
        for digits in keys:
            if self.over:
                raise RuntimeError("the call is over")
            await self._request(self.action, {"Digits": digits, "CallStatus": "in-progress"})
        return self

    async def dialled_out(self, how: str) -> LocalCall:
        """The number that was rung has answered (`completed`), or not (`no-answer`, `busy`)."""
        told = {"DialCallSid": f"{self.sid}-dialled", "DialCallDuration": "61"} if how == "completed" else {}
        await self._request(self.action, {"DialCallStatus": how, "CallStatus": "in-progress", **told})
        return self

    async def hang_up(self) -> None:
        """The person puts the phone down."""
        self.over = True
        await self._status("completed")

    @property
    def text(self) -> str:
        return " ".join(self.heard)

    async def _status(self, status: str, seconds: int = 61) -> None:
        told = {**self._params(), "CallStatus": status, "CallDuration": str(seconds)}
        await self.carrier.send(f"/twilio/status{self.query}", told)

    def _params(self) -> dict[str, str]:
        return {"CallSid": self.sid, "From": self.caller, "To": self.carrier.number, "Direction": self.direction}

    async def _request(self, address: str, params: dict[str, str]) -> None:
        self.heard = []
        for _ in range(self.carrier.most_redirects):
            self.requests += 1
            status, text = await self.carrier.send(address, {**self._params(), **params})
            if status != 200:
                raise RefusedByUs(status)
            self.documents.append(text)
            address = await self._follow(text)
            if not address:
                return
            params = {"CallStatus": "in-progress"}
        raise RuntimeError("redirected for ever")

    async def _follow(self, text: str) -> str:
        """Do what the document says. An address to go on to at once, or nothing."""
        self.action = ""
        for verb in ElementTree.fromstring(text):  # noqa: S314 - ours
            match verb.tag:
                case "Say":
                    self._hear(verb)
                case "Gather":
                    for said in verb.iter("Say"):
                        self._hear(said)
                    self.action = verb.attrib["action"]
                    return ""
                case "Dial" if verb.find("Conference") is not None:
                    self.room, self.action = "".join(verb.itertext()), verb.attrib["action"]
                    return ""
                case "Dial":
                    self.dialled = "".join(verb.itertext())
                    self.action = verb.attrib["action"]
                    return ""
                case "Pause":
                    second = self.carrier.second if self.carrier.second is not None else PAUSE
                    await asyncio.sleep(float(verb.attrib["length"]) * second)
                case "Redirect":
                    return verb.text or ""
                case "Hangup":
                    break
        self.over = True
        await self._status("completed")
        return ""

    def _hear(self, said: ElementTree.Element) -> None:
        text = "".join(said.itertext())
        self.heard.append(text)
        self.hears(text)


def _sid(kind: str) -> str:
    return kind + secrets.token_hex(16)
