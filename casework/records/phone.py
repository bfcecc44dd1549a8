"""Tables of the phone. Numbers and the carrier's names of calls and messages are kept as keyed hashes, or sealed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from casework.records.base import Base, Utc
from casework.records.errand import Errand


class PhoneCall(Base):
    """Which conversation a call is, for as long as the carrier may ask again."""

    __tablename__ = "phone_call"

    call_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    """None while the conversation is being opened."""
    over: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime] = mapped_column(Utc, index=True)


class SmsReceipt(Base):
    """An SMS that came in, and which of our messages answered it, so that a repeat changes nothing."""

    __tablename__ = "sms_receipt"

    message_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    answer: Mapped[str] = mapped_column(String(20))
    """Name of the template; empty when nothing was answered."""
    at: Mapped[datetime] = mapped_column(Utc, index=True)


class SmsThread(Base):
    """The conversation that stands for what one number wrote lately, so that a request is one request."""

    __tablename__ = "sms_thread"

    number_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(Utc, index=True)


class DoNotContact(Base):
    """A number that said stop. Kept until a caseworker lifts it on the person's own word."""

    __tablename__ = "do_not_contact"

    number_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    since: Mapped[datetime] = mapped_column(Utc)


class Outgoing(Errand):
    """Something for the carrier or the mail server to do: a message, a call, the deletion of the carrier's own copy."""

    __tablename__ = "outgoing"
    __table_args__ = (Index("ix_outgoing_status_next_at", "status", "next_at"),)
    under_way = "sending"

    id: Mapped[str] = mapped_column(String(22), primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """The same order twice is one order."""
    what: Mapped[str] = mapped_column(String(20))
    template: Mapped[str] = mapped_column(String(20), default="")
    handover_id: Mapped[str | None] = mapped_column(ForeignKey("handover.id", ondelete="SET NULL"))
    refusal: Mapped[str] = mapped_column(String(30), default="")
    tries: Mapped[int] = mapped_column("attempts", default=0)
    created: Mapped[datetime] = mapped_column(Utc, index=True)
    carrier_hash: Mapped[str] = mapped_column(String(64), default="", index=True)
    """Keyed hash of the carrier's name of the message, to know its status report by."""
    order: Mapped[bytes | None] = mapped_column("order_sealed", LargeBinary)
    """Number and text, or what to delete. Gone with its key once it is done."""


class CallBack(Base):
    """An attempt to ring a person by their plan: how far it is, and how it went. No number: that is in the plan."""

    __tablename__ = "call_back"

    id: Mapped[str] = mapped_column(String(22), primary_key=True)
    handover_id: Mapped[str] = mapped_column(ForeignKey("handover.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(String(12))
    result: Mapped[str] = mapped_column(String(12), default="")
    tried: Mapped[bool] = mapped_column(default=False)
    """Whether the person's phone rang, or was to ring: it counts as an attempt."""
    noted: Mapped[bool] = mapped_column(default=False)
    """Whether the caseworker has said how it went."""
    at: Mapped[datetime] = mapped_column(Utc)


class Invitation(Base):
    """An invitation from the agency's system. What it says of the person is sealed, and goes when it is opened."""

    __tablename__ = "invitation"

    id: Mapped[str] = mapped_column(String(22), primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    claims: Mapped[bytes | None] = mapped_column("claims_sealed", LargeBinary)
    expires_at: Mapped[datetime] = mapped_column(Utc, index=True)
    opened_hour: Mapped[datetime | None] = mapped_column(Utc)
    revoked_at: Mapped[datetime | None] = mapped_column(Utc)


class SeenRequest(Base):
    """A signed request of the agency's system, for as long as its time stamp would be good: it counts once."""

    __tablename__ = "seen_request"

    signature_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime] = mapped_column(Utc, index=True)
