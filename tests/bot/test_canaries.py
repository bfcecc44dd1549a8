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
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
import pytest
from twilio.request_validator import RequestValidator

from bot.command.room import clear_rooms
from bot.engine.training import train
from bot.settings import PROJECT
from casework.agency_requests import signature
from tests.bot.canaries import MARK, NUMBER, Cage, search
from tests.postgresql import Cluster
from tests.redis import redis_dump, redis_server
from tests.told import tell

FIRST_LINK = re.compile(r"/desk/first/(\S+)")
TOKEN = "token-of-the-tests"
ACCOUNT = "AC" + "0" * 32
SECRET = b"a secret of thirty-two bytes or more"
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

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        self.process.send_signal(how)
        self.process.wait()


def environment(room: Path, port: int = 8080, **more: str) -> dict[str, str]:
    """A clean environment with a home that has the trained model, and a temporary folder that can be searched."""
    (room / "secret").write_bytes(SECRET)
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
        "ENRUM_TWILIO_ACCOUNT_SID": ACCOUNT,
        "ENRUM_TWILIO_FROM": "+46700000001",
        "ENRUM_TWILIO_API": "http://127.0.0.1:1",  # a carrier that is away: orders wait
        "ENRUM_AGENCY_SECRET_FILE": str(room / "secret"),
        **more,
        "TMPDIR": str(temporary),
        "PYTHONPATH": str(PROJECT),
    }


@dataclass
class Around:
    """Databases beside the server: what they keep, and where they are."""

    settings: dict[str, str]
    files: list[Path]
    settle: Callable[[], None]


@contextmanager
def nothing_around() -> Iterator[Around]:
    yield Around({}, [], lambda: None)


@contextmanager
def databases_around() -> Iterator[Around]:
    """PostgreSQL and Redis of the test's own. `settle` writes what they have to their files."""
    server = Cluster.start(durable=True)
    try:
        with redis_server() as redis:

            def settle() -> None:
                with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
                    connection.execute("CHECKPOINT")
                kept = redis_dump(redis)
                assert b"CODE" in kept and b"sign-in" in kept, "nothing was counted there"
                (server.home / "redis.dump").write_bytes(kept)

            settings = {"ENRUM_DATABASE_URL": server.database(empty=True), "ENRUM_REDIS_URL": redis}
            yield Around(settings, [server.home], settle)
    finally:
        server.stop()


@pytest.fixture(params=["sqlite", "postgresql and redis"])
def around(request: pytest.FixtureRequest) -> Iterator[Around]:
    with nothing_around() if request.param == "sqlite" else databases_around() as around:
        yield around


@pytest.fixture
def served(tmp_path: Path, around: Around) -> Iterator[Served]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (tmp_path / "out").open("wb") as out, (tmp_path / "err").open("wb") as err:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.bot.broken_server"],
            cwd=tmp_path,
            env=environment(tmp_path, port, **around.settings),
            stdout=out,
            stderr=err,
        )
        # A connection for each request: one that has rested may be closed by the server in the moment it is used again.
        fresh = httpx.Limits(max_keepalive_connections=0)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, limits=fresh) as client:
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
        told = {"AccountSid": ACCOUNT, **told}
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


def feed_the_way_back(client: httpx.Client, cage: Cage) -> None:
    """Codes that lead nowhere, until they are not taken any more; and one that does."""
    mark = cage.new
    client.cookies.clear()
    client.get(f"/back?{mark('way back, query')}={mark('way back, value')}")
    person = Conversation.begin(client)
    person.choose("continue", "not_private", "code")
    person.send(text=mark("word to come back with"))
    client.post("/back", data={"code": mark("code"), "other": mark("field beside a code")})
    client.post("/back", content=f"code={mark('code as bytes')}%ff".encode(), headers=FORM)
    client.post("/back", data={"code": f"{mark('word with digits')} 1234"}, headers={"X-Fragment": mark("fragment")})
    same = f"{mark('code at the API')} 1234"
    for _ in range(6):
        status = client.post("/api/conversations/back", json={"code": same}).status_code
    assert status == 429
    giant(client, "/back", f"code={mark('giant code')}", FORM)


def feed_the_news(client: httpx.Client, cage: Cage) -> None:
    """Streams of events, with words in everything that opens one, while something is said."""
    mark = cage.new
    person = Conversation.begin(client)
    person.choose("continue")
    url, auth = f"/api/conversations/{person.id}/events", {"Authorization": f"Bearer {person.token}"}
    headers = {**auth, "Last-Event-ID": mark("last event"), "Accept": mark("accept")}
    with client.stream("GET", f"{url}?{mark('stream, query')}", headers=headers) as stream:
        person.send(text=mark("text while somebody listens"))
        assert "event: reply" in next(stream.iter_text())
    client.get(url, headers={"Authorization": f"Bearer {mark('token of a stream')}"})
    client.cookies.clear()
    assert client.get("/events", headers={"Cookie": f"s={mark('stream id')}.{mark('stream token')}"}).status_code >= 400


def feed_the_agency(client: httpx.Client, cage: Cage) -> None:
    """Invitations of the agency's system: a case that is opened, one that waits, and what is refused."""
    mark = cage.new

    def ask(body: object, path: str = "/api/invitations", method: str = "POST") -> httpx.Response:
        content, at = json.dumps(body).encode() if body is not None else b"", str(int(time.time()))
        signed = signature(SECRET, at, method, path, content)
        headers = {"X-Enrum-Time": at, "X-Enrum-Signature": signed, "User-Agent": mark("agency's program")}
        return client.request(method, path, content=content, headers=headers)

    case = {"programme": "sius", "region": "0180", "sex": "woman", "qr": True}
    opened = ask(case | {"case": mark("case that is opened")}).json()
    waiting = ask(case | {"case": mark("case that waits")}).json()
    taken_back = ask(case | {"case": mark("case that is taken back")}).json()
    ask(case | {"case": mark("case with a name"), "name": mark("name in an invitation")})
    ask(case | {"case": f"{mark('case with a space')} Ek"})
    ask(case | {"case": mark("case of no programme"), "programme": mark("programme")})
    ask(None, f"/api/invitations/{mark('unknown invitation')}", "GET")
    assert ask(None, f"/api/invitations/{taken_back['id']}", "DELETE").status_code == 204
    client.cookies.clear()
    link = "/i/" + opened["link"].rsplit("/", 1)[1]
    assert client.get(f"{link}?{mark('link, query')}").status_code == 200
    assert client.post(link, data={mark("field of a link"): mark("value of a link")}).status_code == 303
    client.post("/say", data={"text": mark("words after a link")})
    assert ask(None, f"/api/invitations/{waiting['id']}", "GET").json() == {"status": "open"}
    client.cookies.clear()


def giant(client: httpx.Client, url: str, begins: str, headers: dict[str, str]) -> None:
    """A body that is much too long, on a connection of its own: the server may hang up before it has come."""
    with suppress(httpx.TransportError), httpx.Client(base_url=client.base_url, cookies=client.cookies) as own:
        own.post(url, content=begins.encode() + b"a" * 5_000_000, headers=headers)


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
    made = {"form_token": form, "name": name, "password": password, "again": password}
    client.post(first_link, data=made)  # is asked whether the first name is enough
    client.post(first_link, data=made | {"asked_name": "yes"})
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
    client.post(f"{desk}/contacted", data={**form, "how": mark("how"), "once": mark("once")})
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
    by_sms = Conversation.begin(client)
    by_sms.choose(*TO_HUMAN, "contact_me", "yes", "sms")
    by_sms.send(text=NUMBER)
    by_sms.choose("any_time", "no")
    by_sms.send(text=mark("code word of an SMS"))
    by_sms.choose("yes")
    for path in set(re.findall(r"/desk/handover/[\w-]{22}", client.get("/desk").text)):
        client.post(f"{path}/claim", data=form)
        client.post(f"{path}/sms", data={**form, "once": mark("key of an SMS")})
        client.post(f"{path}/sms", data={**form, "once": mark("long key of an SMS") * 4})
        client.post(f"{path}/sms", data={"form_token": mark("SMS, wrong form"), mark("field of an SMS"): "x"})
        once = mark("key of a note")
        for _ in range(2):
            client.post(f"{path}/contacted", data={**form, "how": "not_reached", "once": once})


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


def test_marked_words_are_found_nowhere(served: Served, around: Around) -> None:
    cage = Cage()
    feed_the_api(served.client, cage)
    feed_the_page(served.client, cage)
    feed_the_phone(served.client, cage)
    feed_the_way_back(served.client, cage)
    feed_the_news(served.client, cage)
    feed_the_agency(served.client, cage)
    feed_the_desk(served.client, served.first_link, cage)
    feed_a_human(served.client, cage)
    around.settle()
    places = [served.room, *around.files]
    before = search(places, [MARK, NUMBER[1:]])
    limits = Path(f"/proc/{served.process.pid}/limits").read_text("utf-8")
    assert re.search(r"Max core file size +0 +0 ", limits), "a crash would write its memory to a file"
    served.kill(signal.SIGABRT if around.files else signal.SIGKILL)
    after = search(places, [MARK, NUMBER[1:]])
    kept = " with PostgreSQL and Redis" if around.files else ""
    found = len(before) + len(after)
    tell(f"canaries: {len(cage.fed)} fed to a server with planted faults{kept}, {found} found")
    assert (before, after) == ([], [])
    # The faults did happen, and were noted by type and place.
    errors = {(line["from"], line.get("error")) for line in served.lines}
    of_the_database = "ProgrammingError" if around.files else "Unavailable"
    assert {error for _, error in errors} >= {"ValueError", of_the_database, "LookupError", "RuntimeError"}
    assert all(set(line) <= {"at", "level", "from", "event", "error", "place", "n", "route"} for line in served.lines)
    records = around.files or sorted((served.room / "home").glob("enrum.db*"))
    assert search(records, ["arbetsformedlingen"]), "the records are not where it was searched"
    assert len(cage.fed) > 140


def test_a_terminal_that_is_killed_leaves_what_nobody_opens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No key is in what is left of it, and it goes when somebody talks here again."""
    cage = Cage()
    talk = subprocess.Popen(
        [sys.executable, "-m", "bot.command", "talk", "--jsonl"],
        cwd=tmp_path,
        env=environment(tmp_path),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert talk.stdin is not None and talk.stdout is not None
    for _ in range(3):
        talk.stdin.write(f"{cage.new('typed before the kill')}\n".encode())
        talk.stdin.flush()
        assert talk.stdout.readline()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    assert clear_rooms() == 0, "somebody talks there"
    talk.kill()
    talk.wait()
    left = [path for path in (tmp_path / "tmp").rglob("*") if path.is_file()]
    assert [path for path in left if path.name.startswith("talk.db")]
    assert search([tmp_path], [MARK]) == []
    assert not [path for path in (tmp_path / "tmp").rglob("*") if path.suffix == ".key"]
    assert clear_rooms() == 1
    assert list((tmp_path / "tmp").iterdir()) == []
    talk.stdin.close()
    talk.stdout.close()


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
    tell(f"canaries: {len(cage.fed)} fed to the terminal, {len(found)} found")
    assert found == []
    assert list((tmp_path / "tmp").iterdir()) == []
