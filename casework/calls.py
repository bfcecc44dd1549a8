"""Calls: which conversation a call is. A call is opened once, however often the carrier asks."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from casework.keyed_hash import keyed
from casework.records import PhoneCall, Records


@dataclass(frozen=True)
class Call:
    """`conversation_id` is None while another request opens it. `mine`: this request is to open it."""

    conversation_id: str | None
    over: bool = False
    mine: bool = False


class Calls:
    """`now` gives aware times. A call is named by the carrier; only a keyed hash of the name is kept."""

    def __init__(self, records: Records, now: Callable[[], datetime]) -> None:
        self._records = records
        self._now = now

    def reserve(self, name: str) -> Call:
        """The call, or the task to open it: exactly one of those who ask first gets that."""
        known = self.find(name)
        if known is not None:
            return known
        with suppress(IntegrityError):
            with self._records.session() as session:
                session.add(PhoneCall(call_hash=self._hash(name), at=self._now()))
            return Call(None, mine=True)
        return self.find(name) or Call(None)

    def find(self, name: str) -> Call | None:
        with self._records.reading() as session:
            row = session.get(PhoneCall, self._hash(name))
            return Call(row.conversation_id, row.over) if row is not None else None

    def bind(self, name: str, conversation_id: str) -> bool:
        """Give the call its conversation. False if the call was over before it was opened."""
        with self._records.session() as session:
            row = session.get_one(PhoneCall, self._hash(name), with_for_update=True)
            row.conversation_id = conversation_id
            return not row.over

    def over(self, name: str) -> Call | None:
        """The call has ended, also if it was never heard of: news can come in any order.

        The call as it stood, `mine` where this is the first to say so; None when it was known to be over.
        """
        call = self.reserve(name)
        with self._records.session() as session:
            row = session.get_one(PhoneCall, self._hash(name), with_for_update=True)
            if row.over:
                return None
            row.over = True
            return Call(row.conversation_id, over=True, mine=call.mine)

    def _hash(self, name: str) -> str:
        return keyed(self._records.keys, "call", name)
