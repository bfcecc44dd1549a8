"""What we wrote into the address that the carrier comes back to: where in the call it was asked. Nothing about the person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

PATH = "/twilio/voice"
NAMES = {"step": "s", "mark": "m", "silences": "q", "slow": "w", "page": "p", "tries": "t", "menu": "n", "locale": "l"}


@dataclass(frozen=True)
class Asked:
    """`step` is the number of the conversation's last message, 0 before there is a conversation."""

    step: int = 0
    mark: str = ""
    """The keypad that the keys were pressed on; empty: nothing was asked yet."""
    silences: int = 0
    slow: int = 0
    page: int = 0
    tries: int = 0
    menu: str = ""
    """`language`, `code` or `dialled` where something beside the journey was asked."""
    locale: str = ""
    """The language that was chosen before there is a conversation."""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Asked:
        """Whatever is not a small number or a short word is as if it were not there."""
        found: dict[str, object] = {}
        for name, short in NAMES.items():
            value = query.get(short, "")
            if isinstance(getattr(cls, name), int):
                found[name] = int(value) if value.isascii() and value.isdigit() and len(value) < 7 else 0
            else:
                found[name] = value if value.replace("-", "").isalnum() and len(value) <= 20 else ""
        return cls(**found)  # type: ignore[arg-type]

    def address(self, base: str, **changes: object) -> str:
        """Where the carrier is to come back to."""
        changed = replace(self, **changes)  # type: ignore[arg-type]
        query = {short: value for name, short in NAMES.items() if (value := getattr(changed, name))}
        return f"{base}{PATH}?{urlencode(query)}" if query else f"{base}{PATH}"

    def next(self, **changes: object) -> Asked:
        """The same call, with nothing pending but its speed."""
        return replace(Asked(slow=self.slow, locale=self.locale), **changes)  # type: ignore[arg-type]
