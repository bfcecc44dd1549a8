"""Numbers that said stop, and a stop that is lifted on the person's own word.

Both are noted with the keys too, which are never taken back from a copy: a stop holds also where its row is lost.
Nothing is taken away there: a number's stops are counted, and each is lifted or not. Where an old copy brings a row
back, the stop holds until it is lifted again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum

from sqlalchemy import delete
from sqlalchemy.orm import Session

from casework.audit import Why, note
from casework.caseworker import Caseworker
from casework.keyed_hash import keyed
from casework.keys import KeyService, Unreadable
from casework.records import Conversation, DoNotContact, Records, SmsThread, by_the_hour
from casework.requests import read_plan
from casework.taking import take_mine
from screening.events import HandoverKind


class Lifted(StrEnum):
    """Why the stop does not hold any more, as the person has said it to a caseworker who has met them."""

    CHANGED_MIND = "changed_mind"
    MISTAKE = "mistake"
    SOMEBODY_ELSE = "somebody_else"
    """Somebody else wrote it, and the number is safe now."""
    NEW_NUMBER = "new_number"
    """The number was somebody else's before."""


class NotLifted(Exception):
    """`args[0]` is `left` for a person who is not to be contacted, `not_stopped` for a number that has not said stop."""


def stopped(session: Session, keys: KeyService, number: str) -> bool:
    """Whether this number said stop, and nobody has lifted it since."""
    if not number:
        return False
    number_hash = keyed(keys, "number", number)
    if session.get(DoNotContact, number_hash) is not None:
        return True
    return _holds(keys, number_hash, _said(keys, number_hash))


def stop(session: Session, keys: KeyService, number: str, at: datetime) -> None:
    """Nothing goes to this number again. Said twice it is one stop."""
    number_hash = keyed(keys, "number", number)
    said = _said(keys, number_hash)
    if not _holds(keys, number_hash, said):
        keys.lasting(_stop(number_hash, said + 1))
    if session.get(DoNotContact, number_hash) is None:
        session.add(DoNotContact(number_hash=number_hash, since=by_the_hour(at)))


class Stops:
    """Lifting a stop, one number at a time. `now` gives aware times."""

    def __init__(self, records: Records, now: Callable[[], datetime]) -> None:
        self._records = records
        self._keys = records.keys
        self._now = now

    def lift_of_plan(self, handover_id: str, user: Caseworker, why: Lifted) -> str:
        """For the number of a plan that this caseworker has taken up. Returns the conversation's id.

        Raises NotLifted, UnknownHandover, AlreadyClaimed, NotOpen.
        """
        with self._records.session() as session:
            taken = take_mine(session, handover_id, user, HandoverKind.CONTACT)
            try:
                plan = read_plan(self._keys, taken.handover)
            except Unreadable:
                plan = None
            if taken.conversation.do_not_contact:
                raise NotLifted("left")
            self._lift(session, plan.address if plan is not None else "", handover_id, user, why)
            return taken.conversation.id

    def lift_of_invitation(self, number: str, invitation_id: str, user: Caseworker, why: Lifted) -> None:
        """For a number (E.164) that an invitation is to go to. Raises NotLifted."""
        with self._records.session() as session:
            self._lift(session, number, invitation_id, user, why)

    def may_lift(self, number: str) -> bool:
        """Whether it said stop, and is not known to be that of a person who left."""
        with self._records.reading() as session:
            return stopped(session, self._keys, number) and not self._left(session, number)

    def _lift(self, session: Session, number: str, about: str, user: Caseworker, why: Lifted) -> None:
        if not stopped(session, self._keys, number):
            raise NotLifted("not_stopped")
        if self._left(session, number):
            raise NotLifted("left")
        number_hash = keyed(self._keys, "number", number)
        session.execute(delete(DoNotContact).where(DoNotContact.number_hash == number_hash))
        note(session, self._now(), user.id, f"stop.lifted.{why}", about, Why.ASKED)
        said = _said(self._keys, number_hash)
        if said:
            # Last: if anything before fails, the stop holds.
            self._keys.lasting(_lifted(number_hash, said))

    def _left(self, session: Session, number: str) -> bool:
        """Whether the person who wrote from this number lately is not to be contacted."""
        thread = session.get(SmsThread, keyed(self._keys, "number", number))
        conversation = session.get(Conversation, thread.conversation_id) if thread is not None else None
        return conversation is not None and conversation.do_not_contact


def _said(keys: KeyService, number_hash: str) -> int:
    """How many stops there have been."""
    said = 0
    while keys.has_lasting(_stop(number_hash, said + 1)):
        said += 1
    return said


def _holds(keys: KeyService, number_hash: str, said: int) -> bool:
    """Whether the last of them is not lifted."""
    return said > 0 and not keys.has_lasting(_lifted(number_hash, said))


def _stop(number_hash: str, n: int) -> str:
    return f"stop:{number_hash}" if n == 1 else f"stop:{number_hash}:{n}"


def _lifted(number_hash: str, n: int) -> str:
    return f"lifted:{number_hash}:{n}"
