"""Tables of a conversation. What a person said is only ever in `sealed` columns."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from casework.records.base import Base, Utc


class Conversation(Base):
    """One conversation. The row outlives its content: outcome and times by the hour stay, nothing that was said."""

    __tablename__ = "conversation"

    id: Mapped[str] = mapped_column(String(22), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the person's token. Empty when resuming is revoked."""
    agency: Mapped[str] = mapped_column(String(60))
    programme: Mapped[str] = mapped_column(String(60))
    channel: Mapped[str] = mapped_column(String(10))
    locale: Mapped[str] = mapped_column(String(20))
    occasion: Mapped[int]
    office: Mapped[str] = mapped_column(String(60), default="", server_default="")
    """Which office's caseworkers meet the person. Empty: any."""
    version: Mapped[int] = mapped_column(default=1)
    """Goes up by every change: a turn that began before one is refused."""
    last_seq: Mapped[int] = mapped_column(default=0)
    stage: Mapped[str] = mapped_column(String(20), default="")
    outcome: Mapped[str | None] = mapped_column(String(20))
    urgent: Mapped[bool] = mapped_column(default=False)
    started_hour: Mapped[datetime] = mapped_column(Utc)
    ended_hour: Mapped[datetime | None] = mapped_column(Utc)
    last_at: Mapped[datetime] = mapped_column(Utc, index=True)
    """Exact while open (staleness, the idle sweep), by the hour once erased."""
    erased: Mapped[bool] = mapped_column(default=False)
    group: Mapped[bytes | None] = mapped_column("group_sealed", LargeBinary)
    """Region, sex, age band and latest instrument, for the counters."""
    state: Mapped[bytes | None] = mapped_column("state_sealed", LargeBinary)
    snapshot: Mapped[bytes | None] = mapped_column("snapshot_sealed", LargeBinary)
    do_not_contact: Mapped[bool] = mapped_column(default=False)


class Message(Base):
    """One message to or from a person. `body` is sealed JSON."""

    __tablename__ = "message"
    __table_args__ = (UniqueConstraint("conversation_id", "seq"),)

    id: Mapped[str] = mapped_column(String(22), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"))
    seq: Mapped[int]
    sender: Mapped[str] = mapped_column(String(10))
    cls: Mapped[str] = mapped_column("class", String(10))
    body: Mapped[bytes] = mapped_column("body_sealed", LargeBinary)
    at: Mapped[datetime] = mapped_column(Utc)


class Receipt(Base):
    """What was answered to one inbound message, so that a repeat gets the same and changes nothing."""

    __tablename__ = "receipt"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"), primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256: a key comes from outside and might hold anything."""
    first_seq: Mapped[int]
    last_seq: Mapped[int]


class ReturnCode(Base):
    """How a person who had to leave can come back: a keyed hash of the code. Goes with the conversation."""

    __tablename__ = "return_code"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"), primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), index=True)
    until: Mapped[datetime] = mapped_column(Utc)


class Handover(Base):
    """A person asked for a human. Plan and answers are sealed under the handover's own key."""

    __tablename__ = "handover"
    __table_args__ = (Index("ix_handover_status_requested_at", "status", "requested_at"),)

    id: Mapped[str] = mapped_column(String(22), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    status: Mapped[str] = mapped_column(String(10))
    urgent: Mapped[bool]
    requested_at: Mapped[datetime] = mapped_column(Utc)
    expires_at: Mapped[datetime | None] = mapped_column(Utc)
    """When the safe-contact plan stops counting. The plan itself is sealed."""
    claimed_by: Mapped[str | None] = mapped_column(ForeignKey("caseworker.id"))
    claimed_at: Mapped[datetime | None] = mapped_column(Utc)
    claim_seq: Mapped[int | None]
    """The first message that the caseworker may read."""
    close_seq: Mapped[int | None]
    """The last one."""
    closed_at: Mapped[datetime | None] = mapped_column(Utc)
    note: Mapped[str] = mapped_column(String(20), default="")
    """How it was closed: handed_back, ended, reached, not_safe, expired, interrupted. A word, never free text."""
    note_key: Mapped[str] = mapped_column(String(64), server_default="")
    """SHA-256 of the key of the newest note about a contact: the same form sent again notes nothing."""
    answers: Mapped[bytes | None] = mapped_column("answers_sealed", LargeBinary)
    plan: Mapped[bytes | None] = mapped_column("plan_sealed", LargeBinary)
    meant_for: Mapped[str | None] = mapped_column(String(22))
    """The colleague that a chat was passed on to, or who has a report to make since before the person asked anew.

    Whoever claims it gets it: nothing waits for somebody who is away.
    """
    meant_role: Mapped[str] = mapped_column(String(20), default="", server_default="")
    """`colleague` or `social_consultant`, where it was passed on and nobody has taken it up."""
    work: Mapped[bytes | None] = mapped_column("work_sealed", LargeBinary)
    """What has been done, by the checklists. Goes with the handover, and on with what takes its place while a report is due."""
