"""Marked words are fed to everything that takes words, with faults planted and the process killed; then none is found."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from twilio.request_validator import RequestValidator

from bot.engine.training import train
from bot.settings import PROJECT
from tests.bot.canaries import MARK, NUMBER, Cage, search

FIRST_LINK = re.compile(r"/desk/first/(\S+)")
TOKEN = "token-of-the-tests"
TO_HUMAN = ("continue", "private", "no", "continue", "skip", "yes", "yes", "finish", "continue")


@dataclass
class Served:
    """A server of its own, with its home, its temporary folder and its output in `room`."""

    room: Path
    process: subprocess.Popen[bytes]
    client: httpx.Client

    @property
    def lines(self) -> list[dict[str, str]]:
        return [json.loads(line) for line in (self.room / "err").read_text("utf-8").splitlines()]

    @property
    def first_link(self) -> str:
        found = FIRST_LINK.search((self.room / "out").read_text("utf-8"))
        assert found is not None
        return found[0]

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def environment(room: Path, port: int = 8080) -> dict[str, str]:
    """A clean environment with a home that has the trained model, and a temporary folder that can be searched."""
    home, temporary = room / "home", room / "tmp"
    home.mkdir()
    temporary.mkdir()
    (home / "models").symlink_to(train(PROJECT / "var", lambda step: None).parent)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ENRUM_")}
    return {
        **kept,
        "ENRUM_HOME": str(home),
        "ENRUM_PORT": str(port),
        "ENRUM_TWILIO_AUTH_TOKEN": TOKEN,
        "TMPDIR": str(temporary),
        "PYTHONPATH": str(PROJECT),
    }


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (tmp_path / "out").open("wb") as out, (tmp_path / "err").open("wb") as err:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.bot.broken_server"],
            cwd=tmp_path,
            env=environment(tmp_path, port),
            stdout=out,
            stderr=err,
        )
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            server = Served(tmp_path, process, client)
            wait_until_ready(server)
            yield server
    if process.poll() is None:
        server.kill()


def wait_until_ready(server: Served) -> None:
    for _ in range(600):
        assert server.process.poll() is None, (server.room / "err").read_text("utf-8")
        try:
            server.client.get("/ready")
            return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the server did not start")


@dataclass
class Conversation:
    """Somebody at the API."""

    client: httpx.Client
    id: str
    token: str

    @classmethod
    def begin(cls, client: httpx.Client) -> Conversation:
        begun = client.post("/api/conversations").json()
        return cls(client, begun["id"], begun["token"])

    def send(self, **body: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        return self.client.post(f"/api/conversations/{self.id}/messages", json=body, headers=headers)

    def choose(self, *choices: str) -> dict[str, object]:
        for choice in choices:
            response = self.send(choice=choice)
            assert response.status_code == 200, (choice, response.text)
        told: dict[str, object] = response.json()
        return told


def feed_the_api(client: httpx.Client, cage: Cage) -> None:
    mark = cage.new
    headers = {name: mark(f"header {name}") for name in ("X-Whatever", "User-Agent", "Referer", "Cookie")}
    client.post(f"/api/conversations?q={mark('query')}", headers=headers)
    client.post("/api/conversations", json={"locale": mark("locale")})
    client.post("/api/conversations", json={"invitation": mark("invitation")})
    client.get(f"/api/{mark('path')}")
    client.post(f"/api/conversations/{mark('unknown id')}/messages", json={"text": mark("text to nobody")})
    person = Conversation.begin(client)
    url, auth = f"/api/conversations/{person.id}/messages", {"Authorization": f"Bearer {person.token}"}
    client.post(url, json={"choice": "continue"}, headers={"Authorization": f"Bearer {mark('token')}"})
    client.post(url, json={"choice": "continue"}, headers={"Authorization": f"Basic {mark('basic')}"})
    person.send(text=mark("text"))
    person.send(choice=mark("choice"))
    person.send(choice=mark("choice, small").lower())
    person.send(text="hej", reply_to=mark("reply_to"))
    person.send(text="hej", key=mark("key"))
    person.send(text="hej", other=mark("unknown field"))
    person.send(text=mark("long text") + "a" * 2000)
    person.send(text=f"ring {NUMBER} {mark('number in words')}")
    for body in (
        f'{{"text": "{mark("broken JSON")}',
        f'["{mark("list")}"]',
        f'{{"text": "{mark("latin 1")} \u00e5"}}'.encode("latin-1"),
        f'{{"text": "{mark("utf-16")}"}}'.encode("utf-16"),
    ):
        client.post(url, content=body, headers={**auth, "Content-Type": "application/json"})
    giant(client, url, f'{{"text": "{mark("giant")}', auth)
    for fault in ("plantaction", "plantdatabase", "planttask", "planttemplate"):
        assert person.send(text=f"{fault} {mark(fault)}").status_code in (200, 503)
    client.delete(f"/api/conversations/{person.id}", headers={"Authorization": f"Bearer {mark('token of DELETE')}"})
    person.send(text="hej")


def feed_the_page(client: httpx.Client, cage: Cage) -> None:
    mark = cage.new
    fragment = {"X-Fragment": "1"}
    for headers in ({}, fragment):
        client.cookies.clear()
        client.post("/say", data={"choice": "continue"}, headers=headers)
        client.post(
            "/say", data={"text": mark("form text"), "key": mark("form key"), "reply_to": mark("form reply_to")}
        )
        client.post("/say", data={"text": f"planttemplate {mark('form template')}"}, headers=headers)
        client.post("/say", data={"text": f"plantdatabase {mark('form database')}"}, headers=headers)
        client.post("/say", content=f"text={mark('form bytes')}%ff%fe".encode(), headers=FORM | headers)
        giant(client, "/say", f"text={mark('form giant')}", FORM | headers)
        client.post("/say", files={"text": (mark("file name"), mark("file content").encode())}, headers=headers)
        client.get(f"/?{mark('page query')}={mark('page value')}", headers=headers)
        client.get(f"/{mark('page path')}", headers=headers)
        client.post("/leave", data={"s": f"{mark('leave id')}.{mark('leave token')}"}, headers=headers)
    client.cookies.clear()
    client.get("/", headers={"Cookie": f"s={mark('cookie id')}.{mark('cookie token')}"})
    client.post("/say", data={"text": "hej"}, headers={"Cookie": f"s={mark('form cookie')}.x"})


def feed_the_phone(client: httpx.Client, cage: Cage) -> None:
    """SMS and calls, signed and not, and what leads to no invitation."""
    mark = cage.new
    client.cookies.clear()

    def webhook(address: str, told: dict[str, str], *, signed: bool = True) -> httpx.Response:
        right = RequestValidator(TOKEN).compute_signature(f"{client.base_url}".rstrip("/") + address, told)
        headers = {"X-Twilio-Signature": right if signed else mark("signature")}
        return client.post(address, data=told, headers=headers)

    number = f"+46{NUMBER[1:]}"
    for said in (
        mark("SMS"),
        f"hjälp han slår mig {mark('SMS with a signal')}",
        "1",
        "STOPP",
        mark("SMS after the stop"),
    ):
        told = {"MessageSid": mark("name of an SMS"), "From": number, "To": "+46700000001", "Body": said}
        assert webhook("/twilio/sms", told).status_code == 200
    call = {"CallSid": mark("name of a call"), "From": number, "To": "+46700000001", "Direction": "inbound"}
    assert "<Gather" in webhook("/twilio/voice", call).text
    webhook(f"/twilio/voice?s={mark('step')}&m={mark('menu')}", call | {"Digits": mark("digits")})
    webhook("/twilio/voice?s=1&n=code", call | {"Digits": "123456789", "SpeechResult": mark("speech")})
    webhook("/twilio/status", call | {"CallStatus": "completed"})
    for address in ("/twilio/voice", "/twilio/sms", "/twilio/status"):
        assert webhook(address, {"Body": mark("unsigned"), "From": number}, signed=False).status_code == 403
    for token in (mark("invitation's link"), mark("invitation's link, posted")):
        client.get(f"/i/{token}")
        client.post(f"/i/{token}")
    client.post(
        "/api/invitations", json={"case": mark("case")}, headers={"X-Enrum-Signature": mark("agency's signature")}
    )


def giant(client: httpx.Client, url: str, begins: str, headers: dict[str, str]) -> None:
    """A body that is much too long. The server may hang up before it has come."""
    with suppress(httpx.TransportError):
        client.post(url, content=begins.encode() + b"a" * 5_000_000, headers=headers)


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def feed_the_desk(client: httpx.Client, first_link: str, cage: Cage) -> str:
    """Returns the caseworker's name, the one thing here that is kept as it is."""
    mark, name, password = cage.new, "Kim Ek", cage.new("password")
    client.cookies.clear()
    client.get(f"/desk/first/{mark('link')}")
    form = token_in(client.get(first_link))
    client.post(first_link, data={"form_token": mark("form token"), "name": mark("name, wrong form")})
    wrong = {"form_token": form, "name": mark("name, bad password"), "password": mark("short")[:11], "again": "x"}
    client.post(first_link, data=wrong)
    client.post(first_link, data={"form_token": form, "name": name, "password": password, "again": password})
    form = token_in(client.get("/desk/sign-in"))
    for _ in range(2):
        unknown = {"form_token": form, "name": mark("unknown name"), "password": mark("unknown password")}
        client.post("/desk/sign-in", data=unknown)
    client.post("/desk/sign-in", data={"form_token": form, "name": name, "password": password})
    assert client.get("/desk").status_code == 200
    client.get(f"/desk/handover/{mark('handover id')}")
    client.get(f"/desk/handover/x/messages?after={mark('after')}")
    client.get("/desk", headers={"Cookie": f"desk={mark('desk cookie')}"})
    return name


def feed_a_human(client: httpx.Client, cage: Cage) -> None:
    """A chat with a caseworker, shared answers, and a plan with number and code word. The caseworker is signed in."""
    mark = cage.new
    person = Conversation.begin(client)
    person.choose(*TO_HUMAN, "chat_now", "yes")
    person.send(text=mark("words while waiting"))
    queue = client.get("/desk").text
    found = re.search(r"/desk/handover/([\w-]{22})", queue)
    assert found is not None
    desk = found[0]
    form = {"form_token": token_in(client.get(desk))}
    client.post(f"{desk}/claim", data=form)
    assert client.get(desk).status_code == 200
    client.post(f"{desk}/write", data={**form, "text": mark("caseworker's message")})
    client.post(f"{desk}/write", data={**form, "text": mark("caseworker's long message") + "a" * 5000})
    client.post(f"{desk}/write", data={"form_token": mark("wrong form token"), "text": mark("message, wrong form")})
    giant(client, f"{desk}/write", f"text={mark('giant message')}", FORM)
    person.send(text=mark("words to the caseworker"))
    assert MARK in client.get(f"{desk}/messages").text
    client.post(f"{desk}/contacted", data={**form, "how": mark("how")})
    for headers in ({}, {"X-From-Script": "1"}):
        client.post(f"{desk}/hand-back", data={"form_token": mark("hand back")}, headers=headers)
    waiting = Conversation.begin(client)
    waiting.choose(*TO_HUMAN, "contact_me", "yes", "call")
    waiting.send(text=mark("no number"))
    waiting.send(text=NUMBER)
    waiting.choose("morning", "no", "no")
    summary = waiting.send(text=mark("code word")).json()
    assert NUMBER[1:] in json.dumps(summary)
    waiting.choose("yes")


def token_in(page: httpx.Response) -> str:
    found = re.search(r'name="form_token"[^>]*value="([^"]+)"', page.text)
    assert found is not None, page.status_code
    return found[1]


def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    hidden = {
        "plain": b"x%b012" % MARK.encode(),
        "utf-16": f"x{MARK}".encode("utf-16"),
        "hex": MARK.encode().hex().encode(),
        "base64+0": base64.b64encode(MARK.encode() + b"012"),
        "base64+1": base64.b64encode(b"1" + MARK.encode() + b"012"),
        "base64+2": base64.b64encode(b"12" + MARK.encode() + b"012"),
    }
    for how, content in hidden.items():
        file = tmp_path / how.replace("+", "")
        file.write_bytes(content)
        assert any(found.endswith(how) for found in search([file], [MARK])), how
    assert search([tmp_path / "plain"], ["Gratrut"]) == []


def test_marked_words_are_found_nowhere(served: Served) -> None:
    cage = Cage()
    feed_the_api(served.client, cage)
    feed_the_page(served.client, cage)
    feed_the_phone(served.client, cage)
    feed_the_desk(served.client, served.first_link, cage)
    feed_a_human(served.client, cage)
    before = search([served.room], [MARK, NUMBER[1:]])
    served.kill()
    after = search([served.room], [MARK, NUMBER[1:]])
    print(f"\ncanaries: {len(cage.fed)} fed to a server with planted faults, {len(before) + len(after)} found")
    assert (before, after) == ([], [])
    # The faults did happen, and were noted by type and place.
    errors = {(line["from"], line.get("error")) for line in served.lines}
    assert {error for _, error in errors} >= {"ValueError", "Unavailable", "LookupError", "RuntimeError"}
    assert all(set(line) <= {"at", "level", "from", "event", "error", "place", "n", "route"} for line in served.lines)
    assert b"arbetsformedlingen" in (served.room / "home" / "enrum.db").read_bytes() + wal(served)
    assert len(cage.fed) > 80


def wal(served: Served) -> bytes:
    file = served.room / "home" / "enrum.db-wal"
    return file.read_bytes() if file.exists() else b""


def test_the_terminal_leaves_nothing(tmp_path: Path) -> None:
    cage = Cage()
    words = [
        cage.new("typed"),
        f"=x{cage.new('choice')}",
        "=continue",
        cage.new("again"),
        "=not_private",
        "=contact_me",
    ]
    words += [
        "=call",
        cage.new("no number"),
        NUMBER,
        "=morning",
        "=no",
        "=no",
        cage.new("code word"),
        "=yes",
        "=finish",
    ]
    ran = subprocess.run(
        [sys.executable, "-m", "bot.command", "talk", "--jsonl"],
        cwd=tmp_path,
        env=environment(tmp_path),
        input=b"\xff\xfe " + cage.new("bytes").encode() + b"\n" + "\n".join(words).encode() + b"\n",
        capture_output=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr.decode()
    # What is printed is the conversation itself: the plan is read back to the person.
    assert NUMBER[1:].encode() in ran.stdout
    (tmp_path / "err").write_bytes(ran.stderr)
    found = search([tmp_path], [MARK, NUMBER[1:]])
    print(f"\ncanaries: {len(cage.fed)} fed to the terminal, {len(found)} found")
    assert found == []
    assert list((tmp_path / "tmp").iterdir()) == []
