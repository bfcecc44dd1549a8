"""Any path of a conversation, with the real journey, catalogue and outlet, for a coordinator. Nothing is kept of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from bot.talk import view
from bot.talk.acts import meant
from bot.talk.hearing import Heard
from bot.talk.place import Place
from bot.talk.reply import Reply
from casework.desk.preview_screen import LONGEST, Asked, Line, Possible, Screen
from safety.content import Channel
from screening.catalogue.agency import Agency
from screening.catalogue.load import Catalogue
from screening.journey.acts import Act
from screening.journey.prompt import EXPECTS_WORDS
from screening.journey.state import Journey, Situation, Step
from screening.journey.step import begin, step

SAMPLES = {Step.PLAN_NUMBER: "0701740605"}
"""What the preview writes where words are waited for. The number is one that nobody has (PTS, for fiction)."""
SAMPLE = "blåbär"


class JourneyPreview:
    def __init__(self, catalogue: Catalogue, agency: Agency, now: Callable[[], datetime]) -> None:
        self._place = Place(catalogue, now, lambda at, office: True)
        self._catalogue = catalogue
        self._agency = agency

    def possible(self) -> Possible:
        programmes = {programme.id: programme.name for programme in self._agency.programmes}
        # A language that has words of the desk alone has no journey.
        locales = tuple(sorted(locale for locale, content in self._catalogue.languages.items() if content.texts))
        return Possible(locales, tuple(channel.value for channel in Channel), programmes)

    def show(self, asked: Asked) -> Screen:
        """The screen after the path; after as much of it as can be gone."""
        possible = self.possible()
        locale = asked.locale if asked.locale in possible.locales else self._agency.language
        channel = Channel(asked.channel) if asked.channel in possible.channels else Channel.WEB
        programme = asked.programme if asked.programme in possible.programmes else self._agency.default_programme
        situation = replace(
            self._place.situation(self._agency.id, programme, locale),
            open_now=asked.somebody_there,
            at_desk=lambda: asked.somebody_there,
        )
        moved = begin("preview", Journey("preview", channel, locale), situation)
        gone: tuple[str, ...] = ()
        for choice in asked.path[:LONGEST]:
            if choice not in self._offered(moved.state, situation):
                break
            moved = step(moved.state, *self._act(choice, moved.state, situation))
            gone = (*gone, choice)
        messages = view.worded(self._place, moved.state, situation, moved.says)
        reply = view.reply(self._place, moved.state, situation, messages, last_seq=0)
        return _screen(gone, reply, self._offered(moved.state, situation))

    def _offered(self, state: Journey, situation: Situation) -> dict[str, str]:
        """What can be chosen, id to label. Where words are waited for, the preview writes a sample."""
        if state.ended or state.paused:
            return {}
        offered = {choice.id: choice.label for choice in view.offered(self._place, state, situation)}
        return offered | ({Act.TOLD.value: SAMPLES.get(state.step, SAMPLE)} if state.step in EXPECTS_WORDS else {})

    def _act(self, choice: str, state: Journey, situation: Situation) -> tuple[Act, Situation]:
        if choice == Act.TOLD:
            sample = SAMPLES.get(state.step, SAMPLE)
            return Act.TOLD, replace(situation, detail=sample, typed=sample)
        what = meant(Heard(choice=choice), state, lambda text, locale: (), situation.signal_rules)
        return what.act or Act.AGAIN, replace(situation, detail=what.detail)


def _screen(gone: tuple[str, ...], reply: Reply, offered: dict[str, str]) -> Screen:
    lines = tuple(Line(one.text, one.title, one.content_class.value) for one in reply.messages)
    return Screen(gone, lines, tuple(offered.items()), reply.step, reply.gate, reply.ended)
