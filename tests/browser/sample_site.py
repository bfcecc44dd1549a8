"""A small site that shows the page with sample data, for tests of the page alone: no Rasa, no records, no rules."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.web.emergency import with_emergency_link

HOUSE = Path(__file__).parents[2]
WEB = HOUSE / "bot" / "web"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'"
)
ITEM = "Första raden, med två  blanksteg och ett – streck.\nAndra raden <b>ordagrant</b> & klart: 1 - 4?"


def message(number: int, text: str, sender: str = "assistant", part: str = "", title: str = "") -> dict[str, Any]:
    return {"id": number, "text": text, "class": "neutral", "sender": sender, "part": part, "title": title}


def choice(id: str, label: str, everywhere: bool = False) -> dict[str, Any]:
    return {"id": id, "label": label, "everywhere": everywhere}


def sample() -> dict[str, Any]:
    """What the page is given: the contract between the routes and the templates."""
    return {
        "agency": {"name": "Exempelmyndigheten"},
        "locale": "sv",
        "direction": "ltr",
        "exit_to": "",
        "messages": [message(1, "Hej! Jag är en automatisk assistent."), message(2, ITEM, part="item")],
        "choices": [
            choice("yes", "Ja"),
            choice("no", "Nej"),
            choice("again", "Säg igen", everywhere=True),
            choice("human", "Prata med en människa", everywhere=True),
        ],
        "state": {"stage": "welcome", "gate": "closed", "handover": "none"},
        "reply_to": "2",
        "expects": "choice",
        "over": False,
        "text_hint": "",
        "idle_seconds": None,
        "notice": None,
        "no_script_refresh": None,
        "offline_help": [],
        "signs": {"writing": False, "read": False},
        "cover_line": "Då tittar vi på din planering.",
        "cover_offered": True,
        "may_come_back": False,
    }


@dataclass
class SampleSite:
    """What the site shows, and what it was told. `said` and `left` hold the forms that arrived, oldest first."""

    view: dict[str, Any] = field(default_factory=sample)
    said: list[dict[str, str]] = field(default_factory=list)
    left: list[dict[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    url: str = ""
    delay: float = 0.0
    news: int = 0
    over: bool = False
    greets: bool = False
    """Whether the page is shown to those who have no conversation yet."""
    asked_for_news: int = 0
    failing: int | None = None
    """The status of a plain error page instead of the conversation, if any."""
    no_store: bool = True
    events_status: int = 200
    keys: int = 0
    closed: bool = False
    silent: bool = False
    """Whether requests are taken and never answered: the network at its worst."""

    def __post_init__(self) -> None:
        loader = FileSystemLoader(WEB / "templates")
        self.templates = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
        self.templates.filters["with_emergency_link"] = with_emergency_link
        self.words = yaml.safe_load((HOUSE / "data/content/sv/page.yml").read_text("utf-8"))

    def add(self, text: str, sender: str = "assistant", part: str = "") -> None:
        self.view["messages"].append(message(len(self.view["messages"]) + 1, text, sender, part))
        self.view["reply_to"] = str(len(self.view["messages"]))

    def tell(self) -> None:
        """Sends the event that something is new."""
        self.news += 1

    def render(self, name: str, **more: Any) -> str:
        self.keys += 1
        view = self.view | {"words": self.words, "form_key": f"key-{self.keys}"} | more
        return self.templates.get_template(name).render(view)

    def answer(self, request: Request) -> Response:
        if self.failing:
            response = HTMLResponse(self.render("calm.html", title="Fel", sentence="Något gick fel."), self.failing)
        elif self.over or not (self.greets or "s" in request.cookies):
            response = HTMLResponse(self.render("calm.html", title="Klart", sentence="Det finns inget här."), 404)
        elif request.headers.get("X-Fragment") == "1":
            response = HTMLResponse(self.render("conversation.html"))
        else:
            response = HTMLResponse(self.render("page.html"))
        response.headers["Content-Security-Policy"] = POLICY
        if self.no_store:
            response.headers["Cache-Control"] = "no-store"
        return response

    async def show(self, request: Request) -> Response:
        self.headers.append(dict(request.headers))
        return self.answer(request)

    async def say(self, request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        await asyncio.sleep(self.delay)
        self.headers.append(dict(request.headers))
        if form["key"] not in {earlier["key"] for earlier in self.said}:
            self.add(form.get("text") or form["choice"], "person")
            self.add(f"Tack för svar {len(self.said) + 1}.")
        self.said.append(form)
        if form.get("text") == "sluta":
            return Response(status_code=204, headers={"X-Left": "1"})
        if request.headers.get("X-Fragment") == "1":
            return self.answer(request)
        return RedirectResponse("/", 303)

    async def leave(self, request: Request) -> Response:
        self.left.append({name: str(value) for name, value in (await request.form()).items()})
        self.headers.append(dict(request.headers))
        self.over = True
        response = HTMLResponse(self.render("leave.html"), headers={"Content-Security-Policy": POLICY})
        response.delete_cookie("s")
        return response

    async def enter(self, request: Request) -> Response:
        """Stands for the server's own beginning of a conversation: gives the cookie and goes to the page."""
        response = RedirectResponse("/", 303)
        response.set_cookie("s", "token-1", samesite="strict")
        return response

    async def weather(self, request: Request) -> Response:
        return HTMLResponse("<!doctype html><title>Väder</title><p>Soligt")

    async def events(self, request: Request) -> Response:
        self.asked_for_news += 1
        if self.events_status != 200:
            return PlainTextResponse("", self.events_status)

        async def stream() -> AsyncIterator[str]:
            seen = self.news
            yield ": open\n\n"
            while not self.closed:
                await asyncio.sleep(0.03)
                if seen != self.news:
                    seen = self.news
                    yield "event: refresh\ndata:\n\n"

        return StreamingResponse(stream(), media_type="text/event-stream")

    def application(self) -> ASGIApp:
        routes = Starlette(
            routes=[
                Route("/", self.show),
                Route("/say", self.say, methods=["POST"]),
                Route("/leave", self.leave, methods=["POST"]),
                Route("/events", self.events),
                Route("/enter", self.enter),
                Route("/weather", self.weather),
                Mount("/static", StaticFiles(directory=WEB / "static")),
            ]
        )

        async def may_be_silent(scope: Scope, receive: Receive, send: Send) -> None:
            while self.silent and not self.closed:
                await asyncio.sleep(0.03)
            await routes(scope, receive, send)

        return may_be_silent


@contextmanager
def served(site: SampleSite) -> Iterator[SampleSite]:
    """Serves on two addresses of this computer: the site itself, and `exit_to` as another origin."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    site.url = f"http://127.0.0.1:{port}"
    site.view["exit_to"] = f"http://localhost:{port}/weather"
    server = uvicorn.Server(
        uvicorn.Config(site.application(), log_level="error", ws="none", lifespan="off", timeout_graceful_shutdown=2)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the sample site did not start"
        time.sleep(0.01)
    yield site
    site.closed = server.should_exit = True
    thread.join(5)
