"""A call-back, as the two hear it. The caseworker's phone first; the person's, once it is known that no machine answered.

Both sides do everything by keys, each step is asked for again by its address, and only our own record says how far it is.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from bot.logs import place_of
from bot.phone.script import Script
from bot.phone.signature import Webhook
from bot.phone.speech import one_by_one
from bot.phone.twiml import Gather, Hangup, Join, Pause, Redirect, Verb, document
from casework.contact.call_backs import CallBacks, Opening, Result, State

log = logging.getLogger("enrum.phone")
DESK, PERSON = "/twilio/call-back/desk", "/twilio/call-back/person"
YES, NO = "1", "2"
SECONDS = 8
MOST_WAITS = 40
"""Times two seconds that the caseworker waits: longer than the person's phone rings, plus the opening twice."""
NOT_REACHED = {"busy": Result.NO_ANSWER, "no-answer": Result.NO_ANSWER, "canceled": Result.GONE}
"""The carrier's word for how the person's leg ended, where nobody answered."""


@dataclass(frozen=True)
class Bridge:
    """`script` finds the words of a language; the agency's own where there are none. `base` stands before our paths."""

    call_backs: CallBacks
    script: Callable[[str], Script]
    base: str
    agency_name: str
    is_neutral: Callable[[str], bool]

    async def desk(self, webhook: Webhook) -> str:
        """The caseworker's side. Never raises."""
        return await self._safely(webhook, self._desk, Result.FAILED)

    async def person(self, webhook: Webhook) -> str:
        """The person's side. Never raises: what fails ends in silence, not in a line about a service."""
        return await self._safely(webhook, self._person, Result.FAILED)

    def over(self, name: str, leg: str, status: str) -> None:
        """A leg has ended, as the carrier says. What the keys have said before stands."""
        if leg == "desk":
            self.call_backs.end(name, Result.GONE)
        else:
            self.call_backs.end(
                name, NOT_REACHED.get(status, Result.NO_KEY if status == "completed" else Result.FAILED)
            )

    async def _safely(self, webhook: Webhook, answer: Callable[[str, Webhook], str], otherwise: Result) -> str:
        name = webhook.query.get("c", "")
        try:
            return await asyncio.to_thread(answer, name, webhook)
        except Exception as error:  # noqa: BLE001 - nobody hears an error of ours
            log.error("call-back failed", extra={"error": type(error).__name__, "place": place_of(error.__traceback__)})
            return document([Hangup()])

    def _desk(self, name: str, webhook: Webhook) -> str:
        script, step = self.script(""), webhook.query.get("s", "")
        if step == "talked":
            return self._talked(name)
        progress = self.call_backs.progress(name)
        if progress.state is State.OVER:
            return self._told(script, progress.result)
        if progress.state is State.READY:
            return document([Join(name, self._at(DESK, c=name, s="talked"))])
        if progress.state is State.ORDERED and webhook["Digits"] != YES:
            if step == "asked":
                self.call_backs.end(name, Result.GONE)
                return document([Hangup()])
            action = self._at(DESK, c=name, s="asked")
            return document([Gather(action, (script.say(script.words.call_back_ready),), timeout=SECONDS)])
        if not self.call_backs.ring_person(name):
            return self._told(script, Result.REFUSED)
        waits = int(step) if step.isascii() and step.isdecimal() and len(step) < 4 else 0
        if waits >= MOST_WAITS:
            self.call_backs.end(name, Result.FAILED)
            return self._told(script, Result.FAILED)
        said: list[Verb] = [] if waits else [script.say(script.words.call_back_ringing)]
        return document([*said, Pause(2), Redirect(self._at(DESK, c=name, s=str(waits + 1)))])

    def _talked(self, name: str) -> str:
        """The two were connected, and one of them has put the phone down."""
        self.call_backs.end(name, Result.TALKED)
        return document([Hangup()])

    def _told(self, script: Script, result: Result | None) -> str:
        text = script.words.call_back_results.get(result.value, "") if result else ""
        return document([*([script.say(text)] if text else []), Hangup()])

    def _person(self, name: str, webhook: Webhook) -> str:
        opening = self.call_backs.opening(name)
        if opening is None:
            return document([Hangup()])
        script, step, answered = self.script(opening.locale), webhook.query.get("s", ""), webhook["AnsweredBy"]
        if step == "talked":
            return self._talked(name)
        if answered.startswith(("machine", "fax")) or (not step and answered != "human"):
            # Who is not known to be a human is taken for a machine.
            return self._machine(name, script, opening, answered)
        if webhook["Digits"] == YES and self.call_backs.ready(name):
            return document([Join(name, self._at(PERSON, c=name, s="talked"))])
        if webhook["Digits"]:
            self.call_backs.end(name, Result.NOT_NOW)
            return document([script.say(script.words.goodbye), Hangup()])
        if step == "2":
            self.call_backs.end(name, Result.NO_KEY)
            return document([Hangup()])
        if not step:
            self.call_backs.answered(name)
        action = self._at(PERSON, c=name, s="2" if step else "1")
        says = tuple(script.say(text) for text in self._opening(script, opening))
        return document([Gather(action, says, timeout=SECONDS)])

    def _machine(self, name: str, script: Script, opening: Opening, answered: str) -> str:
        """Silence, unless the plan allows a message and the machine is listening."""
        if not opening.voicemail or not answered.startswith("machine_end"):
            self.call_backs.end(name, Result.MACHINE)
            return document([Hangup()])
        self.call_backs.end(name, Result.MESSAGE)
        words = [*self._code_word(opening), script.words.voicemail]
        return document([*(script.say(text) for text in words), Hangup()])

    def _opening(self, script: Script, opening: Opening) -> list[str]:
        """Neutral to whoever answers. The word that was agreed on comes first, so that the person knows who it is."""
        named = script.words.opening_by.format(agency=self.agency_name)
        return [
            *self._code_word(opening),
            named if opening.say_agency else script.words.opening,
            script.words.opening_keys,
        ]

    def _code_word(self, opening: Opening) -> list[str]:
        """Nobody knows yet who listens: a word that tells what it is about is left out, however it came into the plan."""
        word = opening.code_word
        return [f"{one_by_one(word)}."] if word and self.is_neutral(word) else []

    def _at(self, path: str, **query: str) -> str:
        return f"{self.base}{path}?{urlencode(query)}"
