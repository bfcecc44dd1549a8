"""The records: tables, and the one way to the database."""

from __future__ import annotations

from casework.records.base import Base, by_the_hour
from casework.records.conversation import Conversation, Handover, Message, Receipt, ReturnCode
from casework.records.database import Records, migrate
from casework.records.duty import ReportDuty
from casework.records.errand import Errand
from casework.records.follow_up import FollowUp
from casework.records.keys import KeyFolder, KeyToDestroy
from casework.records.notices import Notice
from casework.records.people import DeskSession, FailedSignIn, OneTimeLink, RecoveryCode, User
from casework.records.phone import (
    CallBack,
    DoNotContact,
    Invitation,
    Outgoing,
    PhoneCall,
    SeenRequest,
    SmsReceipt,
    SmsThread,
)
from casework.records.trail import AuditEntry, AuditTip, Counted, Counter, CountingBatch

__all__ = [
    "AuditEntry",
    "AuditTip",
    "Base",
    "CallBack",
    "Conversation",
    "Counted",
    "Counter",
    "CountingBatch",
    "DeskSession",
    "DoNotContact",
    "Errand",
    "FailedSignIn",
    "FollowUp",
    "Handover",
    "Invitation",
    "KeyFolder",
    "KeyToDestroy",
    "Message",
    "Notice",
    "OneTimeLink",
    "Outgoing",
    "PhoneCall",
    "Receipt",
    "Records",
    "RecoveryCode",
    "ReportDuty",
    "ReturnCode",
    "SeenRequest",
    "SmsReceipt",
    "SmsThread",
    "User",
    "by_the_hour",
    "migrate",
]
