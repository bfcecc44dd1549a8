"""Why the desk cannot do something. None of them holds what a person said."""

from __future__ import annotations

from casework.requests import HandoverStatus


class UnknownInvitation(Exception):
    """No invitation has this id."""


class UnknownHandover(Exception):
    """No handover has this id."""


class AlreadyClaimed(Exception):
    """Another caseworker has it. `name` may be shown at the desk."""

    def __init__(self, name: str) -> None:
        super().__init__("another caseworker has the handover")
        self.name = name


class NotOpen(Exception):
    """It is not waiting or claimed any more, or not yet claimed. `status` says what it is."""

    def __init__(self, status: HandoverStatus) -> None:
        super().__init__(f"the handover is {status}")
        self.status = status
