"""A carrier in one's own pocket, for development and tests: what it was asked to send, and how it is to fail."""

from __future__ import annotations

from dataclasses import dataclass, field

from casework.contact.orders import What


@dataclass
class PocketCarrier:
    """`casework.contact.carriers.Carrier`. `raises` is what the next requests raise."""

    sent: list[tuple[str, str]] = field(default_factory=list)
    rung: list[tuple[What, str, str]] = field(default_factory=list)
    """Which phone, its number, and the name of the call-back."""
    deleted: list[str] = field(default_factory=list)
    raises: list[Exception] = field(default_factory=list)

    def send_sms(self, number: str, text: str) -> str:
        self._fail()
        self.sent.append((number, text))
        return f"SM{len(self.sent)}"

    def ring(self, what: What, number: str, name: str, *, voicemail: bool) -> str:
        self._fail()
        self.rung.append((what, number, name))
        return f"CA{len(self.rung)}"

    def delete_message(self, name: str) -> None:
        self._fail()
        self.deleted.append(name)

    def delete_call(self, name: str) -> None:
        self._fail()
        self.deleted.append(name)

    def _fail(self) -> None:
        if self.raises:
            raise self.raises.pop(0)
