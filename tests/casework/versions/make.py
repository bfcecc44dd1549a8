"""Write the database of this version, with data: `python -m tests.casework.versions.make FILE.json`.

Run it with the code of a version when it is released, and never again. Numbers and names are invented.
"""

from __future__ import annotations

import json
import sys
import tempfile
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import MetaData, create_engine, select

from casework.accounts import Accounts, SignInRefused
from casework.handover import HandoverDesk
from casework.intake import Intake, OutMessage
from casework.passwords import Passwords
from casework.records import Records
from safety.content import ContentClass, Sender
from safety.safe_contact import ContactWay, ContactWindow, SafeContactPlan
from screening.events import Answer, Ended, Event, HandoverKind, HandoverRequested, Outcome, RunEnded

AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
PASSWORD = "en lång lösenfras"
ANSWERS = ((1, Answer.YES), (2, Answer.DECLINED))


def open_here(room: Path) -> Records:
    """Records of whatever version this is: 0001 had its keys in the database."""
    url = f"sqlite:///{room / 'enrum.db'}"
    try:
        from casework.key_files import FileKeys
        from casework.opening import open_records
    except ImportError:
        from casework.keys import MasterKey  # type: ignore[attr-defined]

        records = Records(url, MasterKey.from_file(room / "master.key", create=True))
        records.migrate()
        return records
    return open_records(url, FileKeys.open(room / "master.key", room / "keys", create=True))


def fill(records: Records) -> dict[str, Any]:
    """One conversation in talk with a caseworker, one that ended with a plan, one that left. Returns what to expect."""
    intake, desk = Intake(records, lambda: AT), HandoverDesk(records, lambda: AT)
    accounts = Accounts(records, lambda: AT, Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)))
    kim = accounts.redeem(accounts.link(), "Kim Ek", PASSWORD)
    accounts.sign_in("Kim Ek", PASSWORD)
    with suppress(SignInRefused):
        accounts.sign_in("Kim Ek", "fel")

    def begin() -> Any:
        return intake.open(
            agency="arbetsformedlingen", programme="etablering", channel="web", locale="sv", region="12", state=b"first"
        )

    def turn(conversation_id: str, *events: Event, says: str, key: str) -> None:
        turn = intake.begin(conversation_id)
        turn.state, turn.snapshot, turn.receipt_key = b"state", b"snapshot", key
        turn.events += events
        turn.messages.append(OutMessage(Sender.ASSISTANT, ContentClass.NEUTRAL, {"text": says}))
        intake.commit(turn)

    plan = SafeContactPlan(
        way=ContactWay.CALL,
        number="+46700000000",
        window=ContactWindow.MORNING,
        voicemail=False,
        say_agency=False,
        code_word="blåbär",
        expires_at=AT + timedelta(days=14),
    )
    talking, ended, left = begin(), begin(), begin()
    turn(talking.id, RunEnded("fov-vuxna", "2019", ANSWERS, completed=False), says="ett", key="k1")
    turn(talking.id, HandoverRequested(HandoverKind.CHAT, urgent=True, answers=ANSWERS), says="två", key="k2")
    chat = desk.queue(kim).waiting[0].id
    desk.claim(chat, kim)
    desk.write(chat, kim, "Hej åäö")
    turn(ended.id, HandoverRequested(HandoverKind.CONTACT, urgent=False, plan=plan), says="ett", key="k1")
    turn(ended.id, Ended(Outcome.COMPLETED), says="två", key="k2")
    turn(left.id, says="ett", key="k1")
    intake.end(left.id, Outcome.LEFT)
    return {
        **invite(records),
        "talking": talking.id,
        "token": talking.token,
        "ended": ended.id,
        "left": left.id,
        "chat": chat,
        "contact": desk.queue(kim).contacts[0].id,
    }


def invite(records: Records) -> dict[str, str]:
    """An invitation that nobody has opened. There were none before 0005."""
    try:
        from casework.invitations import Claims, Invitations
    except ImportError:
        return {}
    claims = Claims(case="AF-1", programme="etablering")
    return {"invitation": Invitations(records, lambda: AT).issue(claims).token}


def dump(room: Path, expected: dict[str, Any]) -> dict[str, Any]:
    engine = create_engine(f"sqlite:///{room / 'enrum.db'}")
    tables = MetaData()
    tables.reflect(engine)
    with engine.connect() as connection:
        rows = {
            table.name: [
                {name: plain(value) for name, value in row._mapping.items()}
                for row in connection.execute(select(table))
            ]
            for table in tables.sorted_tables
        }
    files = {str(path.relative_to(room)): path.read_bytes().hex() for path in room.rglob("*.key")}
    return {"expected": expected, "files": files, "tables": rows}


def plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    return {"at": value.isoformat()} if isinstance(value, datetime) else value


def main(file: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        records = open_here(Path(name))
        expected = fill(records)
        records.close()
        Path(file).write_text(json.dumps(dump(Path(name), expected), indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
