"""Which key does what at this moment. The keys follow from what can be chosen, in order, and from nothing else.

Fixed everywhere: `*` again, `#` help now, `9` a human, `0` the neutral way out. 1 to 8 are the step's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from bot.talk.reply import Choice, Reply
from safety.gate import Block
from screening.journey.acts import Act
from screening.journey.state import Step

NOT_BY_PHONE = frozenset({Act.CODE.value, Act.PAUSE.value, Act.CHAT_NOW.value})
"""Words cannot be typed, and a chat cannot be had, with keys."""
OWN_KEYS = 8
DIGITS_OF_A_WORD = 4


class Extra(StrEnum):
    """What a key does beside the journey."""

    MORE = "more"
    SLOWER = "slower"
    NORMAL = "normal"
    LANGUAGE = "other_language"
    CODE = "have_code"


class Fixed(StrEnum):
    AGAIN = "*"
    HELP_NOW = "#"
    HUMAN = "9"
    OUT = "0"


@dataclass(frozen=True)
class Key:
    """`does` is the id of a choice, or an `Extra`. `label` is what is said."""

    key: str
    does: str
    label: str = ""


@dataclass(frozen=True)
class Keypad:
    keys: tuple[Key, ...]
    digits: int | None
    """How many keys make an answer. None: a number, ended by `#`."""
    mark: str
    """Tells one keypad of a call from another: a key that was pressed to an older one is not taken."""

    def does(self, key: str) -> str | None:
        return next((one.does for one in self.keys if one.key == key), None)

    @property
    def waits_for_digits(self) -> bool:
        return self.digits != 1


def keypad(call: str, reply: Reply, *, page: int, slow: bool, shuffle: bool, extras: tuple[Extra, ...] = ()) -> Keypad:
    """The keys for what is offered in `reply`. `call` is the carrier's name of the call.

    More choices than keys are spread over pages. Slower speech, and `extras`, have a key where there is room.
    """
    here = [choice for choice in reply.choices if not choice.everywhere and choice.id not in NOT_BY_PHONE]
    if shuffle:
        here = _shuffled(call, reply, here)
    own = [(choice.id, choice.label) for choice in here]
    pages = _pages(own)
    shown = pages[page % len(pages)]
    if len(pages) > 1:
        shown = [*shown, (Extra.MORE.value, "")]
    rest: list[Extra] = [*extras, Extra.NORMAL if slow else Extra.SLOWER]
    for extra in rest if len(pages) == 1 else ():
        if len(shown) < OWN_KEYS:
            shown = [*shown, (extra.value, "")]
    keys = tuple(Key(str(n), does, label) for n, (does, label) in enumerate(shown, start=1))
    named = "|".join([call, reply.step, *(f"{key.key}{key.does}" for key in keys)])
    return Keypad(keys, _digits(reply), sha256(named.encode()).hexdigest()[:10])


def _pages(own: list[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    if len(own) <= OWN_KEYS:
        return [own]
    return [own[start : start + OWN_KEYS - 1] for start in range(0, len(own), OWN_KEYS - 1)]


def _digits(reply: Reply) -> int | None:
    return {Step.PLAN_NUMBER.value: None, Step.PLAN_CODE.value: DIGITS_OF_A_WORD}.get(reply.step, 1)


def _shuffled(call: str, reply: Reply, here: list[Choice]) -> list[Choice]:
    """Yes and no change places from block to block; which begins differs from call to call."""
    item = next((message for message in reply.messages if message.part == "item"), None)
    ids = [choice.id for choice in here]
    if item is None or not {"yes", "no"} <= set(ids):
        return here
    turned = (sha256(call.encode()).digest()[0] + list(Block).index(item.block)) % 2
    yes, no = ids.index("yes"), ids.index("no")
    if turned:
        here[yes], here[no] = here[no], here[yes]
    return here
