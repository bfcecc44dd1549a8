"""Records in a real SQLite file, and a clock that the test moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copy

import pytest
from argon2 import PasswordHasher

from casework.accounts import Accounts
from casework.caseworker import Caseworker
from casework.handover import HandoverDesk
from casework.intake import Intake, Opened, OutMessage
from casework.key_files import FileKeys
from casework.opening import bind
from casework.passwords import Passwords
from casework.records import Records, migrate
from casework.roles import Role
from casework.turn import Turn
from safety.content import ContentClass, Sender
from safety.safe_contact import ContactWay, ContactWindow, SafeContactPlan
from screening.events import Event
from tests.casework.desk_browser import app, at_desk, browser, changed, chat, contact, inviting
from tests.figures import figures_of
from tests.postgresql import Cluster

__all__ = ["app", "at_desk", "browser", "changed", "chat", "contact", "inviting"]

NUMBER = "+46700000000"
PASSWORD = "en lång lösenfras"


class Clock:
    """A Tuesday at 10:30 in Sweden, until it is moved."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def pass_(self, **by: float) -> None:
        self.at += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test of the records runs on both databases, but those that look into SQLite's files."""
    if "engine" in metafunc.fixturenames and "how" not in metafunc.fixturenames:
        metafunc.parametrize("engine", ["sqlite"] if "database" in metafunc.fixturenames else ["sqlite", "postgresql"])


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database, migrated once for all tests."""
    path = tmp_path_factory.mktemp("migrated") / "enrum.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def database(tmp_path: Path, migrated: Path) -> Path:
    path = tmp_path / "records" / "enrum.db"
    path.parent.mkdir()
    copy(migrated, path)
    return path


@pytest.fixture
def url(engine: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """A migrated, empty database of this test's own."""
    if engine == "sqlite":
        yield f"sqlite:///{request.getfixturevalue('database')}"
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    url = cluster.database()
    yield url
    cluster.drop(url)


@pytest.fixture
def keys(tmp_path: Path) -> FileKeys:
    return FileKeys.open(tmp_path / "master.key", tmp_path / "keys", create=True)


@pytest.fixture
def records(url: str, keys: FileKeys) -> Iterator[Records]:
    records = Records(url, keys)
    bind(records)
    yield records
    records.close()


@pytest.fixture
def intake(records: Records, clock: Clock) -> Intake:
    return Intake(records, clock)


@pytest.fixture
def desk(records: Records, clock: Clock) -> HandoverDesk:
    return HandoverDesk(records, clock)


@pytest.fixture
def accounts(records: Records, clock: Clock) -> Accounts:
    """With the cheapest argon2id there is: the real one is tested by itself."""
    return Accounts(records, clock, Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)))


@pytest.fixture
def kim(accounts: Accounts) -> Caseworker:
    return accounts.redeem(accounts.link(), "Kim Ek", PASSWORD)


@pytest.fixture
def robin(accounts: Accounts) -> Caseworker:
    return accounts.redeem(accounts.link(), "Robin Al", PASSWORD)


@pytest.fixture
def sam(accounts: Accounts) -> Caseworker:
    """A social consultant, who is at the desk."""
    sam = accounts.redeem(accounts.link(Role.CONSULTANT), "Sam Vik", PASSWORD)
    accounts.sign_in("Sam Vik", PASSWORD)
    return sam


@pytest.fixture
def opened(begin: Callable[[], Opened]) -> Opened:
    return begin()


@pytest.fixture
def plan(clock: Clock) -> SafeContactPlan:
    return SafeContactPlan(
        way=ContactWay.CALL,
        number=NUMBER,
        window=ContactWindow.MORNING,
        voicemail=False,
        say_agency=False,
        code_word="blåbär",
        expires_at=clock.at + timedelta(days=14),
    )


@pytest.fixture
def begin(intake: Intake) -> Callable[..., Opened]:
    """Opens one more conversation, of an office if one is named."""

    def begin(office: str = "") -> Opened:
        return intake.open(
            agency="arbetsformedlingen",
            programme="etablering",
            channel="web",
            locale="sv",
            region="12",
            sex="woman",
            age_band="25-34",
            office=office,
            state=b"{}",
        )

    return begin


@pytest.fixture
def take_turn(intake: Intake) -> Callable[..., Turn]:
    """Takes one turn: events in, the assistant's lines out."""

    def take_turn(opened: Opened, *events: Event, says: Sequence[str] = (), key: str | None = None) -> Turn:
        turn = intake.begin(opened.id)
        turn.events += events
        turn.messages += [OutMessage(Sender.ASSISTANT, ContentClass.NEUTRAL, {"text": text}) for text in says]
        turn.receipt_key = key
        intake.commit(turn)
        return turn

    return take_turn


@pytest.fixture
def figures(records: Records) -> Callable[[], dict[str, int]]:
    """All counters by name, whatever their dimensions."""

    return lambda: figures_of(records)
