"""Words to a human are never lost, and nobody is shut out, covered or erased by a guess at what they meant."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from bot.composition import House
from bot.talk.hearing import Heard
from bot.talk.opening import Begun
from bot.talk.reply import NotTaken, Reply
from bot.web.signs import Signs
from casework.caseworker import Caseworker
from casework.messages import StoredMessage
from casework.presence import PresenceInMemory, Side
from casework.privacy_now import Privacy
from casework.records import Conversation, Handover
from safety.content import Channel, Sender
from tests.conftest import Clock, Person

SOUNDS_LIKE_LEAVING = (
    "vad händer om jag lämnar honom",
    "jag vill sluta vara rädd",
    "jag vill inte prata mer om det",
    "ska jag gå härifrån eller stanna",
    "hur slutar jag med det här",
    "jag vill bort härifrån",
    "jag vill ut ur det här förhållandet",
    "hur kommer jag ut härifrån",
    "jag vill lämna min man",
    "det räcker nu",
)
DISCLOSURES = (
    "han kom hem full igår och slog mig",
    "kan ni ringa mig när han inte är hemma",
    "ja men han kommer hem snart. han slår barnen också",
    "han brukar läsa mina sms",
    "jag är inte ensam om det här",
    "barnen sover i rummet bredvid",
    "han stod bakom mig och höll fast mig",
    "han såg mina meddelanden förra veckan",
    "jag vill inte att han ser det här",
    "hon läste min chatt häromdagen och slog mig",
    "min bror brukade gå igenom min mobil",
    "nån kommer",
)
TOLD_OF_BEFORE = tuple(one for one in DISCLOSURES if one not in ("nån kommer", DISCLOSURES[2]))
"""Those that tell of nobody who is there now."""
OWN_STORIES = (
    "jag är hans fru och han slår mig",
    "jag är hennes mamma och han slår henne",
    "jag är hans sambo och han hotar att döda mig",
)
BORROWED = (
    "jag skriver från min systers telefon",
    "jag lånar min mammas telefon",
    "jag sitter med min kusins mobil",
    "ni sa att en annan telefon är bättre så jag lånar min brors",
)


class Chat:
    """A person at the turns, and the caseworker who has the chat."""

    def __init__(self, house: House, clock: Clock) -> None:
        self.house, self.clock = house, clock
        self.user: Caseworker = house.accounts.redeem(house.accounts.link(), "Kim Ek", "en lång lösenfras")
        self.begun: Begun
        self.last: Reply
        self.case = ""

    async def begin(self, *choices: str, word: str = "") -> Chat:
        agency = self.house.agency
        self.begun = await self.house.turns.open(agency.id, agency.default_programme, Channel.WEB, "sv")
        self.last = self.begun.reply
        await self.do("continue", "private", "no")
        if word:
            await self.do("code")
            await self.write(word)
        return await self.do(*choices)

    async def claimed(self, word: str = "") -> Chat:
        await self.begin("human", "chat_now", word=word)
        with self.house.records.reading() as session:
            self.case = session.scalars(select(Handover.id)).one()
        self.house.handovers.claim(self.case, self.user)
        await self.look()
        return self

    async def do(self, *choices: str) -> Chat:
        for choice in choices:
            await self._take(Heard(choice=choice, reply_to=self._on_screen()))
        return self

    async def write(self, text: str) -> Chat:
        await self._take(Heard(text=text, reply_to=self._on_screen()))
        return self

    async def _take(self, heard: Heard) -> None:
        self.last = await self.house.turns.take(self.begun.id, heard)

    def _on_screen(self) -> str | None:
        return self.last.messages[-1].id if self.last.messages else None

    async def look(self) -> Reply:
        self.last = await self.house.turns.look(self.begun.id)
        return self.last

    def desk_writes(self, text: str) -> None:
        self.house.handovers.write(self.case, self.user, text)

    @property
    def at_desk(self) -> list[StoredMessage]:
        return self.house.handovers.transcript(self.case, self.user)

    @property
    def delivered(self) -> list[str]:
        return [one.body["text"] for one in self.at_desk if one.sender is Sender.PERSON]

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.last.messages]

    @property
    def offered(self) -> set[str]:
        return {choice.id for choice in self.last.choices}

    @property
    def covered(self) -> bool:
        return "cover_plan" in self.offered


@pytest.fixture
def chat(house: House, clock: Clock) -> Chat:
    return Chat(house, clock)


# ---- leaving


@pytest.mark.parametrize("words", SOUNDS_LIKE_LEAVING)
async def test_words_that_sound_like_leaving_reach_the_human(chat: Chat, words: str) -> None:
    await chat.claimed()
    await chat.write(words)
    assert not chat.last.ended and not chat.covered and chat.last.gate == "open"
    assert chat.delivered == [words] and chat.texts[-1] == words


@pytest.mark.parametrize("words", SOUNDS_LIKE_LEAVING)
async def test_nor_does_the_assistant_erase_by_a_guess(chat: Chat, words: str) -> None:
    await chat.begin("continue")
    await chat.write(words)
    assert not chat.last.ended and "exit" in chat.offered


async def test_what_may_be_leaving_is_asked_about(chat: Chat) -> None:
    await chat.begin("continue")
    await chat.write("jag vill bort härifrån")
    assert "Vill du lämna sidan?" in chat.texts[0]
    await chat.do("exit")
    assert chat.last.left


@pytest.mark.parametrize("words", ["lämna", "Stäng sidan!", "avsluta", "close the page"])
async def test_a_plain_command_leaves_also_from_a_human(chat: Chat, house: House, words: str) -> None:
    await chat.claimed()
    await chat.write(words)
    assert chat.last.left
    with house.records.reading() as session:
        assert session.get_one(Conversation, chat.begun.id).erased


@pytest.mark.parametrize("words", ["stäng", "jag vill lämna sidan", "hej då", "jag vill avsluta samtalet"])
async def test_to_the_assistant_a_plain_wish_to_leave_is_enough(chat: Chat, words: str) -> None:
    await chat.begin("continue")
    await chat.write(words)
    assert chat.last.left


# ---- what is told


@pytest.mark.parametrize("words", DISCLOSURES)
async def test_no_disclosure_is_swallowed_by_the_cover(chat: Chat, words: str) -> None:
    await chat.claimed()
    await chat.write(words)
    assert chat.delivered == [words] and not chat.last.ended
    if words in TOLD_OF_BEFORE:
        assert not chat.covered and chat.last.gate == "open"


async def test_somebody_comes_the_words_are_delivered_with_a_mark_and_the_cover_is_on(chat: Chat) -> None:
    await chat.claimed()
    await chat.write("nån kommer")
    assert chat.covered and chat.last.gate == "closed"
    assert chat.at_desk[-1].body["noticed"] == ["overseen"]
    assert not any("nån kommer" in text for text in chat.texts)


async def test_words_while_waiting_are_delivered_too(chat: Chat, house: House) -> None:
    await chat.begin("human", "chat_now")
    await chat.write("nån kommer")
    assert chat.covered
    with house.records.reading() as session:
        chat.case = session.scalars(select(Handover.id)).one()
    house.handovers.claim(chat.case, chat.user)
    assert chat.delivered == ["nån kommer"]


# ---- somebody else


@pytest.mark.parametrize("words", [*OWN_STORIES, "jag är hans fru", "jag är hennes man", "det är sonen som svarar"])
async def test_who_sounds_like_somebody_else_is_not_shut_out_of_a_chat(chat: Chat, house: House, words: str) -> None:
    await chat.claimed()
    await chat.write(words)
    assert not chat.last.ended and chat.last.gate == "closed" and not chat.covered
    assert {"private", "not_private"} <= chat.offered and words not in chat.texts
    assert chat.delivered == [words] and "other_person" in chat.at_desk[-1].body["noticed"]
    assert (await house.turns.privacy(chat.begun.id)).privacy is Privacy.NOT_PRIVATE
    await chat.do("private")
    assert chat.texts[-1] == words


@pytest.mark.parametrize("words", OWN_STORIES)
async def test_an_own_story_closes_the_gate_and_asks(chat: Chat, words: str) -> None:
    await chat.begin("continue")
    await chat.write(words)
    assert not chat.last.ended and chat.last.gate == "closed"
    assert {"private", "not_private"} <= chat.offered
    assert not any("slår" in text or "hotar" in text for text in chat.texts)
    await chat.do("private")
    assert chat.last.gate == "open" and chat.last.stage == "information"


@pytest.mark.parametrize("words", BORROWED)
async def test_a_borrowed_phone_is_nobody_else(chat: Chat, words: str) -> None:
    await chat.begin("continue")
    await chat.write(words)
    assert not chat.last.ended and chat.last.gate == "open"


async def test_where_it_ends_a_number_and_a_way_to_begin_again_are_left(
    person: Person, client: httpx.AsyncClient
) -> None:
    await person.begin()
    await person.answer("continue", "private")
    client.cookies.set("s", f"{person.id}.{person.token}")
    page = await client.post("/say", data={"text": "jag är hennes man"}, headers={"Accept": "text/html"})
    assert "112" in page.text and "Börja ett nytt samtal" in page.text
    client.cookies.clear()
    assert (await client.get("/")).status_code == 200


# ---- back from the cover


async def test_what_was_written_behind_the_cover_is_shown_after_it(chat: Chat, house: House) -> None:
    signs = Signs(house.turns, PresenceInMemory(), house.bell)
    await chat.claimed(word="blåbär")
    await chat.write("hej")
    chat.desk_writes("Hej, hur har du det?")
    signs.of_desk(chat.begun.id, await chat.look())
    await chat.do("cover")
    chat.desk_writes("Jag är kvar här.")
    signs.of_desk(chat.begun.id, await chat.look())
    unread = signs._presence.read_to(chat.begun.id, Side.PERSON)
    assert unread < chat.at_desk[-1].seq
    await chat.write("blåbär")
    assert chat.offered >= {"private", "not_private"} and "Jag är kvar här." not in chat.texts
    await chat.do("private")
    assert [one for one in chat.texts if "är här nu" not in one] == ["hej", "Hej, hur har du det?", "Jag är kvar här."]
    signs.of_desk(chat.begun.id, await chat.look())
    assert signs._presence.read_to(chat.begun.id, Side.PERSON) == chat.at_desk[-1].seq
    await chat.write("tack")
    assert chat.delivered == ["hej", "tack"] and chat.texts[-1] == "tack"


async def test_also_where_the_caseworker_has_gone_by_then(chat: Chat, house: House) -> None:
    await chat.claimed(word="blåbär")
    await chat.do("cover")
    chat.desk_writes("Jag ringer inte, du kan skriva i morgon.")
    house.handovers.end(chat.case, chat.user)
    await chat.write("blåbär")
    assert "Jag ringer inte, du kan skriva i morgon." not in chat.texts
    await chat.do("private")
    assert "Jag ringer inte, du kan skriva i morgon." in chat.texts
    assert "Jag ringer inte, du kan skriva i morgon." in [m.text for m in (await chat.look()).messages]


async def test_last_words_that_waited_at_a_stale_gate_are_shown_to_somebody_alone(
    chat: Chat, house: House, clock: Clock
) -> None:
    await chat.claimed()
    clock.at += timedelta(minutes=6)
    chat.desk_writes("Jag måste gå, men skriv till Eva.")
    house.handovers.end(chat.case, chat.user)
    await chat.look()
    assert {"private", "not_private"} <= chat.offered and "Jag måste gå, men skriv till Eva." not in chat.texts
    await chat.do("private")
    assert "Jag måste gå, men skriv till Eva." in chat.texts and "continue" in chat.offered


async def test_last_words_that_came_with_the_end_are_shown(chat: Chat, house: House) -> None:
    await chat.claimed()
    chat.desk_writes("Skriv till Eva i morgon.")
    house.handovers.end(chat.case, chat.user)
    await chat.look()
    assert "Skriv till Eva i morgon." in chat.texts and "finish" in chat.offered


async def test_the_right_word_is_never_too_late(chat: Chat) -> None:
    await chat.claimed(word="blåbär")
    await chat.do("cover")
    chat.desk_writes("Är du kvar?")
    await chat.write("blåbär")
    assert "private" in chat.offered
    await chat.do("private")
    assert "Är du kvar?" in chat.texts


async def test_without_a_word_the_colleague_is_told_and_privacy_is_asked(chat: Chat) -> None:
    await chat.claimed()
    await chat.write("det här är hemligt")
    await chat.do("cover")
    chat.desk_writes("Det här skrev jag medan du var borta.")
    await chat.do("human")
    assert {"private", "not_private"} <= chat.offered
    assert [one.body.get("say") for one in chat.at_desk][-1] == "handover.asked"
    await chat.do("private")
    assert chat.last.gate == "open"
    # What stood there takes the word.
    assert "det här är hemligt" not in chat.texts and "Det här skrev jag medan du var borta." not in chat.texts
    chat.desk_writes("Hej igen.")
    await chat.look()
    assert chat.texts[-1] == "Hej igen."
    await chat.write("hej")
    assert chat.delivered[-1] == "hej"


async def test_nor_does_asking_for_a_human_show_what_was_written_while_waiting(chat: Chat) -> None:
    await chat.begin("human", "chat_now")
    await chat.write("det här är hemligt")
    await chat.do("cover", "human")
    assert {"private", "not_private"} <= chat.offered
    await chat.do("private")
    assert chat.last.handover == "waiting" and "det här är hemligt" not in chat.texts


# ---- a new message, only where there is one


async def test_nobody_wrote_and_no_new_message_is_spoken_of(chat: Chat, clock: Clock) -> None:
    await chat.claimed()
    chat.desk_writes("Hej!")
    await chat.look()
    clock.at += timedelta(minutes=6)
    await chat.write("jag är kvar")
    assert chat.delivered == ["jag är kvar"] and chat.last.gate == "closed"
    assert not any("nytt meddelande" in text for text in chat.texts) and "för dig själv" in chat.texts[-1]
    chat.desk_writes("Bra.")
    await chat.look()
    assert "nytt meddelande" in chat.texts[-1]
    await chat.do("private")
    assert chat.texts[-3:] == ["Hej!", "jag är kvar", "Bra."]
    clock.at += timedelta(minutes=6)
    await chat.look()
    assert not any("nytt meddelande" in text for text in chat.texts)


async def test_no_answer_to_a_stale_screen_is_lost(chat: Chat, clock: Clock) -> None:
    """ "Nej" answers the caseworker as well as the question about privacy."""
    await chat.claimed()
    chat.desk_writes("Är barnen hemma?")
    await chat.look()
    clock.at += timedelta(minutes=6)
    await chat.write("Nej, inte just nu")
    assert chat.delivered == ["Nej, inte just nu"] and chat.last.gate == "closed"


async def test_after_leaving_nothing_is_taken(chat: Chat) -> None:
    await chat.claimed()
    await chat.write("lämna")
    with pytest.raises(NotTaken):
        await chat.write("är ni kvar?")
