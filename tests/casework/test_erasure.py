"""Crypto-erase, told from the database files themselves (promises P6 and P9)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from shutil import copytree

import pytest
from sqlalchemy import select

from casework.counting import batch_owner
from casework.data_keys import make_key
from casework.handover import ContactNote, HandoverDesk
from casework.intake import Intake, OutMessage, Unreadable
from casework.key_files import FileKeys
from casework.keys import BadKeyFile
from casework.opening import open_records
from casework.records import Conversation, CountingBatch, Handover, KeyToDestroy, Message, Receipt, Records
from casework.unavailable import Unavailable
from safety.content import ContentClass, Sender
from safety.safe_contact import Refusal
from screening.events import Answer, Ended, HandoverCancelled, HandoverKind, HandoverRequested, Outcome, RunEnded
from tests.postgresql import Cluster

MARKER = "blåklint-7731"
LASTING = ("lasting:database", "lasting:audit", "lasting:phone")


def bytes_on_disk(database: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(database.parent.glob(database.name + "*")))


@pytest.fixture
def no_data_keys(tmp_path: Path, records: Records) -> Callable[[], None]:
    """Asserts that no key is left but those that mark the database and the audit trail, and that of sums."""

    def check() -> None:
        with records.reading() as session:
            sums = batch_owner(session.scalars(select(CountingBatch.name)).one())
        lasting = {key_file(tmp_path / "keys", owner) for owner in (*LASTING, sums)}
        assert set((tmp_path / "keys").glob("*.key")) <= lasting

    return check


def say_marker(intake: Intake, conversation_id: str, *events) -> None:
    turn = intake.begin(conversation_id)
    turn.state = turn.snapshot = MARKER.encode()
    turn.messages.append(OutMessage(Sender.PERSON, ContentClass.SENSITIVE, {"text": MARKER}))
    turn.receipt_key = MARKER
    turn.events += events
    intake.commit(turn)


def key_file(folder: Path, owner: str) -> Path:
    return folder / f"{sha256(owner.encode()).hexdigest()}.key"


def is_noted(records: Records, owner: str) -> bool:
    with records.reading() as session:
        return session.get(KeyToDestroy, owner) is not None


def test_nothing_said_is_readable_on_disk(intake: Intake, database: Path, opened) -> None:
    say_marker(intake, opened.id)
    assert b"arbetsformedlingen" in bytes_on_disk(database)  # the files do hold the records
    assert MARKER.encode() not in bytes_on_disk(database)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_the_end_takes_the_content_from_the_files_and_destroys_the_key(
    intake: Intake, records: Records, keys: FileKeys, database: Path, opened, tmp_path: Path, outcome: Outcome
) -> None:
    say_marker(intake, opened.id)
    owner = f"conversation:{opened.id}"
    with records.reading() as session:
        sealed = session.scalars(select(Message.body)).one()
        state = session.get_one(Conversation, opened.id).state
    on_disk = bytes_on_disk(database)
    assert sealed in on_disk and state is not None and state in on_disk
    assert keys.find(owner) is not None
    assert key_file(tmp_path / "keys", owner).exists()
    intake.end(opened.id, outcome)
    on_disk = bytes_on_disk(database)
    assert sealed not in on_disk
    assert state not in on_disk
    assert keys.find(owner) is None
    assert not key_file(tmp_path / "keys", owner).exists()
    with records.reading() as session:
        assert session.scalars(select(Receipt)).all() == []
        assert session.get_one(Conversation, opened.id).group is None


def test_the_database_never_held_the_key(intake: Intake, database: Path, opened, tmp_path: Path) -> None:
    wrapped = key_file(tmp_path / "keys", f"conversation:{opened.id}").read_bytes()
    say_marker(intake, opened.id)
    assert wrapped not in bytes_on_disk(database)
    assert wrapped[8:] not in bytes_on_disk(database)


def test_a_backup_from_before_the_end_is_mute_after_it(
    intake: Intake, keys: FileKeys, database: Path, opened, begin, tmp_path: Path, clock
) -> None:
    """With the keys as they are now: the person's words are sealed in the backup, and nothing opens them."""
    alive = begin()
    for conversation in (opened, alive):
        say_marker(intake, conversation.id)
    backup = tmp_path / "backup.db"
    with closing(sqlite3.connect(database)) as here, closing(sqlite3.connect(backup)) as there:
        here.backup(there)
    intake.end(opened.id, Outcome.LEFT)
    restored = Records(f"sqlite:///{backup}", keys)
    again = Intake(restored, clock)
    assert [m.body["text"] for m in again.messages(alive.id)] == [MARKER]  # it is a real backup
    assert again.messages(opened.id) == []
    assert (again.begin(opened.id).state, again.begin(opened.id).snapshot) == (None, None)
    with restored.reading() as session:
        assert session.scalars(select(Message).where(Message.conversation_id == opened.id)).one().body
    restored.close()


def test_a_dump_of_postgresql_from_before_the_end_is_mute_after_it(cluster: Cluster, tmp_path: Path, clock) -> None:
    """Nor does any file of the server, dead rows and write-ahead log included, ever hold a key."""
    keys = FileKeys.open(tmp_path / "master.key", tmp_path / "keys", create=True)
    url = cluster.database()
    records = open_records(url, keys)
    intake = Intake(records, clock)
    ended, alive = (
        intake.open(agency="a", programme="p", channel="web", locale="sv", state=MARKER.encode()) for _ in range(2)
    )
    for conversation in (ended, alive):
        say_marker(intake, conversation.id)
    wrapped = [path.read_bytes() for path in (tmp_path / "keys").glob("*.key")]
    restored_url = cluster.copy(url)
    intake.end(ended.id, Outcome.LEFT)
    records.close()
    on_disk = cluster.bytes_on_disk()
    assert ended.id.encode() in on_disk
    assert MARKER.encode() not in on_disk
    assert not [key for key in wrapped if key in on_disk or key[8:] in on_disk]
    restored = open_records(restored_url, keys)
    again = Intake(restored, clock)
    assert [m.body["text"] for m in again.messages(alive.id)] == [MARKER]
    assert again.messages(ended.id) == []
    assert again.begin(ended.id).state is None
    restored.close()


def test_what_a_killed_process_left_in_the_log_is_gone_after_the_next_start(
    intake: Intake, records: Records, keys: FileKeys, database: Path, opened, tmp_path: Path, monkeypatch
) -> None:
    say_marker(intake, opened.id)
    with records.reading() as session:
        sealed = session.scalars(select(Message.body)).one()
    monkeypatch.setattr(records, "forget_log", lambda: None)  # killed before it
    intake.end(opened.id, Outcome.LEFT)
    left = tmp_path / "left"
    copytree(database.parent, left)
    assert sealed in bytes_on_disk(left / database.name)
    reopened = open_records(f"sqlite:///{left / database.name}", keys)
    assert sealed not in bytes_on_disk(left / database.name)
    reopened.close()


def test_a_key_that_could_not_be_destroyed_goes_with_the_next_sweep(
    intake: Intake, records: Records, keys: FileKeys, opened, clock, monkeypatch
) -> None:
    owner = f"conversation:{opened.id}"
    say_marker(intake, opened.id)

    def out_of_reach(owner: str) -> None:
        raise Unavailable("keys: not now")

    with monkeypatch.context() as patched:
        patched.setattr(keys, "destroy", out_of_reach)
        intake.end(opened.id, Outcome.LEFT)  # the exit is taken all the same
    assert intake.begin(opened.id).ended
    assert keys.find(owner) is not None
    assert is_noted(records, owner)
    intake.expire(timedelta(minutes=30), clock())
    assert keys.find(owner) is None
    assert not is_noted(records, owner)


def damage(folder: Path, owner: str) -> None:
    path = key_file(folder, owner)
    kept = path.read_bytes()
    path.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))


def test_what_does_not_open_any_more_can_still_be_left_and_swept(
    intake: Intake, keys: FileKeys, opened, begin, tmp_path: Path, clock, figures
) -> None:
    silent, other = begin(), begin()
    for conversation in (opened, silent):
        damage(tmp_path / "keys", f"conversation:{conversation.id}")
        with pytest.raises(Unreadable):
            intake.begin(conversation.id)
    intake.end(opened.id, Outcome.LEFT)
    clock.pass_(hours=1)
    assert intake.expire(timedelta(minutes=30), clock()) == 2
    assert [intake.begin(each.id).ended for each in (opened, silent, other)] == [True] * 3
    assert not key_file(tmp_path / "keys", f"conversation:{opened.id}").exists()
    assert (figures()["outcome:left"], figures()["outcome:interrupted"]) == (1, 2)


def test_a_plan_that_does_not_open_is_no_plan_and_hides_no_other(
    desk: HandoverDesk, begin, take_turn, plan, kim, tmp_path: Path
) -> None:
    wish = HandoverRequested(HandoverKind.CONTACT, urgent=False, plan=plan)
    bad, good = (take_turn(begin(), wish).handover.id for _ in range(2))
    damage(tmp_path / "keys", f"handover:{bad}")
    limits = {item.id: item.contact for item in desk.queue(kim).contacts}
    assert limits[bad].refusal is Refusal.NO_PLAN
    assert limits[good].has_code_word
    desk.claim(bad, kim)
    assert desk.case(bad, kim).number == ""


def test_a_conversation_that_was_not_written_leaves_no_key(records: Records, keys: FileKeys) -> None:
    made = []
    with pytest.raises(RuntimeError), records.session() as session:
        made.append(make_key(session, keys, "conversation:x"))
        assert keys.find("conversation:x") == made[0]
        raise RuntimeError
    assert keys.find("conversation:x") is None


def test_another_master_key_opens_nothing(intake: Intake, url: str, tmp_path: Path, clock, opened) -> None:
    say_marker(intake, opened.id)
    strangers = FileKeys.open(tmp_path / "other.key", tmp_path / "keys", create=True)
    with_other = Records(url, strangers)
    with pytest.raises(Unreadable):
        Intake(with_other, clock).begin(opened.id)
    with_other.close()
    with pytest.raises(BadKeyFile, match="another one"):
        open_records(url, strangers)


def test_the_keys_of_another_database_are_refused_at_start(records: Records, url: str, tmp_path: Path) -> None:
    others = FileKeys.open(tmp_path / "master.key", tmp_path / "other keys")
    with pytest.raises(BadKeyFile, match="not those of this database"):
        open_records(url, others)


def test_a_contact_plan_outlives_the_conversation_and_dies_with_its_own_key(
    intake: Intake, keys: FileKeys, desk: HandoverDesk, database: Path, opened, plan, kim
) -> None:
    say_marker(intake, opened.id, HandoverRequested(HandoverKind.CONTACT, urgent=False, plan=plan))
    intake.end(opened.id, Outcome.COMPLETED)
    assert intake.messages(opened.id) == []
    (item,) = desk.queue(kim).contacts
    assert item.contact is not None and item.contact.window == plan.window
    assert keys.find(f"handover:{item.id}") is not None
    assert plan.number.encode() not in bytes_on_disk(database)
    desk.claim(item.id, kim)
    assert desk.case(item.id, kim).number == plan.number
    desk.done(item.id, kim, ContactNote.REACHED)
    assert keys.find(f"handover:{item.id}") is None
    assert desk.case(item.id, kim).number == ""


def test_exit_erases_everything_and_tells_the_desk_not_to_contact(
    intake: Intake, records: Records, desk: HandoverDesk, no_data_keys, opened, plan, kim
) -> None:
    say_marker(intake, opened.id, HandoverRequested(HandoverKind.CONTACT, urgent=False, plan=plan))
    say_marker_again = intake.begin(opened.id)
    say_marker_again.events.append(HandoverRequested(HandoverKind.CHAT, urgent=True, answers=((1, Answer.YES),)))
    intake.commit(say_marker_again)
    chat = desk.queue(kim).waiting[0]
    desk.claim(chat.id, kim)
    intake.end(opened.id, Outcome.LEFT)
    queue = desk.queue(kim)
    assert (queue.waiting, queue.contacts, queue.mine) == ([], [], [])
    assert {item.kind for item in queue.left} == {HandoverKind.CHAT, HandoverKind.CONTACT}
    assert not intake.admit(opened.id, opened.token)
    assert desk.transcript(chat.id, kim) == []
    with records.reading() as session:
        assert session.get_one(Conversation, opened.id).do_not_contact
        assert all(row.plan is None and row.answers is None for row in session.scalars(select(Handover)))
    no_data_keys()


def test_an_exit_in_a_turn_does_the_same(intake: Intake, records: Records, opened, take_turn, no_data_keys) -> None:
    take_turn(opened, HandoverRequested(HandoverKind.CHAT, urgent=False))
    take_turn(opened, Ended(Outcome.LEFT))
    assert not intake.admit(opened.id, opened.token)
    with records.reading() as session:
        assert session.scalars(select(Handover.status)).all() == ["left"]
    no_data_keys()


def test_an_open_chat_keeps_the_conversation_until_it_is_over(
    intake: Intake, desk: HandoverDesk, opened, take_turn, kim, clock, figures
) -> None:
    take_turn(opened, HandoverRequested(HandoverKind.CHAT, urgent=False), Ended(Outcome.COMPLETED), says=["vänta"])
    turn = intake.begin(opened.id)
    assert (turn.ended, turn.outcome) == (False, Outcome.COMPLETED)
    assert turn.handover is not None
    desk.claim(turn.handover.id, kim)
    desk.write(turn.handover.id, kim, "Hej, jag är här.")
    desk.end(turn.handover.id, kim)
    assert intake.begin(opened.id).ended
    assert len(intake.messages(opened.id)) == 4  # the last words can be read for a while
    clock.pass_(hours=1)
    assert intake.expire(timedelta(minutes=30), clock()) == 1
    assert intake.messages(opened.id) == []
    assert {k: n for k, n in figures().items() if k.startswith("outcome")} == {"outcome:completed": 1}


def test_exit_after_the_journey_still_erases_an_open_chat(intake: Intake, desk, opened, take_turn, kim) -> None:
    chat = take_turn(opened, HandoverRequested(HandoverKind.CHAT, urgent=False), Ended(Outcome.COMPLETED)).handover
    assert chat is not None
    desk.claim(chat.id, kim)
    desk.end(chat.id, kim)
    assert intake.messages(opened.id) != []
    intake.end(opened.id, Outcome.LEFT)
    assert intake.messages(opened.id) == []
    assert not intake.admit(opened.id, opened.token)


def test_no_longer_waiting_erases_a_conversation_whose_journey_is_over(intake: Intake, opened, take_turn) -> None:
    take_turn(opened, HandoverRequested(HandoverKind.CHAT, urgent=False), Ended(Outcome.INFORMED))
    turn = take_turn(opened, HandoverCancelled())
    assert turn.ended and turn.handover is None
    assert intake.begin(opened.id).state is None


def test_a_contact_request_ends_with_its_plan(
    intake: Intake, desk, opened, take_turn, plan, clock, kim, no_data_keys
) -> None:
    take_turn(opened, HandoverRequested(HandoverKind.CONTACT, urgent=False, plan=plan), Ended(Outcome.COMPLETED))
    clock.pass_(days=14)
    intake.expire(timedelta(minutes=30), clock())
    assert desk.queue(kim).contacts == []
    no_data_keys()


def test_shared_answers_know_their_instrument(desk, intake: Intake, opened, take_turn, kim) -> None:
    answers = ((1, Answer.YES), (2, Answer.DECLINED))
    take_turn(opened, RunEnded("fov-vuxna", "2019", answers, completed=False))
    chat = take_turn(opened, HandoverRequested(HandoverKind.CHAT, urgent=False, answers=answers)).handover
    assert chat is not None
    assert desk.case(chat.id, kim).answers is None  # not before it is claimed
    desk.claim(chat.id, kim)
    shared = desk.case(chat.id, kim).answers
    assert (shared.instrument, shared.version, shared.answers) == ("fov-vuxna", "2019", answers)


@pytest.mark.parametrize("event", [HandoverCancelled(), HandoverRequested(HandoverKind.CONTACT, urgent=False)])
def test_the_key_of_a_plan_that_is_taken_back_or_replaced_is_destroyed(
    keys: FileKeys, opened, take_turn, plan, event
) -> None:
    handover = take_turn(opened, HandoverRequested(HandoverKind.CONTACT, urgent=False, plan=plan)).handover
    assert keys.find(f"handover:{handover.id}") is not None
    take_turn(opened, event)
    assert keys.find(f"handover:{handover.id}") is None


def test_exit_after_the_end_still_revokes_the_way_back(intake: Intake, opened, take_turn, plan, desk, kim) -> None:
    take_turn(opened, HandoverRequested(HandoverKind.CONTACT, urgent=False, plan=plan), Ended(Outcome.COMPLETED))
    assert intake.admit(opened.id, opened.token)
    intake.end(opened.id, Outcome.LEFT)
    assert not intake.admit(opened.id, opened.token)
    assert len(desk.queue(kim).contacts) == 1  # asked for before the end: it stays agreed
