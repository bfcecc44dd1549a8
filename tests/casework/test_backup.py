"""A copy of the records: whole, without keys, and mute about all that was erased after it was made."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import select, text

from casework.accounts import Accounts
from casework.audit import Comparison, compare, entries, first_break, tip
from casework.backup import BackupFailed, make, restore
from casework.calls import Calls
from casework.contact.orders import Order, Status, What, finish, place
from casework.contact.stops import stop, stopped
from casework.counting import close_batch
from casework.duties import How
from casework.handover import HandoverDesk
from casework.intake import Intake, OutMessage
from casework.invitations import Claims, Invitations
from casework.key_files import FileKeys
from casework.key_owners import named
from casework.keyed_hash import keyed
from casework.keys import BadKeyFile, KeysInUse, Unreadable, unseal
from casework.opening import open_records
from casework.records import Base, Conversation, Counted, DoNotContact, Handover, Outgoing, PhoneCall, Records
from casework.requests import HandoverStatus
from safety.content import Channel, ContentClass, Sender
from screening.events import Answer, HandoverKind, HandoverRequested, Outcome
from tests.casework.conftest import PASSWORD
from tests.casework.test_duties import CHAT, CHILD
from tests.figures import figures_of

MARKER = "blåklint-7731"


@pytest.fixture
def empty(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """Where a copy can be taken back to: a place with nothing in it."""
    if engine == "sqlite":
        return f"sqlite:///{tmp_path / 'restored' / 'enrum.db'}"
    cluster = request.getfixturevalue("cluster")
    url: str = cluster.database()
    drop = Records(url, FileKeys.open(tmp_path / "k", tmp_path / "ks", create=True))
    with drop.session() as session:
        session.execute(text("DROP SCHEMA public CASCADE"))
        session.execute(text("CREATE SCHEMA public"))
    drop.close()
    return url


@pytest.fixture
def back(empty: str, keys: FileKeys, clock) -> Iterator[Callable[[Path], Records]]:
    """Takes a copy back, with the keys as they are now."""
    opened: list[Records] = []

    def back(copy: Path) -> Records:
        records = restore(empty, keys, copy, clock()).records
        opened.append(records)
        return records

    yield back
    for records in opened:
        records.close()


def say(intake: Intake, conversation_id: str, *events) -> None:
    turn = intake.begin(conversation_id)
    turn.state = turn.snapshot = MARKER.encode()
    turn.messages.append(OutMessage(Sender.PERSON, ContentClass.SENSITIVE, {"text": MARKER}))
    turn.receipt_key = "k"
    turn.events += events
    intake.commit(turn)


def sealed(records: Records) -> list[tuple[str, bytes]]:
    """Every sealed value of every table, with its owner's name."""
    found = []
    with records.reading() as session:
        for table in Base.metadata.sorted_tables:
            columns = [column for column in table.columns if column.name.endswith("_sealed")]
            for row in session.execute(select(table)).mappings() if columns else ():
                if table.name == "counted":
                    continue  # belongs to nobody: tests/casework/test_counting.py
                kind = "handover" if table.name == "handover" else "conversation"
                owner = f"{kind}:{row['id' if table.name in ('handover', 'conversation') else 'conversation_id']}"
                found += [(owner, bytes(row[column.name])) for column in columns if row[column.name] is not None]
    return found


def opened_by(keys: FileKeys, values: list[tuple[str, bytes]]) -> int:
    """How many of the values open with the keys that there are, whatever place they say they belong to."""
    there = {owner for owner, _ in values}
    contexts = ["state", "snapshot", "group", "plan", "answers"]
    n = 0
    for owner in there:
        key = keys.find(owner)
        if key is None:
            continue
        for _, value in values:
            for context in contexts:
                try:
                    unseal(key, value, f"{owner}:{context}")
                    n += 1
                except Unreadable:
                    pass
    return n


def raw(copy: Path, tmp_path: Path, keys: FileKeys, engine: str, empty: str) -> Records | None:
    """The copy as somebody finds it on a train, without taking it back by the book. Only where it is a database file."""
    if engine != "sqlite":
        return None
    found = tmp_path / "found.db"
    found.write_bytes(copy.read_bytes())
    return Records(f"sqlite:///{found}", keys)


def test_a_copy_brings_back_what_is_open(
    intake: Intake, records: Records, url: str, keys: FileKeys, tmp_path: Path, opened, plan, clock, back
) -> None:
    request = HandoverRequested(HandoverKind.CONTACT, urgent=False, plan=plan, answers=((1, Answer.YES),))
    say(intake, opened.id, request)
    make(records, url, tmp_path / "copy", clock())
    restored = back(tmp_path / "copy")
    again = Intake(restored, clock)
    assert again.begin(opened.id).state == MARKER.encode()
    assert again.admit(opened.id, opened.token)
    assert [message.body["text"] for message in again.messages(opened.id)] == [MARKER]
    assert HandoverDesk(restored, clock).queue is not None
    assert first_break(restored) is None
    assert len(sealed(restored)) == 6
    assert opened_by(keys, sealed(restored)) == 5  # a message belongs to its own place


def test_a_copy_is_mute_about_what_was_erased_after_it(
    intake: Intake, records: Records, url, engine, keys, tmp_path, begin, plan, clock, back, empty
) -> None:
    erased, living = begin(), begin()
    for one in (erased, living):
        say(
            intake, one.id, HandoverRequested(HandoverKind.CONTACT, urgent=False, plan=plan, answers=((1, Answer.YES),))
        )
    make(records, url, tmp_path / "copy", clock())
    before = opened_by(keys, sealed(records))
    intake.end(erased.id, Outcome.LEFT)
    found = raw(tmp_path / "copy", tmp_path, keys, engine, empty)
    if found is not None:
        assert len(sealed(found)) == 12  # all is there, but
        assert opened_by(keys, sealed(found)) == before // 2 == 5
        found.close()
    restored = back(tmp_path / "copy")
    assert {owner for owner, _ in sealed(restored)} & {f"conversation:{erased.id}"} == set()
    assert opened_by(keys, sealed(restored)) == 5
    with restored.reading() as session:
        row = session.get_one(Conversation, erased.id)
        assert (row.erased, row.token_hash, row.state, row.do_not_contact) == (True, "", None, True)
        left = session.scalars(select(Handover).where(Handover.conversation_id == erased.id)).one()
        assert (left.status, left.plan, left.answers) == ("cancelled", None, None)
    assert Intake(restored, clock).admit(living.id, living.token)
    assert not Intake(restored, clock).admit(erased.id, erased.token)
    assert Intake(restored, clock).messages(erased.id) == []


def test_the_copy_holds_no_key(intake, records, url, tmp_path, opened, clock) -> None:
    say(intake, opened.id)
    make(records, url, tmp_path / "copy", clock())
    content = (tmp_path / "copy").read_bytes()
    files = [tmp_path / "master.key", *(tmp_path / "keys").glob("*.key")]
    assert len(files) >= 3
    assert all(file.read_bytes() not in content and file.read_bytes()[-32:] not in content for file in files)
    assert MARKER.encode() not in content
    assert stat.S_IMODE((tmp_path / "copy").stat().st_mode) == 0o600


def test_a_contact_that_was_made_after_the_copy_is_not_made_again(
    intake, records, url, keys, tmp_path, opened, plan, clock, back, desk, kim
) -> None:
    from casework.handover import ContactNote

    say(intake, opened.id, HandoverRequested(HandoverKind.CONTACT, urgent=False, plan=plan))
    make(records, url, tmp_path / "copy", clock())
    (item,) = desk.queue(kim).contacts
    desk.claim(item.id, kim)
    desk.done(item.id, kim, ContactNote.NOT_SAFE)
    restored = back(tmp_path / "copy")
    assert HandoverDesk(restored, clock).queue(kim).contacts == []
    with restored.reading() as session:
        assert session.get_one(Handover, item.id).status == HandoverStatus.CANCELLED


def test_it_refuses_to_overwrite(records, url, tmp_path, clock, keys, engine) -> None:
    make(records, url, tmp_path / "copy", clock())
    with pytest.raises(BackupFailed, match="there already"):
        make(records, url, tmp_path / "copy", clock())
    with pytest.raises(BackupFailed, match=r"already|not empty"):
        restore(url, keys, tmp_path / "copy", clock())


def test_other_keys_are_refused(records, url, empty, tmp_path, clock) -> None:
    with records.session() as session:
        session.execute(text("SELECT 1"))
    open_records(url, records.keys).close()
    make(records, url, tmp_path / "copy", clock())
    with pytest.raises(BadKeyFile):
        restore(
            empty, FileKeys.open(tmp_path / "other.key", tmp_path / "others", create=True), tmp_path / "copy", clock()
        )


def test_after_other_keys_the_right_ones_can_be_tried(database, records, url, keys, tmp_path, clock) -> None:
    open_records(url, keys).close()
    make(records, url, tmp_path / "copy", clock())
    there = f"sqlite:///{tmp_path / 'there' / 'enrum.db'}"
    with pytest.raises(BadKeyFile):
        restore(there, FileKeys.open(tmp_path / "o.key", tmp_path / "o", create=True), tmp_path / "copy", clock())
    done = restore(there, keys, tmp_path / "copy", clock())
    done.records.close()
    assert done.erased == 0


def test_links_and_sessions_of_then_open_nothing(records, url, tmp_path, clock, back, accounts, kim) -> None:
    link, token = accounts.link(), accounts.sign_in("Kim Ek", PASSWORD)
    make(records, url, tmp_path / "copy", clock())
    restored = Accounts(back(tmp_path / "copy"), clock)
    assert accounts.link_is_open(link) and not restored.link_is_open(link)
    assert accounts.session(token) is not None and restored.session(token) is None


def test_what_is_no_copy_is_refused(empty, keys, tmp_path, clock) -> None:
    (tmp_path / "torn").write_bytes(b"SQLite format 3\0" + os.urandom(3000))
    with pytest.raises(BackupFailed):
        restore(empty, keys, tmp_path / "torn", clock())
    with pytest.raises(BackupFailed):
        restore(empty, keys, tmp_path / "nothing", clock())


def test_a_copy_of_then_shows_in_the_trail(records, url, tmp_path, clock, back, desk, kim) -> None:
    make(records, url, tmp_path / "copy", clock())
    desk.queue(kim)
    kept = tip(records)
    restored = back(tmp_path / "copy")
    assert first_break(restored) is None
    assert compare(restored, kept) in (Comparison.CUT, Comparison.DIFFERENT)


def test_a_copy_while_somebody_writes(database: Path, records, intake, url, tmp_path, begin, clock) -> None:
    with records.session() as session:
        session.execute(text("UPDATE conversation SET stage = stage"))
        draft = tmp_path / "copy"
        from casework.backup import _copy

        _copy(database, draft)  # the write lock is held: readers are not in its way
    with closing(sqlite3.connect(draft)) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert not draft.with_name("copy-wal").exists()


CLAIMS = Claims(case="AF-1", programme="etablering")


def key_names(tmp_path: Path) -> set[str]:
    return {path.name for path in (tmp_path / "keys").glob("*.key")}


def test_keys_of_what_was_begun_after_the_copy_are_destroyed(
    intake, records, url, keys, tmp_path, begin, plan, clock, back
) -> None:
    """A later copy that somebody has is mute then."""
    kept = begin()
    say(intake, kept.id, HandoverRequested(HandoverKind.CONTACT, urgent=False, plan=plan))
    Invitations(records, clock).issue(CLAIMS)
    make(records, url, tmp_path / "copy", clock())
    before = key_names(tmp_path)
    later = begin()
    say(intake, later.id, HandoverRequested(HandoverKind.CONTACT, urgent=False, plan=plan))
    Invitations(records, clock).issue(CLAIMS)
    with records.session() as session:
        place(session, keys, What.SMS, Order(number="+46700000000", text="hej"), "k", clock())
    close_batch(records)
    assert len(key_names(tmp_path) - before) == 5  # conversation, plan, invitation, order, counts
    restored = back(tmp_path / "copy")
    assert keys.find(f"conversation:{later.id}") is None
    assert key_names(tmp_path) - before <= {f"{sha256(owner.encode()).hexdigest()}.key" for owner in named(restored)}
    assert Intake(restored, clock).begin(kept.id).state == MARKER.encode()
    lasting = [path.stem for path in (tmp_path / "keys").glob("*.lasts")]
    assert lasting and all((tmp_path / "keys" / f"{stem}.key").exists() for stem in lasting)
    assert first_break(restored) is None


def test_a_rehearsal_harms_nothing_that_is_in_use(intake, records, url, keys, empty, tmp_path, begin, clock) -> None:
    say(intake, begin().id)
    make(records, url, tmp_path / "copy", clock())
    later = begin()
    say(intake, later.id)
    done = restore(empty, keys, tmp_path / "copy", clock(), rehearsal=True)
    done.records.close()
    assert done.keys == 0
    assert intake.begin(later.id).state == MARKER.encode()


def test_a_restore_waits_until_nobody_has_the_keys_open(records, url, keys, empty, tmp_path, clock, begin) -> None:
    make(records, url, tmp_path / "copy", clock())
    serving = FileKeys.open(tmp_path / "master.key", tmp_path / "keys")
    later = begin()
    with pytest.raises(BackupFailed, match="stop the server"):
        restore(empty, keys, tmp_path / "copy", clock())
    with pytest.raises(KeysInUse):
        keys.keep_only([])
    assert serving.find(f"conversation:{later.id}") is not None
    del serving
    restore(empty, keys, tmp_path / "copy", clock()).records.close()


def test_what_ended_after_the_copy_has_ended_in_it(intake, records, url, keys, tmp_path, opened, clock, back) -> None:
    """Invitations, orders and calls."""
    invitations = Invitations(records, clock)
    used, revoked, waiting = (invitations.issue(CLAIMS) for _ in range(3))
    with records.session() as session:
        place(session, keys, What.SMS, Order(number="+46700000000", text="hej"), "gone", clock())
        place(session, keys, What.SMS, Order(number="+46700000000", text="hej"), "waits", clock())
    calls = Calls(records, clock)
    calls.reserve("CA1")
    calls.bind("CA1", opened.id)
    make(records, url, tmp_path / "copy", clock())
    invitations.done(invitations.open_token(used.token, Channel.WEB))
    invitations.revoke(revoked.id)
    with records.session() as session:
        row = session.scalars(select(Outgoing).filter_by(key_hash=keyed(keys, "order", "gone"))).one()
        finish(session, row, Status.SENT)
    calls.over("CA1")
    intake.end(opened.id, Outcome.LEFT)
    restored = back(tmp_path / "copy")
    again = Invitations(restored, clock)
    assert [again.status(one.id) for one in (used, revoked, waiting)] == ["used", "used", "open"]
    assert again.open_token(waiting.token, Channel.WEB).claims == CLAIMS
    with restored.reading() as session:
        orders = {row.key_hash: (row.status, row.order is None) for row in session.scalars(select(Outgoing))}
        (call,) = session.scalars(select(PhoneCall)).all()
    assert orders[keyed(keys, "order", "gone")] == ("dead", True)
    assert orders[keyed(keys, "order", "waits")] == ("waiting", False)
    assert (call.over, call.conversation_id) == (True, None)


def test_a_stop_that_was_said_after_the_copy_still_holds(records, url, keys, tmp_path, clock, back) -> None:
    number = "+46701740605"
    make(records, url, tmp_path / "copy", clock())
    keys.lasting("phone")
    with records.session() as session:
        assert not stopped(session, keys, number)
        stop(session, keys, number, clock())
        assert stopped(session, keys, number)
    restored = back(tmp_path / "copy")
    with restored.reading() as session:
        assert session.scalars(select(DoNotContact)).all() == []
        assert stopped(session, keys, number)
        assert not stopped(session, keys, "+46701740606")


def test_a_duty_that_was_closed_after_the_copy_stays_closed_and_the_others_stay(
    records, url, tmp_path, clock, back, desk, kim, begin, take_turn
) -> None:
    chats = [take_turn(begin(), CHAT).handover.id for _ in range(4)]
    closed, reported, unticked, still = chats
    for chat in chats:
        desk.claim(chat, kim)
        clock.pass_(minutes=1)
        desk.ticking.tick(chat, kim, CHILD, frozenset({"learnt"}))
    make(records, url, tmp_path / "before", clock())
    desk.duties.close(closed, kim, How.COLLEAGUE, CHILD)
    desk.ticking.tick(reported, kim, CHILD, frozenset({"learnt", "reported"}))
    desk.ticking.tick(unticked, kim, CHILD, frozenset())
    restored = back(tmp_path / "before")
    assert [one.handover_id for one in HandoverDesk(restored, clock).queue(kim).duties] == [unticked, still]
    told = [entry["about"] for entry in entries(restored) if entry["what"] == "duty.closed_since"]
    assert sorted(told) == sorted([closed, reported])


def test_a_duty_that_is_ticked_again_is_another_one(
    records, url, tmp_path, clock, back, desk, kim, begin, take_turn
) -> None:
    chat = take_turn(begin(), CHAT).handover.id
    desk.claim(chat, kim)
    desk.ticking.tick(chat, kim, CHILD, frozenset({"learnt"}))
    desk.duties.close(chat, kim, How.MISTAKE, CHILD)
    clock.pass_(minutes=1)
    desk.ticking.tick(chat, kim, CHILD, frozenset({"learnt"}))
    make(records, url, tmp_path / "copy", clock())
    assert [one.handover_id for one in HandoverDesk(back(tmp_path / "copy"), clock).queue(kim).duties] == [chat]


def test_figures_of_the_copy_are_there(records, url, tmp_path, begin, clock, back) -> None:
    begin()
    close_batch(records)
    begin()
    make(records, url, tmp_path / "copy", clock())
    restored = back(tmp_path / "copy")
    assert figures_of(restored)["started"] == 2


def test_figures_whose_batch_was_closed_after_the_copy_do_not_open(records, url, tmp_path, begin, clock, back) -> None:
    begin()
    make(records, url, tmp_path / "copy", clock())
    close_batch(records)
    restored = back(tmp_path / "copy")
    assert figures_of(restored) == {}
    with restored.reading() as session:
        assert session.scalars(select(Counted)).all() == []
