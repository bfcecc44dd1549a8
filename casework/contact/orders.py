"""Orders to the carrier: written down in the transaction of what they follow from, carried out afterwards, once."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.data_keys import destroy_key, make_key
from casework.keyed_hash import keyed
from casework.keys import KeyService, padded, seal, unseal
from casework.records import Outgoing
from safety.safe_contact import Ground


class What(StrEnum):
    SMS = "sms"
    EMAIL = "email"
    RING_DESK = "ring_desk"
    """The caseworker's phone first."""
    RING_PERSON = "ring_person"
    DELETE_MESSAGE = "delete_message"
    DELETE_CALL = "delete_call"


class Status(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"
    """Given to the carrier; whether it arrived there is not known yet."""
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    """The carrier could not deliver it."""
    REFUSED = "refused"
    """What was allowed when it was ordered was not any more."""
    DEAD = "dead"
    """Tried as often as is right, or not known to have been sent. Somebody has to look."""
    DONE = "done"


CALLS = frozenset({What.RING_DESK, What.RING_PERSON})
OVER = frozenset({Status.DELIVERED, Status.FAILED, Status.REFUSED, Status.DEAD, Status.DONE})


@dataclass(frozen=True)
class Order:
    """What is to be done. `number` (an address for an e-mail) and `text` for a message; `number` for a call, and `name` of the
    call-back that it is part of; `name` of what is to be deleted.
    """

    ground: Ground | None = None
    number: str = field(default="", repr=False)
    text: str = field(default="", repr=False)
    heard_at: str = ""
    name: str = ""
    subject: str = field(default="", repr=False)
    voicemail: bool = False
    """A machine that answers may be spoken to."""

    @property
    def words(self) -> str:
        """All that is read on a screen."""
        return f"{self.subject}\n{self.text}" if self.subject else self.text


def place(
    session: Session,
    keys: KeyService,
    what: What,
    order: Order,
    key: str,
    at: datetime,
    *,
    template: str = "",
    handover_id: str | None = None,
    not_before: datetime | None = None,
) -> bool:
    """Write an order down. False if the same one, by its `key`, is there already."""
    key_hash = keyed(keys, "order", key)
    if session.scalar(select(Outgoing.id).filter_by(key_hash=key_hash)) is not None:
        return False
    row_id = secrets.token_urlsafe(16)
    told = padded(json.dumps(asdict(order)).encode())
    sealed = seal(make_key(session, keys, order_owner(row_id)), told, order_owner(row_id))
    session.add(
        Outgoing(
            id=row_id,
            key_hash=key_hash,
            what=what.value,
            status=Status.WAITING.value,
            template=template,
            handover_id=handover_id,
            next_at=not_before or at,
            created=at,
            order=sealed,
        )
    )
    session.flush()
    return True


def read(keys: KeyService, row: Outgoing) -> Order | None:
    """The order, or None once it is over. Raises Unreadable."""
    key = keys.find(order_owner(row.id)) if row.order is not None else None
    if row.order is None or key is None:
        return None
    told = json.loads(unseal(key, row.order, order_owner(row.id)))
    return Order(**told | {"ground": Ground(told["ground"]) if told["ground"] else None})


def finish(session: Session, row: Outgoing, status: Status) -> None:
    """The order is over, or with the carrier: number and text cannot be read again."""
    row.status = status.value
    if row.order is not None:
        row.order = None
        destroy_key(session, order_owner(row.id))


def withdraw(session: Session, keys: KeyService, key: str) -> None:
    """Take back what was ordered under this `key` and has not gone."""
    waiting = Outgoing.key_hash == keyed(keys, "order", key), Outgoing.status == Status.WAITING
    for row in session.scalars(select(Outgoing).where(*waiting).with_for_update()):
        finish(session, row, Status.REFUSED)


def of_invitation(invitation_id: str) -> str:
    """The key of the one SMS that an invitation may go by."""
    return f"invitation:{invitation_id}"


def order_owner(row_id: str) -> str:
    return f"outgoing:{row_id}"
