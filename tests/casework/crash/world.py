"""A desk and an intake on records that can be closed and opened again, and what is in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import func, select

from casework.accounts import Accounts
from casework.audit import first_break
from casework.caseworker import Caseworker
from casework.handover import HandoverDesk
from casework.intake import Intake, Opened, OutMessage
from casework.opening import open_records
from casework.passwords import Passwords
from casework.records import AuditEntry, Conversation, Counter, Handover, KeyToDestroy, Message, Records, User
from safety.content import ContentClass, Sender
from safety.safe_contact import ContactWay, ContactWindow, SafeContactPlan
from screening.events import Event
from tests.casework.conftest import Clock
from tests.casework.crash.points import FaultyKeys
from tests.casework.crash.tally import Doubled, Lost
from tests.figures import figures_of


@dataclass
class World:
    url: str
    room: Path
    clock: Clock = field(default_factory=Clock)
    name: str = "Kim Ek"
    """Of the caseworker."""

    def __post_init__(self) -> None:
        self.open()
        link = self.accounts.link()
        self.kim: Caseworker = self.accounts.redeem(link, self.name, "en lång lösenfras")

    def open(self) -> None:
        """As at start."""
        self.keys = FaultyKeys.open(self.room / "master.key", self.room / "keys", create=True)
        self.records: Records = open_records(self.url, self.keys)
        self.intake = Intake(self.records, self.clock)
        self.desk = HandoverDesk(self.records, self.clock)
        cheap = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        self.accounts = Accounts(self.records, self.clock, cheap)

    def close(self) -> None:
        self.records.close()

    def caseworker(self, name: str) -> Caseworker:
        """Who made an account before. If the account was never made, this world's own."""
        with self.records.reading() as session:
            user = session.scalar(select(User).where(User.name == name))
        return Caseworker(user.id, user.name, user.role) if user else self.kim

    def begin(self, tag: str) -> Opened:
        return self.intake.open(
            agency="arbetsformedlingen", programme=tag, channel="web", locale="sv", region="12", state=b"0"
        )

    def turn(self, conversation_id: str, state: bytes, *events: Event, key: str, says: tuple[str, ...] = ()) -> None:
        """As a channel does it: what was answered before is not taken again."""
        turn = self.intake.begin(conversation_id)
        if turn.ended or turn.receipt(key) is not None:
            return
        turn.receipt_key, turn.state, turn.snapshot = key, state, state
        turn.events += events
        turn.messages += [OutMessage(Sender.ASSISTANT, ContentClass.SENSITIVE, {"text": text}) for text in says]
        self.intake.commit(turn)

    def plan(self) -> SafeContactPlan:
        return SafeContactPlan(
            way=ContactWay.CALL,
            number="+46700000000",
            window=ContactWindow.MORNING,
            voicemail=False,
            say_agency=False,
            code_word="blåbär",
            expires_at=self.clock.at + timedelta(days=14),
        )

    def row(self, conversation_id: str) -> Conversation:
        with self.records.reading() as session:
            return session.get_one(Conversation, conversation_id)

    def conversations(self, tag: str) -> list[Conversation]:
        with self.records.reading() as session:
            return list(session.scalars(select(Conversation).where(Conversation.programme == tag)))

    def handovers(self, conversation_id: str) -> list[Handover]:
        with self.records.reading() as session:
            query = select(Handover).where(Handover.conversation_id == conversation_id)
            return list(session.scalars(query.order_by(Handover.requested_at, Handover.status)))

    def said(self, conversation_id: str) -> list[str]:
        return [m.body.get("text") or m.body["say"] for m in self.intake.messages(conversation_id)]

    def figures(self, tag: str) -> dict[str, int]:
        return figures_of(self.records, tag)

    def readable(self, tag: str) -> dict[str, int]:
        """Figures that are in the table."""
        with self.records.reading() as session:
            return {row.what: row.n for row in session.scalars(select(Counter).where(Counter.programme == tag))}

    def audited(self, about: str) -> list[str]:
        with self.records.reading() as session:
            return list(session.scalars(select(AuditEntry.what).where(AuditEntry.about == about)))

    def check_whole(self) -> None:
        """What must be true of all that is kept, after a start and a sweep."""
        with self.records.reading() as session:
            if session.scalar(select(func.count()).select_from(KeyToDestroy)):
                raise Doubled("a key that should be destroyed is still noted")
            conversations = session.scalars(select(Conversation)).all()
            handovers = session.scalars(select(Handover)).all()
            counts: dict[str, int] = dict(
                session.execute(select(Message.conversation_id, func.count()).group_by(Message.conversation_id)).all()
            )
        for conversation in conversations:
            key = self.keys.find(f"conversation:{conversation.id}")
            if conversation.erased:
                if key is not None or counts.get(conversation.id) or conversation.state or conversation.group:
                    raise Doubled("an erased conversation is still there by half")
                continue
            if key is None:
                raise Lost("an open conversation has lost its key")
            numbers = [message.seq for message in self.intake.messages(conversation.id)]
            if numbers != list(range(1, conversation.last_seq + 1)):
                raise Lost(f"messages are {numbers}")
        for handover in handovers:
            sealed, key = handover.plan or handover.answers, self.keys.find(f"handover:{handover.id}")
            if (sealed is None) != (key is None):
                raise Lost("a plan without its key, or a key without its plan")
        if first_break(self.records) is not None:
            raise Doubled("the audit trail is broken")


Subject = Any
