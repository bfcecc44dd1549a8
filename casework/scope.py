"""Which requests for a human a caseworker meets: those of their own offices, and those that belong to no office.

A caseworker without offices works for all of them.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, false, true

from casework.caseworker import Caseworker
from casework.records import Conversation
from casework.roles import Task, may


def visible_to(user: Caseworker) -> ColumnElement[bool]:
    """For a query over conversations."""
    if not may(user.role, Task.HANDOVERS):
        return false()
    return Conversation.office.in_(("", *sorted(user.offices))) if user.offices else true()


def is_visible_to(user: Caseworker, conversation: Conversation) -> bool:
    if not may(user.role, Task.HANDOVERS):
        return False
    return not user.offices or conversation.office in ("", *user.offices)
