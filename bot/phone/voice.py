"""The journey by keys. Nothing has to be said aloud, nothing that was answered is said back, `0` ends it at once.

Every request names its step, and a step is taken once: what the carrier sends again finds the step taken and hears
what is asked now. A key that was pressed on an older keypad is not taken for an answer to a newer one.
"""

from __future__ import annotations

import asyncio
import logging

from bot.logs import place_of
from bot.phone.asked import Asked
from bot.phone.keypad import Fixed, Keypad, keypad
from bot.phone.line import Line, Over
from bot.phone.menus import EXTRAS, chosen_language, extra, extras_at
from bot.phone.signature import Webhook
from bot.talk.hearing import Heard
from bot.talk.reply import NotTaken, Refusal, Reply
from bot.web.rates import Rate
from casework.invitations import NotOpened, Opening
from safety.content import Channel
from screening.journey.acts import Act

log = logging.getLogger("enrum.phone")
MOST_SILENCES = 2
MOST_TRIES = 3
MACHINES = ("machine", "fax")
"""How the carrier's word begins for whoever answered, where it was no person."""


async def answer(line: Line, webhook: Webhook) -> str:
    """The document for a voice request. Never raises: what fails is a neutral line and the end of the call (P12)."""
    try:
        return await _answer(line, webhook)
    except Over:
        return line.script.goodbye()
    except Exception as error:  # noqa: BLE001 - nobody hears an error of ours
        log.error("call failed", extra={"error": type(error).__name__, "place": place_of(error.__traceback__)})
        return line.script.goodbye([line.script.words.out_of_order])


async def _answer(line: Line, webhook: Webhook) -> str:
    name, asked = webhook["CallSid"], Asked.read(webhook.query)
    if not name or webhook["AnsweredBy"].startswith(MACHINES) or webhook["Direction"].startswith("outbound"):
        # We ring nobody by machine: a machine that answers, or a call that did not come in to us, hears nothing.
        raise Over
    call = await asyncio.to_thread(line.calls.find, name)
    if call is not None and call.over:
        raise Over
    pressing = Pressing(line, webhook, asked, call.conversation_id if call else None)
    if call is not None and call.conversation_id is None:
        return pressing.come_again()
    return await pressing.answer()


class Pressing:
    """One request of one call."""

    def __init__(self, line: Line, webhook: Webhook, asked: Asked, conversation_id: str | None) -> None:
        self._line = line
        self._name = webhook["CallSid"]
        self._digits = webhook["Digits"]
        self._webhook = webhook
        self._asked = asked
        self._id = conversation_id

    async def answer(self) -> str:
        reply = await self._look()
        if self._digits == Fixed.OUT:
            # The way out is open whatever was asked.
            return await self._out(reply)
        if self._asked.menu and self._asked.step == reply.last_seq:
            return await self._menu(reply)
        pad = self._pad(reply, self._asked)
        if self._asked.step != reply.last_seq or self._asked.mark != pad.mark:
            # The first request of the call, or one that was sent again or overtaken: nothing is taken.
            return self._ask(reply, brief=True)
        if not self._digits:
            return await self._silent(reply, pad)
        return await self._pressed(reply, pad)

    def come_again(self) -> str:
        """Another request of this call is at work: wait for it, but not for ever."""
        script = self._line.script
        if self._asked.tries >= MOST_TRIES:
            return script.goodbye([script.words.out_of_order])
        return script.wait(self._asked)

    async def _look(self) -> Reply:
        if self._id is None:
            return self._line.greeting(self._asked.locale)
        just_asked = self._line.shown.get(self._name, self._asked.step)
        if just_asked is not None:
            return just_asked
        try:
            return await self._line.turns.look(self._id)
        except NotTaken:
            raise Over from None

    async def _pressed(self, reply: Reply, pad: Keypad) -> str:
        key, words = self._digits, self._line.script_of(reply).words
        if len(key) > 1:
            taken = pad.waits_for_digits and pad.digits in (None, len(key))
            return await self._take(reply, Heard(text=key)) if taken else self._ask(reply, words.wrong_key)
        match key:
            case Fixed.AGAIN:
                return self._ask(reply)
            case Fixed.HELP_NOW:
                return await self._take(reply, Heard(choice=Act.HELP_NOW.value))
            case Fixed.HUMAN:
                return await self._human(reply)
        does = pad.does(key)
        if does is None:
            # Before there is a conversation it may not have been heard yet that this is an automated service.
            begun = self._id is not None
            return (
                self._line.script_of(reply).wrong_key(reply, pad, self._asked)
                if begun
                else self._ask(reply, words.wrong_key)
            )
        if does in EXTRAS:
            return extra(self._line, does, reply, self._asked) or self._ask(reply, asked=self._changed(does))
        return await self._take(reply, Heard(choice=does))

    async def _take(self, reply: Reply, heard: Heard, *before: str) -> str:
        """Take a turn, once, and say what follows."""
        try:
            after = await self._turn(reply, heard)
        except NotTaken as not_taken:
            self._line.shown.drop(self._name)
            return await self._not_taken(not_taken.refusal)
        if after.ended:
            self._line.shown.drop(self._name)
            return self._line.script_of(after).goodbye(messages=after.messages)
        self._line.shown.put(self._name, after)
        return self._ask(after, *before, brief=True)

    async def _turn(self, reply: Reply, heard: Heard, part: str = "") -> Reply:
        if self._id is None:
            await self._open(reply.locale)
        assert self._id is not None
        last = reply.messages[-1].id if reply.messages and reply.last_seq else None
        key = f"{self._name}:{self._asked.step}{part}"
        return await self._line.turns.take(self._id, Heard(heard.text, heard.choice, last, key))

    async def _open(self, locale: str, opening: Opening | None = None) -> None:
        """Begin the conversation with the first key. Raises NotTaken if another request is doing just that."""
        line = self._line
        call = await asyncio.to_thread(line.calls.reserve, self._name)
        if not call.mine:
            raise NotTaken(Refusal.BUSY)
        begun = await line.begin_invited(opening) if opening else await line.begin(locale)
        self._id = begun.id
        if not await asyncio.to_thread(line.calls.bind, self._name, begun.id):
            await line.turns.hang_up(begun.id)
            raise Over

    async def _not_taken(self, refusal: Refusal) -> str:
        if refusal in (Refusal.ENDED, Refusal.UNKNOWN):
            raise Over
        if refusal is Refusal.BUSY or self._asked.tries >= MOST_TRIES:
            return self.come_again()
        reply = await self._look()
        words = self._line.script_of(reply).words
        return self._ask(reply, words.failed, asked=self._asked.next(tries=self._asked.tries + 1))

    async def _out(self, reply: Reply) -> str:
        """Neutral at once, and over. Whatever fails here, the call still ends on a neutral line."""
        self._line.shown.drop(self._name)
        if self._id is None:
            raise Over
        try:
            covered = await self._turn(reply, Heard(choice=Act.COVER.value), ":cover")
            after = await self._turn(covered, Heard(choice=Act.FINISH.value), ":out")
        except NotTaken:
            await self._line.turns.hang_up(self._id)
            raise Over from None
        return self._line.script_of(after).goodbye(messages=after.messages)

    async def _silent(self, reply: Reply, pad: Keypad) -> str:
        if self._asked.silences < MOST_SILENCES:
            return self._line.script_of(reply).silent(reply, pad, self._asked)
        if self._id is not None:
            await self._line.turns.hang_up(self._id)
        raise Over

    async def _human(self, reply: Reply) -> str:
        """Ring whoever has duty, in opening hours; otherwise the ways that are there."""
        duty_number = self._line.agency.phone.duty_number
        if duty_number and self._line.is_open(self._line.now()):
            asked = self._asked.next(step=reply.last_seq)
            return self._line.script_of(reply).connect(duty_number, self._webhook["To"], asked)
        return await self._take(reply, Heard(choice=Act.HUMAN.value))

    async def _menu(self, reply: Reply) -> str:
        """An answer to something beside the journey."""
        match self._asked.menu:
            case "language" if self._id is None:
                asked = self._asked.next(locale=chosen_language(self._line, self._digits))
                return self._ask(self._line.greeting(asked.locale), asked=asked)
            case "code" if self._id is None:
                return await self._code(reply)
            case "dialled":
                if self._webhook["DialCallStatus"] == "completed":
                    raise Over
                words = self._line.script_of(reply).words
                return await self._take(reply, Heard(choice=Act.HUMAN.value), words.no_answer)
        return self._ask(reply)

    async def _code(self, reply: Reply) -> str:
        line, words = self._line, self._line.script_of(reply).words
        caller = self._webhook["From"]
        if await asyncio.to_thread(line.rates.spent, Rate.PHONE_CODE, caller):
            # The same words as for a wrong one: nobody learns that a code was right. The call goes on without.
            return self._ask(reply, words.wrong_code)
        try:
            opening = await asyncio.to_thread(line.invitations.open_code, self._digits, Channel.VOICE)
        except NotOpened:
            await asyncio.to_thread(line.rates.note, Rate.PHONE_CODE, caller)
            asked = self._asked.next(step=self._asked.step, tries=self._asked.tries + 1)
            if asked.tries >= MOST_TRIES:
                return self._ask(reply, words.wrong_code)
            return line.script_of(reply).code(asked, words.wrong_code)
        try:
            await self._open(reply.locale, opening)
        except NotTaken:
            await asyncio.to_thread(line.invitations.give_back, opening)
            return self.come_again()
        return self._ask(await self._look())

    def _changed(self, does: str) -> Asked:
        return EXTRAS[does](self._asked)

    def _ask(self, reply: Reply, *before: str, asked: Asked | None = None, brief: bool = False) -> str:
        same_step = self._asked.step == reply.last_seq
        asked = asked or self._asked.next(page=self._asked.page if same_step else 0)
        return self._line.script_of(reply).ask(reply, self._pad(reply, asked), asked, *before, brief=brief)

    def _pad(self, reply: Reply, asked: Asked) -> Keypad:
        return keypad(
            self._name,
            reply,
            page=asked.page,
            slow=bool(asked.slow),
            shuffle=self._line.agency.phone.shuffle_yes,
            extras=extras_at(self._line, reply, begun=self._id is not None),
        )
