"""Where a turn takes place: the agency, the catalogue, who is at the desk, and what time it is."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache, partial
from zoneinfo import ZoneInfo

import babel.dates

from casework.erasure_receipt import new_code
from casework.requests import HandoverView
from casework.turn import Turn
from safety.outlet import Setting
from screening.catalogue.agency import Agency
from screening.catalogue.load import Catalogue
from screening.catalogue.word import Reader
from screening.events import HandoverKind, Outcome
from screening.journey.code import DIGITS
from screening.journey.state import HumanState, Journey, Situation, nobody


def nobody_away(at: datetime, user_id: str) -> bool:
    return False


@dataclass(frozen=True)
class Place:
    """What a turn needs to know of the world. `present` tells whether somebody who answers for an office is at the desk,
    `away` whether the caseworker with that id is not.
    """

    catalogue: Catalogue
    now: Callable[[], datetime]
    present: Callable[[datetime, str], bool]
    away: Callable[[datetime, str], bool] = nobody_away

    def agency(self, agency_id: str) -> Agency:
        return self.catalogue.agencies[agency_id]

    def situation(
        self,
        agency_id: str,
        programme: str,
        locale: str,
        *,
        human: HumanState = HumanState.NONE,
        region: str = "",
        indicated: bool = False,
        office: str = "",
        handover: HandoverView | None = None,
    ) -> Situation:
        """The situation of a turn at this moment. Who is at the desk is read when it is first asked for, once."""
        agency, now = self.agency(agency_id), self.now()
        opens = agency.opens_next(now)
        soon = "EEEE" if opens and (opens - now).days < 7 else "EEEE d MMMM"
        return Situation(
            now=now,
            agency_name=agency.name,
            rules=agency.staleness,
            mode=agency.programme(programme).mode,
            instrument=self.catalogue.instrument_for(agency, locale),
            cards=tuple(card.id for card in self.catalogue.languages[locale].cards),
            open_now=agency.open_at(now),
            at_desk=cache(partial(self.present, now, office or agency.default_office)),
            opens_day=_in_words(opens, soon, agency.timezone, locale) if opens else "–",
            opens_time=_in_words(opens, "HH:mm", agency.timezone, locale) if opens else "–",
            plan_days=agency.plan_days,
            signal_rules=self.catalogue.signal_rules,
            is_neutral=self.catalogue.is_neutral,
            resume_hours=agency.gate.resume_hours,
            fresh_digits=f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}",
            keep=agency.keep,
            receipt=new_code(),
            human=human,
            claimer=(handover.claimed_by_name or "") if handover else "",
            claimer_away=cache(partial(self.away, now, handover.claimed_by))
            if handover and handover.claimed_by
            else nobody,
            region=region,
            indicated=indicated,
        )

    def reader(self, state: Journey, situation: Situation) -> Reader:
        return Reader(
            state.locale,
            state.channel,
            state.simpler,
            situation.instrument,
            situation.now.date(),
            situation.region,
            keep=situation.keep,
        )

    def setting(self, state: Journey, situation: Situation) -> Setting:
        return Setting(
            channel=state.channel,
            session=state.session,
            gate=state.gate,
            rules=situation.rules,
            now=situation.now,
            left=state.ended and state.outcome is Outcome.LEFT,
            human_has_it=state.human is HumanState.CLAIMED,
            may_ask=state.may_ask,
        )


def human_state(turn: Turn) -> HumanState:
    """How the chat with a human stands in the records. A request to be contacted is not a chat."""
    handover = turn.handover
    if handover is None or handover.kind is not HandoverKind.CHAT:
        return HumanState.NONE
    return HumanState(handover.status.value)


@lru_cache(maxsize=64)
def _in_words(moment: datetime, pattern: str, timezone: str, locale: str) -> str:
    """A day or a time as people say it: "måndag". The same for a whole day, and asked for at every turn."""
    return str(babel.dates.format_datetime(moment.astimezone(ZoneInfo(timezone)), pattern, locale=locale))
