"""From every released version, with data, on both databases: all that was kept is there and readable."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from argon2 import PasswordHasher
from sqlalchemy import event, inspect, select, text
from sqlalchemy.exc import DBAPIError

from casework.accounts import Accounts
from casework.audit import first_break
from casework.caseworker import Caseworker
from casework.handover import HandoverDesk
from casework.intake import Intake
from casework.invitations import Invitations
from casework.key_files import FileKeys
from casework.opening import open_records
from casework.passwords import Passwords
from casework.records import Base, Records, User, migrate
from casework.records.database import _upgrade
from casework.records.engine import make_engine
from safety.content import Channel
from screening.events import Answer, Outcome
from tests.casework.crash.tally import TRIED
from tests.casework.versions.load import VERSIONS, load
from tests.casework.versions.make import ANSWERS, AT, PASSWORD
from tests.figures import figures_of
from tests.postgresql import Cluster
from tests.processes import processes

HEAD = VERSIONS[-1]


@pytest.fixture
def empty(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database without a table."""
    if engine == "sqlite":
        yield f"sqlite:///{tmp_path / 'old.db'}"
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    url = cluster.database(empty=True)
    yield url
    cluster.drop(url)


def open_at(url: str, room: Path) -> Records:
    return open_records(url, FileKeys.open(room / "master.key", room / "keys"))


def check_everything_is_there(records: Records, expected: dict[str, str]) -> None:
    intake, desk = Intake(records, lambda: AT), HandoverDesk(records, lambda: AT)
    with records.reading() as session:
        user = session.scalars(select(User)).one()
        kim = Caseworker(user.id, user.name, user.role)
    figures = figures_of(records)
    talking = intake.begin(expected["talking"])
    assert (talking.state, talking.snapshot, talking.ended) == (b"state", b"snapshot", False)
    assert intake.admit(expected["talking"], expected["token"])
    assert [m.body.get("text", m.body.get("say")) for m in intake.messages(talking.id)] == [
        "ett",
        "två",
        "handover.claimed",
        "Hej åäö",
    ]
    assert [m.body["text"] for m in talking.receipt("k2") or ()] == ["två"]
    chat = desk.case(expected["chat"], kim)
    assert chat.answers is not None
    assert (chat.answers.instrument, chat.answers.answers) == ("fov-vuxna", ANSWERS)
    assert intake.begin(expected["ended"]).outcome is Outcome.COMPLETED
    desk.claim(expected["contact"], kim)
    contact = desk.case(expected["contact"], kim)
    assert (contact.number, contact.code_word) == ("+46700000000", "blåbär")
    assert not intake.admit(expected["left"], expected["token"])
    assert intake.messages(expected["left"]) == []
    assert figures["started"] == 3
    assert figures[f"fov-vuxna/2019:1:{Answer.YES}"] == figures["outcome:completed"] == figures["outcome:left"] == 1
    assert first_break(records) is None
    if "invitation" in expected:
        opening = Invitations(records, lambda: AT).open_token(expected["invitation"], Channel.WEB)
        Invitations(records, lambda: AT).give_back(opening)
        assert opening.claims.case == "AF-1"
    cheap = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    assert Accounts(records, lambda: AT, cheap).sign_in("Kim Ek", PASSWORD)


def test_every_version_has_its_database_here() -> None:
    revisions = Path(__file__).parents[2] / "casework" / "migrations" / "versions"
    assert [path.name[:4] for path in sorted(revisions.glob("0*.py"))] == VERSIONS


@pytest.mark.parametrize("version", VERSIONS)
def test_an_old_database_comes_up_with_everything_in_it(version: str, empty: str, tmp_path: Path) -> None:
    expected = load(version, empty, tmp_path)
    records = open_at(empty, tmp_path)
    check_everything_is_there(records, expected)
    with records.session() as session:
        context = MigrationContext.configure(session.connection(), opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    records.close()
    again = open_at(empty, tmp_path)
    assert Intake(again, lambda: AT).begin(expected["talking"]).state == b"state"
    again.close()


def test_keys_that_lay_in_the_database_are_gone_from_it(tmp_path: Path) -> None:
    """After the move and one rotation, what is left of them anywhere is mute."""
    url = f"sqlite:///{tmp_path / 'old.db'}"
    load("0001", url, tmp_path)
    engine = make_engine(url)
    with engine.connect() as connection:
        wrapped = connection.execute(text("SELECT owner, wrapped FROM data_key")).all()
    engine.dispose()
    assert len(wrapped) == 3
    records = open_at(url, tmp_path)
    on_disk = b"".join(path.read_bytes() for path in tmp_path.glob("old.db*"))
    assert not [owner for owner, key in wrapped if key in on_disk]
    records.close()


def test_keys_in_the_database_are_not_thrown_away_for_want_of_a_folder(empty: str, tmp_path: Path) -> None:
    load("0001", empty, tmp_path)
    with pytest.raises(ValueError, match="key folder"):
        migrate(empty)
    records = open_at(empty, tmp_path)
    assert records.keys.find("conversation:nobody") is None
    records.close()


def state_of(url: str) -> str:
    """The version of a database, whose tables must be those of that version."""
    looked = make_engine(url)
    tables = set(inspect(looked).get_table_names())
    with looked.connect() as connection:
        version: str = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    looked.dispose()
    assert ("data_key" in tables, "key_to_destroy" in tables) == ((True, False) if version == "0001" else (False, True))
    return version


def test_a_migration_that_breaks_at_any_statement_leaves_the_old(empty: str, engine: str, tmp_path: Path) -> None:
    """The connection is dropped at each statement in turn, until there are no more."""
    expected = load("0001", empty, tmp_path)
    keys = FileKeys.open(tmp_path / "master.key", tmp_path / "keys")
    for at in count(1):
        seen = 0

        def statement(connection, *_) -> None:
            nonlocal seen
            seen += 1
            if seen == at:  # noqa: B023 - used within this round only
                connection.connection.dbapi_connection.close()

        broken = make_engine(empty)
        event.listen(broken, "before_cursor_execute", statement)
        try:
            with broken.execution_options(sqlite_begin="BEGIN IMMEDIATE").begin() as connection:
                _upgrade(connection, keys)
        except DBAPIError:
            assert state_of(empty) == "0001"
            TRIED["statements of a migration", engine] += 1
        else:
            break
        finally:
            broken.dispose()
    assert at > 5
    assert state_of(empty) == HEAD
    records = open_at(empty, tmp_path)
    check_everything_is_there(records, expected)
    records.close()


def test_processes_that_start_at_once_migrate_once(empty: str, tmp_path: Path) -> None:
    expected = load("0001", empty, tmp_path)
    with ThreadPoolExecutor(4) as pool:
        for records in list(pool.map(lambda _: open_at(empty, tmp_path), range(4))):
            records.close()
    records = open_at(empty, tmp_path)
    check_everything_is_there(records, expected)
    records.close()


def upgrade(url: str, room: Path, begun) -> None:
    """In a process that is killed."""
    keys = FileKeys.open(room / "master.key", room / "keys")
    begun.set()
    migrate(url, keys)
    time.sleep(5)


@pytest.mark.parametrize("seed", range(6))
def test_a_migration_that_is_killed_leaves_the_old_or_the_new(
    empty: str, engine: str, tmp_path: Path, seed: int
) -> None:
    expected = load("0001", empty, tmp_path)
    begun = processes.Event()
    child = processes.Process(target=upgrade, args=(empty, tmp_path, begun))
    child.start()
    assert begun.wait(30)
    time.sleep(random.Random(seed).uniform(0, 0.15))
    child.kill()
    child.join()
    assert state_of(empty) in ("0001", HEAD)
    records = open_at(empty, tmp_path)
    check_everything_is_there(records, expected)
    records.close()
    TRIED["kill -9 of a migration", engine] += 1
