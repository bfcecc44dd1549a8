"""What somebody beside the person could see by another way than the next turn: an open stream, a second window, a
repeated request, a page that was opened again, an answer that comes too late."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy import select

from bot.composition import House
from bot.talk.hearing import Heard
from bot.talk.opening import Begun
from bot.talk.reply import Reply
from bot.web import api, page
from bot.web.doors import appearance_of
from bot.web.rates import Rates
from casework.caseworker import Caseworker
from casework.invitations import Invitations
from casework.records import Handover
from safety.content import Channel, ContentClass
from tests.conftest import Clock
from tests.promises import wording

TO_ITEM = ("continue", "private", "no", "continue", "skip", "yes")
TO_HUMAN = ("continue", "private", "human", "chat_now")
Stream = AsyncIterator[dict[str, str]]


class Somebody:
    """A person at the turns themselves: `do("yes")` picks a choice, the first time a key is given."""

    def __init__(self, house: House, clock: Clock) -> None:
        self.house, self.clock, self.turns = house, clock, house.turns
        self.begun: Begun
        self.last: Reply

    async def begin(self, *choices: str) -> Somebody:
        agency = self.house.agency
        self.begun = await self.turns.open(agency.id, agency.default_programme, Channel.WEB, "sv")
        self.last = self.begun.reply
        return await self.do(*choices)

    async def do(self, *choices: str, **more: str) -> Somebody:
        for choice in choices:
            self.last = await self.turns.take(self.begun.id, Heard(choice=choice, **more))
        return self

    async def write(self, text: str, **more: str) -> Somebody:
        self.last = await self.turns.take(self.begun.id, Heard(text=text, **more))
        return self

    async def look(self) -> Reply:
        self.last = await self.turns.look(self.begun.id)
        return self.last

    @property
    def seen(self) -> str:
        return "\n".join(f"{message.title}\n{message.text}" for message in self.last.messages)

    @property
    def sensitive(self) -> list[str]:
        return [m.text for m in self.last.messages if m.content_class is not ContentClass.NEUTRAL]


@pytest.fixture
def somebody(house: House, clock: Clock) -> Somebody:
    return Somebody(house, clock)


@pytest.fixture
def user(house: House) -> Caseworker:
    return house.accounts.redeem(house.accounts.link(), "Kim Ek", "en lång lösenfras")


def claim(house: House, user: Caseworker) -> str:
    with house.records.reading() as session:
        chat = session.scalars(select(Handover.id)).one()
    house.handovers.claim(chat, user)
    return chat


def of_the_page(house: House, somebody: Somebody) -> Stream:
    own = page.Page(house.turns, house.bell, house.agency, Rates(), appearance_of(house))
    return own.news(somebody.begun.id, somebody.begun.token)


def of_the_api(house: House, somebody: Somebody) -> Stream:
    invitations = Invitations(house.records, house.now)
    own = api.ConversationApi(house.turns, invitations, house.bell, house.agency, Rates())
    return own.news(somebody.begun.id, somebody.begun.token)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    look_at_once(monkeypatch)


def look_at_once(patch: pytest.MonkeyPatch) -> None:
    """A listener looks without waiting."""
    patch.setattr(page, "LOOK_EVERY", 0.001)
    patch.setattr(api, "LOOK_EVERY", 0.001)


async def heard(stream: Stream) -> dict[str, str] | None:
    """The next event, or None when nothing comes."""
    try:
        return await asyncio.wait_for(anext(stream), 0.5)
    except (TimeoutError, StopAsyncIteration):
        return None


# ---- an open stream


@pytest.mark.usefixtures("at_once")
async def test_who_held_the_phone_hears_nothing_of_the_one_who_came_back(house: House, somebody: Somebody) -> None:
    """The person goes on elsewhere by their code. The stream that was open on the first phone hears no word of it."""
    await somebody.begin("continue", "private", "no", "code")
    await somebody.write("blåbär")
    digits = next(word for word in somebody.seen.split() if word.strip(".").isdigit() and len(word.strip(".")) == 4)
    left_open = of_the_api(house, somebody)
    assert (await heard(left_open) or {})["event"] == "reply"
    back = await house.turns.come_back(f"blåbär{digits.strip('.')}")
    await house.turns.take(back.id, Heard(choice="private"))
    await house.turns.take(back.id, Heard(choice="continue"))
    assert (await house.turns.look(back.id)).messages[-1].part == "card"
    assert await heard(left_open) == {"event": "ended", "data": "{}"}
    assert await heard(left_open) is None


@pytest.mark.usefixtures("at_once")
async def test_the_page_that_was_left_open_asks_anew_and_then_hears_no_more(house: House, somebody: Somebody) -> None:
    await somebody.begin("continue", "private", "no", "code")
    await somebody.write("blåbär")
    digits = next(word for word in somebody.seen.split() if word.strip(".").isdigit() and len(word.strip(".")) == 4)
    left_open = of_the_page(house, somebody)
    listening = asyncio.ensure_future(anext(left_open))
    await asyncio.sleep(0.05)
    await house.turns.come_back(f"blåbär{digits.strip('.')}")
    assert (await asyncio.wait_for(listening, 1))["event"] == "refresh"
    # Once for what has changed and once for the end, or both in one.
    last = await heard(left_open)
    assert last is None or (last["event"] == "refresh" and await heard(left_open) is None)


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("shuts", ["cover", "not_private", "exit", "age"])
async def test_a_second_window_does_not_go_on_showing(
    shuts: str, house: House, somebody: Somebody, clock: Clock
) -> None:
    await somebody.begin(*TO_ITEM)
    other_window = of_the_page(house, somebody)
    listening = asyncio.ensure_future(anext(other_window))
    await asyncio.sleep(0.05)
    assert not listening.done()
    if shuts == "age":
        for _ in range(5):
            clock.pass_by(minutes=4)
            await somebody.do("explain")
        clock.pass_by(minutes=1)
    else:
        await somebody.do(shuts)
    assert (await asyncio.wait_for(listening, 1))["event"] == "refresh"
    await other_window.aclose()  # type: ignore[attr-defined]


@pytest.mark.usefixtures("at_once")
async def test_a_stream_says_what_a_stale_gate_allows(house: House, somebody: Somebody, clock: Clock) -> None:
    await somebody.begin(*TO_ITEM)
    stream = of_the_api(house, somebody)
    first = await heard(stream)
    assert first is not None and wording.ITEMS[0] in json.loads(first["data"])["messages"][-1]["text"]
    clock.pass_by(minutes=6)
    second = await heard(stream)
    assert second is not None and not wording.core_word(second["data"])
    await stream.aclose()  # type: ignore[attr-defined]


# ---- a repeated request


async def test_a_repeat_from_before_the_cover_shows_the_cover(somebody: Somebody) -> None:
    await somebody.begin("continue", "private")
    await somebody.do("human", key="before")
    before = somebody.seen
    await somebody.do("cover", key="then")
    covered = somebody.seen
    await somebody.do("human", key="before")
    assert somebody.seen == covered != before


# ---- an answer that comes too late


async def test_an_item_that_was_shown_beside_a_notice_is_answered_once(somebody: Somebody) -> None:
    """Two windows show item 1, with a notice that something else was not asked. The second answer meets item 2."""
    await somebody.begin(*TO_ITEM)
    await somebody.do("chat_now")
    assert wording.ITEMS[0] in somebody.seen
    shown = somebody.last.messages[-1].id
    await somebody.do("no", reply_to=shown)
    assert wording.ITEMS[1] in somebody.seen
    await somebody.do("no", reply_to=shown)
    assert wording.ITEMS[1] in somebody.seen and wording.ITEMS[2] not in somebody.seen


async def test_that_somebody_came_in_is_heeded_whatever_was_on_the_screen(somebody: Somebody) -> None:
    await somebody.begin(*TO_ITEM)
    older = somebody.last.messages[-1].id
    await somebody.do("no")
    await somebody.write("nån kom in", reply_to=older)
    assert somebody.last.gate == "closed" and not somebody.sensitive


async def test_no_longer_alone_is_heeded_from_an_older_window(somebody: Somebody) -> None:
    await somebody.begin("continue")
    asked = somebody.last.messages[-1].id
    await somebody.do(*TO_ITEM[1:])
    await somebody.do("not_private", reply_to=asked)
    assert somebody.last.gate == "closed" and not somebody.sensitive


async def test_words_to_a_human_are_not_lost_when_the_human_wrote_meanwhile(
    house: House, somebody: Somebody, user: Caseworker
) -> None:
    await somebody.begin(*TO_HUMAN)
    chat = claim(house, user)
    reply = await somebody.look()
    house.handovers.write(chat, user, "Hej, hur har du det?")
    await somebody.write("jag skriver lite långsamt", reply_to=reply.messages[-1].id)
    written = [m.body["text"] for m in house.handovers.transcript(chat, user) if m.sender.value == "person"]
    assert written == ["jag skriver lite långsamt"]


# ---- the desk, while the gate has gone stale


async def test_a_caseworkers_words_wait_until_the_person_is_alone(
    house: House, somebody: Somebody, user: Caseworker, clock: Clock
) -> None:
    await somebody.begin(*TO_HUMAN)
    chat = claim(house, user)
    clock.pass_by(minutes=6)
    house.handovers.write(chat, user, "Vill du berätta mer om våldet?")
    await somebody.look()
    assert not somebody.sensitive and somebody.last.gate == "closed"
    assert {"private", "not_private"} <= {choice.id for choice in somebody.last.choices}
    await somebody.do("private", reply_to=somebody.last.messages[-1].id)
    assert "Vill du berätta mer om våldet?" in somebody.sensitive


async def test_the_answer_to_being_alone_counts_though_the_human_wrote_on(
    house: House, somebody: Somebody, user: Caseworker, clock: Clock
) -> None:
    await somebody.begin(*TO_HUMAN)
    chat = claim(house, user)
    clock.pass_by(minutes=6)
    house.handovers.write(chat, user, "Hej!")
    asked = (await somebody.look()).messages[-1].id
    house.handovers.write(chat, user, "Är du kvar?")
    await somebody.do("not_private", reply_to=asked)
    assert somebody.last.gate == "closed"
    await somebody.do("private", reply_to=asked)
    assert somebody.sensitive == ["Hej!", "Är du kvar?"]


# ---- a page that is opened again


async def test_how_far_the_questions_had_come_does_not_stay(somebody: Somebody, clock: Clock) -> None:
    await somebody.begin(*TO_ITEM)
    assert "1" in somebody.last.messages[-2].text and somebody.last.messages[-2].part == "progress"
    clock.pass_by(minutes=6)
    await somebody.look()
    assert [message.part for message in somebody.last.messages] == [""]


async def test_what_is_kept_about_a_person_goes_with_the_gate(somebody: Somebody, clock: Clock) -> None:
    """That there are answers, a plan, a code, or that somebody has read, is for the person alone."""
    await somebody.begin(*TO_ITEM, "yes", "what_is_kept")
    told = somebody.sensitive
    assert told
    clock.pass_by(minutes=6)
    await somebody.look()
    assert not somebody.sensitive and not any(line in somebody.seen for line in told)


async def test_every_page_is_looked_at_while_the_gate_is_closed(
    house: House, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also while a human is waited for."""
    begun = (await client.post("/api/conversations")).json()
    headers = {"Authorization": f"Bearer {begun['token']}"}
    for choice in ("continue", "not_private", "human", "chat_now"):
        await client.post(f"/api/conversations/{begun['id']}/messages", json={"choice": choice}, headers=headers)
    client.cookies.set("s", f"{begun['id']}.{begun['token']}")
    assert (await client.get("/")).status_code == 200
    words = house.catalogue.languages["sv"].page
    monkeypatch.setitem(words, "more", "Fler val om våld")  # type: ignore[arg-type]
    answer = await client.get("/")
    assert (answer.status_code, wording.core_word(answer.text)) == (503, "")
