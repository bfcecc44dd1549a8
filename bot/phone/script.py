"""What is heard: a reply and its keys as a TwiML document. Answers are never spoken back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.phone.asked import Asked
from bot.phone.keypad import Extra, Key, Keypad
from bot.phone.speech import aloud, spoken
from bot.phone.twiml import Dial, Gather, Hangup, Pause, Redirect, Say, Verb, document
from bot.talk.reply import Message, Reply
from safety.content import ContentClass, Sender
from screening.catalogue.phone_words import PhoneWords
from screening.journey.acts import Act
from screening.journey.state import Step

KEYS_TOLD_AT = frozenset({Step.HELLO.value, Step.LEAVING.value})
"""Steps where the keys that always work are said."""
ANSWERS = frozenset({Act.YES.value, Act.NO.value, Act.DECLINE.value})
SECONDS, SECONDS_FOR_NUMBERS = 8, 12


class Script:
    """Makes documents in one language. `base` stands before our paths: empty where relative ones do."""

    def __init__(self, words: PhoneWords, locale: str, base: str) -> None:
        self.words = words
        self.locale = locale
        self._base = base

    def ask(self, reply: Reply, pad: Keypad, asked: Asked, *before: str, brief: bool = False) -> str:
        """Say what is on the reply, and wait for a key. `brief`: after the first question only the answers are said again."""
        always = (self.words.always,) if reply.step in KEYS_TOLD_AT else ()
        brief = brief and _is_a_later_item(reply)
        texts = [*before, *self._texts(reply.messages), *self._choices(pad, reply, brief=brief), *always]
        return self._gather(
            texts, pad, asked.next(step=reply.last_seq, mark=pad.mark, page=asked.page, tries=asked.tries)
        )

    def silent(self, reply: Reply, pad: Keypad, asked: Asked) -> str:
        """Nobody pressed a key. What is sensitive is not said again into a room that may have changed: it is offered."""
        guarded = any(message.content_class is not ContentClass.NEUTRAL for message in reply.messages)
        said = [self.words.still_there] if guarded else self._texts(reply.messages)
        texts = [self.words.silence, *said, *self._choices(pad, reply)]
        silences = asked.silences + 1
        return self._gather(
            texts, pad, asked.next(step=reply.last_seq, mark=pad.mark, page=asked.page, silences=silences)
        )

    def wrong_key(self, reply: Reply, pad: Keypad, asked: Asked) -> str:
        """A key that does nothing here. Only the choices are said again: whoever listens has heard the rest, and so may others."""
        texts = [self.words.wrong_key, self.words.say_again, *self._choices(pad, reply)]
        return self._gather(texts, pad, asked.next(step=reply.last_seq, mark=pad.mark, page=asked.page))

    def languages(self, scripts: Sequence[Script], asked: Asked) -> str:
        """Each language in its own voice."""
        says: list[Say | Pause] = []
        for number, script in enumerate(scripts, start=1):
            text = script.words.press.format(key=number, choice=script.words.choose_language)
            says += [*script._says([text], asked.slow), Pause()]
        return document(_listen(Gather(asked.address(self._base, menu="language"), tuple(says), timeout=SECONDS)))

    def code(self, asked: Asked, *before: str) -> str:
        """Wait for the digits of a code."""
        says = tuple(self._says([*before, self.words.enter_code], asked.slow))
        action = asked.address(self._base, menu="code")
        return document(_listen(Gather(action, says, digits=None, timeout=SECONDS_FOR_NUMBERS)))

    def connect(self, number: str, shown: str, asked: Asked) -> str:
        """Say that a human is rung, and ring."""
        action = asked.address(self._base, menu="dialled")
        return document([*self._says([self.words.connecting], asked.slow), Dial(number, shown, action)])

    def goodbye(self, texts: Iterable[str] = (), *, messages: Iterable[Message] = ()) -> str:
        """The last words. The call is over after them."""
        said = [*self._texts(messages), *texts] or [self.words.goodbye]
        return document([*self._says(said, 0), Hangup()])

    def wait(self, asked: Asked) -> str:
        """Another request of this call is being answered: come again in a moment, without a key."""
        return document([Pause(), Redirect(asked.address(self._base, mark="", tries=asked.tries + 1))])

    def _gather(self, texts: Sequence[str], pad: Keypad, asked: Asked) -> str:
        says = tuple(self._says(texts, asked.slow))
        seconds = SECONDS_FOR_NUMBERS if pad.waits_for_digits else SECONDS
        return document(_listen(Gather(asked.address(self._base), says, pad.digits, seconds)))

    def say(self, text: str) -> Say:
        """One text in this language's voice."""
        return Say(text, self.words.voice, self.words.speech_language)

    def _says(self, texts: Iterable[str], slow: int) -> list[Say]:
        words = self.words
        return [Say(text, words.voice, words.speech_language, slow=bool(slow)) for text in texts]

    def _texts(self, messages: Iterable[Message]) -> list[str]:
        ours = (message for message in messages if message.sender is Sender.ASSISTANT)
        return [text for message in ours for text in spoken(message, self.locale, self.words.to)]

    def _choices(self, pad: Keypad, reply: Reply, *, brief: bool = False) -> list[str]:
        """The step's own choices. What only changes the speech is said at the beginning, and works all the time."""
        press = self.words.press_and_pound if pad.waits_for_digits else self.words.press
        told = reply.step in KEYS_TOLD_AT
        keys = [key for key in pad.keys if told or key.label or key.does == Extra.MORE]
        if brief:
            keys = [key for key in keys if key.does in ANSWERS]
        said = (press.format(key=key.key, choice=self._label(key)) for key in keys)
        # A label that is a question keeps its own sign.
        return [text.replace("?:", "?") for text in said] + ([self.words.all_choices] if brief else [])

    def _label(self, key: Key) -> str:
        if not key.label:
            return str(getattr(self.words, Extra(key.does).value))
        return aloud(key.label, self.locale, self.words.to)


def _is_a_later_item(reply: Reply) -> bool:
    """A question, and not the first, which comes with the instrument's introduction."""
    parts = {message.part for message in reply.messages}
    return "item" in parts and "intro" not in parts


def _listen(gather: Gather) -> list[Verb]:
    """The carrier always goes to the address; should it not, the second line sends it there as silence does."""
    return [gather, Redirect(gather.action)]
