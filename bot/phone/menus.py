"""Keys beside the journey: more choices, slower speech, another language, a code that was handed out."""

from __future__ import annotations

from collections.abc import Callable

from bot.phone.asked import Asked
from bot.phone.keypad import Extra
from bot.phone.line import Line
from bot.talk.reply import Reply
from screening.journey.state import Step

EXTRAS: dict[str, Callable[[Asked], Asked]] = {
    Extra.MORE.value: lambda asked: asked.next(page=asked.page + 1),
    Extra.SLOWER.value: lambda asked: asked.next(slow=1),
    Extra.NORMAL.value: lambda asked: asked.next(slow=0),
    Extra.LANGUAGE.value: lambda asked: asked.next(),
    Extra.CODE.value: lambda asked: asked.next(),
}
"""What each changes in how the same thing is asked again."""


def extras_at(line: Line, reply: Reply, *, begun: bool) -> tuple[Extra, ...]:
    """Language and code are chosen before anything else."""
    if begun or reply.step != Step.HELLO.value:
        return ()
    return (Extra.CODE, Extra.LANGUAGE) if len(line.scripts) > 1 else (Extra.CODE,)


def extra(line: Line, does: str, reply: Reply, asked: Asked) -> str | None:
    """The menu that an extra key opens; None for one that only changes how the same thing is asked."""
    script, at_this_step = line.script_of(reply), asked.next(step=reply.last_seq)
    match Extra(does):
        case Extra.LANGUAGE:
            return script.languages(list(line.scripts.values()), at_this_step)
        case Extra.CODE:
            return script.code(at_this_step)
    return None


def chosen_language(line: Line, digits: str) -> str:
    """The language of a key; the agency's own where the key was none of them."""
    locales = list(line.scripts)
    number = int(digits) if digits.isascii() and digits.isdecimal() and len(digits) == 1 else 0
    return locales[number - 1] if 0 < number <= len(locales) else line.agency.language
