"""A call-back heard on this machine: the caseworker's phone and the person's, in one terminal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from bot.phone.local_carrier import LocalCall, LocalCarrier
from bot.phone.pocket import PocketCarrier
from bot.phone.routes import Phone
from casework.contact.orders import What

PATHS = {What.RING_DESK: "/twilio/call-back/desk", What.RING_PERSON: "/twilio/call-back/person"}
WHO = {"human": "human", "machine": "machine_start", "beep": "machine_end_beep", "fax": "fax"}
"""What the carrier says of the one who answers. `beep`: a machine that has come to its tone."""
NOBODY = ("busy", "no-answer")
HANG_UP = "q"
HOW = (
    "d KEY is a key on the caseworker's phone, p KEY on the person's; d or p alone is silence, d q and p q hang up.\n"
    "When the person's phone rings: p human, p machine, p beep, p fax, p busy or p no-answer."
)


class TwoPhones:
    """`echo` gets every line that is heard or shown. `screen` is what the desk's page says at the moment."""

    def __init__(
        self,
        carrier: LocalCarrier,
        pocket: PocketCarrier,
        phone: Phone,
        echo: Callable[[str], None],
        screen: Callable[[], str],
    ) -> None:
        self._carrier = carrier
        self._pocket = pocket
        self._phone = phone
        self._echo = echo
        self._screen = screen
        self._shown = ""
        self._seen = len(pocket.rung)
        self._calls: dict[str, LocalCall] = {}
        self._addresses: dict[str, str] = {}
        """Who rings and has not been answered."""
        self._waiting: asyncio.Task[object] | None = None
        """The caseworker's phone, while it waits for the person's."""

    async def begin(self) -> None:
        """The caseworker's phone rings and is answered."""
        await self._ring()
        await self._settle()

    @property
    def over(self) -> bool:
        return bool(self._calls) and all(call.over for call in self._calls.values()) and not self._addresses

    async def do(self, line: str) -> None:
        """One line of the terminal, as HOW says."""
        who, _, key = line.partition(" ")
        if who not in ("d", "p"):
            self._echo(HOW)
            return
        call, address = self._calls.get(who), self._addresses.get(who)
        if address is not None:
            await self._answer(who, address, key)
        elif call is None or call.over:
            self._echo("[that phone is silent]")
        elif key == HANG_UP:
            await self._hang_up(who, call)
        elif not call.action or call.room or not _idle(self._waiting, who):
            self._echo("[nothing listens for keys there now]")
        elif who == "d":
            self._waiting = asyncio.create_task(call.press(key))
        else:
            await call.press(key)
        await self._settle()

    async def end(self) -> None:
        """Nobody is at the terminal any more."""
        for call in self._calls.values():
            if not call.over:
                await call.hang_up()
        if self._waiting is not None:
            self._waiting.cancel()

    async def _answer(self, who: str, address: str, how: str) -> None:
        call = self._calls[who]
        if how in NOBODY:
            del self._addresses[who]
            await call.not_answered(address, how)
        elif how in WHO:
            del self._addresses[who]
            await call.answer(address, WHO[how])
        else:
            self._echo(HOW)

    async def _hang_up(self, who: str, call: LocalCall) -> None:
        await call.hang_up()
        if who == "d" and self._waiting is not None:
            self._waiting.cancel()
        other = self._calls.get("p" if who == "d" else "d")
        if call.room and other is not None and not other.over:
            await other.left_alone()

    async def _settle(self) -> None:
        """Until nothing happens any more without a key: the carrier rings, the waiting phone hears how it went."""
        for _ in range(100):
            await self._ring()
            self._show()
            if not self._moves():
                break
            await asyncio.sleep(0.1)
        self._show()

    def _moves(self) -> bool:
        if self._waiting is None or self._waiting.done():
            return False
        person = self._calls.get("p")
        # Until the person's phone rings; then until what the person did has reached the caseworker.
        return person is None or person.over or bool(person.room)

    async def _ring(self) -> None:
        """What the carrier is asked to ring."""
        assert self._phone.delivery is not None, "the carrier is in the pocket"
        await asyncio.to_thread(self._phone.delivery.run)
        rung, self._seen = self._pocket.rung[self._seen :], len(self._pocket.rung)
        for what, number, name in rung:
            leg = "d" if what is What.RING_DESK else "p"
            label = "caseworker" if leg == "d" else "person"
            self._calls[leg] = self._carrier.call(number)
            self._calls[leg].hears = lambda text, label=label: self._echo(f"{label:>10}: {text}")  # type: ignore[misc]
            address = f"{PATHS[what]}?c={name}&g={'desk' if leg == 'd' else 'person'}"
            if leg == "d":
                await self._calls[leg].answer(address)
            else:
                self._addresses[leg] = address
                self._echo("[the person's phone rings]")

    def _show(self) -> None:
        now = self._screen()
        if now != self._shown:
            self._shown = now
            self._echo(f"{'screen':>10}: {now}")


def _idle(waiting: asyncio.Task[object] | None, who: str) -> bool:
    return who != "d" or waiting is None or waiting.done()
