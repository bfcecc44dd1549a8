"""The records: tables, and the one way to the database."""

from __future__ import annotations

from casework.records.base import Base, by_the_hour
from casework.records.conversation import Conversation, DataKey, Handover, Message, Receipt
from casework.records.database import Records, migrate
from casework.records.people import DeskSession, FailedSignIn, OneTimeLink, User
from casework.records.trail import AuditEntry, AuditTip, Counter

__all__ = [
    "AuditEntry",
    "AuditTip",
    "Base",
    "Conversation",
    "Counter",
    "DataKey",
    "DeskSession",
    "FailedSignIn",
    "Handover",
    "Message",
    "OneTimeLink",
    "Receipt",
    "Records",
    "User",
    "by_the_hour",
    "migrate",
]
