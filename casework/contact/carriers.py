"""Who carries things out: the telephone carrier, and the mail server. What they can do, and how they fail."""

from __future__ import annotations

from typing import Protocol

from casework.contact.orders import What
from casework.errands import Never
from casework.letters import Letter


class SaidStop(Never):
    """The person said stop to the carrier itself."""


class Carrier(Protocol):
    """Raises NotNow, Never, Unsure of `casework.errands`. Deleting what is not there is no error."""

    def send_sms(self, number: str, text: str) -> str:
        """The carrier's name of the message."""

    def ring(self, what: What, number: str, name: str, *, voicemail: bool) -> str:
        """Begin a call. `name` is the call-back's; where `voicemail`, a machine is waited for until it listens."""

    def delete_message(self, name: str) -> None: ...

    def delete_call(self, name: str) -> None: ...


class Mailer(Protocol):
    """Raises as the carrier does."""

    def send(self, letter: Letter) -> None: ...
