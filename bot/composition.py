"""The composition root: the one place where the rooms are joined. Nothing happens at import."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot import data_files
from bot.engine.training import train
from bot.safety_data import load_signals
from bot.settings import Settings
from bot.sign_in import secret_of, sign_in_of
from bot.talk.acts import FindSignals
from bot.talk.place import Place
from bot.talk.turns import Turns
from bot.ways_out import wants_of
from bot.web.bell import Bell
from casework.accounts import Accounts
from casework.desk.outside_pages import Outside
from casework.follow_ups import FollowUps
from casework.handover import HandoverDesk
from casework.intake import Intake
from casework.key_files import FileKeys
from casework.keys import KeyService
from casework.opening import open_records as open_at
from casework.outside_accounts import Mapped, OutsideAccounts
from casework.outside_service import OutsideService
from casework.presence import Presence, PresenceInMemory, presence_of
from casework.records import Records
from safety.signals import Signals, noticed
from screening.catalogue.agency import Agency
from screening.catalogue.load import Catalogue

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


class UnknownAgency(ValueError):
    """`ENRUM_AGENCY` names no agency file. `args[0]` lists those that there are."""


@dataclass(frozen=True)
class House:
    """Everything that a running Enrum is made of."""

    settings: Settings
    catalogue: Catalogue
    agency: Agency
    records: Records
    intake: Intake
    handovers: HandoverDesk
    accounts: Accounts
    turns: Turns
    bell: Bell
    now: Clock
    presence: Presence = field(default_factory=PresenceInMemory)

    def away_after(self) -> timedelta:
        """How long a page of the desk may be closed before its caseworker is away, by the rules of this moment."""
        return self.catalogue.agencies[self.agency.id].desk.away_after


def build(
    settings: Settings,
    *,
    progress: Callable[[str], None] = lambda step: None,
    now: Clock = utc_now,
    keys: KeyService | None = None,
) -> House:
    """Read the data, train if needed, open the records, load the agent. `keys` in place of those of the settings.

    Raises `data_files.BadData`, `UnknownAgency`, `training.TrainingFailed`, `agent.NotReady`, `keys.BadKeyFile`.
    """
    catalogue = data_files.catalogue(now().date(), changes=data_files.edits_of(settings.home).current())
    agency = _agency(catalogue, settings.agency)
    records = open_records(settings, keys)
    model = train(settings.home, progress)
    signals = load_signals(settings.home, progress=progress)
    return join(settings, catalogue, agency, records, model, signals, now)


def agency_of(settings: Settings) -> Agency:
    """The agency of the settings, without anything else. Raises `data_files.BadData`, `UnknownAgency`."""
    return _agency(data_files.catalogue_now(data_files.edits_of(settings.home)), settings.agency)


def open_records(settings: Settings, keys: KeyService | None = None) -> Records:
    """The records, at the newest version. Makes home and key at first start.

    Raises `keys.BadKeyFile`, `settings.BadSetting`.
    """
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    wants = wants_of(settings)
    records = open_at(settings.database, keys or open_keys(settings))
    records.ways_out = wants
    return records


def open_keys(settings: Settings) -> FileKeys:
    """The key service. A master key is made at first start, unless its file is named. Raises `keys.BadKeyFile`."""
    return FileKeys.open(settings.key_file, settings.keys, create=not settings.master_key_file)


def join(
    settings: Settings,
    catalogue: Catalogue,
    agency: Agency,
    records: Records,
    model: Path,
    signals: Signals,
    now: Clock = utc_now,
) -> House:
    """Join rooms that are ready. Imports Rasa, which takes seconds."""
    from bot.engine.agent import RasaEngine

    engine = RasaEngine.load(model)
    intake = Intake(records, now)
    most_attempts = agency.phone.most_attempts
    handovers = HandoverDesk(
        records,
        now,
        most_attempts=most_attempts,
        is_open=open_now(catalogue, agency.id),
        away_after=lambda: catalogue.agencies[agency.id].desk.away_after,
    )
    place = Place(catalogue, now, handovers.someone_present, handovers.taking_over.is_away)
    bell = Bell()
    turns = Turns(engine, intake, place, signal_finder(signals), bell.changed)
    accounts, presence = accounts_of(settings, records, now), presence_of(settings.redis_url)
    return House(settings, catalogue, agency, records, intake, handovers, accounts, turns, bell, now, presence)


def open_now(catalogue: Catalogue, agency_id: str) -> Callable[[datetime], bool]:
    """Whether the agency is open, by the hours that count at the moment of asking: they change while the program runs."""
    return lambda at: catalogue.agencies[agency_id].open_at(at)


def follow_ups_of(agency: Agency, records: Records, now: Clock = utc_now) -> FollowUps:
    """Asking again, by the agency's rule."""
    return FollowUps(records, now, agency.repeat.occasions, agency.repeat.months_between)


def accounts_of(settings: Settings, records: Records, now: Clock = utc_now) -> Accounts:
    """Raises `settings.BadSetting`."""
    sign_in = sign_in_of(settings)
    only_outside = sign_in.service is not None and sign_in.service.only
    return Accounts(records, now, two_steps=sign_in.second_step_for, passwords_count=not only_outside)


def outside_of(settings: Settings, records: Records, now: Clock = utc_now) -> Outside | None:
    """The agency's own sign-in service, if one is set up. Raises `settings.BadSetting`."""
    service = sign_in_of(settings).service
    if service is None:
        return None
    secret = secret_of(service.client_secret_file, "ENRUM_SIGN_IN_FILE: service.client_secret_file")
    mapped = Mapped(
        service.name_claim, service.role_claim, service.roles, service.office_claim, service.offices or None
    )
    return Outside(
        service.name,
        service.only,
        OutsideService(service.issuer, service.client_id, secret, service.scope, now=lambda: now().timestamp()),
        OutsideAccounts(records, mapped, now),
        records.keys,
        now,
    )


def signal_finder(signals: Signals) -> FindSignals:
    """The safety signals in a text."""
    return lambda text, locale: noticed(signals.find(text, locale))


def _agency(catalogue: Catalogue, name: str) -> Agency:
    if name not in catalogue.agencies:
        raise UnknownAgency(f"ENRUM_AGENCY is {name!r}; there are {', '.join(sorted(catalogue.agencies))}")
    return catalogue.agencies[name]
