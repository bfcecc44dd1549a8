"""What each role may do at the desk: one table. A role that is not in it may do nothing."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    CASEWORKER = "caseworker"
    CONSULTANT = "social_consultant"
    COORDINATOR = "coordinator"
    """Keeps contents, contacts and the agency's rules. Meets nobody."""
    ADMINISTRATOR = "administrator"
    """Keeps accounts. Never sees what anybody said or asked for."""


class Task(StrEnum):
    OWN_ACCOUNT = "own_account"
    """One's own password and second step, and signing out."""
    HANDOVERS = "handovers"
    """The queue and everything about those who asked for a human."""
    CONTENTS = "contents"
    ACCOUNTS = "accounts"


MAY: Mapping[Role, frozenset[Task]] = {
    Role.CASEWORKER: frozenset({Task.OWN_ACCOUNT, Task.HANDOVERS}),
    Role.CONSULTANT: frozenset({Task.OWN_ACCOUNT, Task.HANDOVERS}),
    Role.COORDINATOR: frozenset({Task.OWN_ACCOUNT, Task.CONTENTS}),
    Role.ADMINISTRATOR: frozenset({Task.OWN_ACCOUNT, Task.ACCOUNTS}),
}

ANSWERING = tuple(role.value for role, tasks in MAY.items() if Task.HANDOVERS in tasks)
"""Roles whose presence means that somebody can answer."""


def may(role: str, task: Task) -> bool:
    return role in MAY and task in MAY[Role(role)]
