"""Invitations: an agency's system asks for one for a case, a person opens it once, from a link, a code or paper.

The link's token is a random name with a signature, so that a guess is refused without a look at the records. What the
invitation says of the person is sealed under a key of its own, and destroyed once the conversation is begun: nothing
ties the conversation to the case afterwards.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from casework import audit
from casework.claims import Claims
from casework.contact.invitation_sms import NotSent, became, not_sent
from casework.contact.orders import of_invitation, withdraw
from casework.data_keys import destroy_key, make_key
from casework.follow_ups import FollowUps
from casework.keyed_hash import keyed
from casework.keys import KeyService, padded, seal, unseal
from casework.records import Invitation, Records, by_the_hour
from safety.content import Channel

__all__ = ["Claims", "Invitations", "Issued", "NotOpened", "Opening", "Why", "invitation_owner"]

NAME_BYTES, SIGNATURE_CHARACTERS = 12, 12
CODE_DIGITS = 9


class Why(StrEnum):
    """Why an invitation does not open. The person gets one sentence for all of them."""

    UNKNOWN = "unknown"
    USED = "used"
    EXPIRED = "expired"
    REVOKED = "revoked"
    OTHER_CHANNEL = "other_channel"


class NotOpened(Exception):
    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True)
class Issued:
    """A new invitation. Token and code are given only here: they are not kept."""

    id: str
    token: str = field(repr=False)
    code: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True)
class Opening:
    """An invitation that is being opened. `Invitations.done` or `give_back` follows."""

    id: str
    claims: Claims


class Invitations:
    """`now` gives aware times. `follow_ups` plans the next occasion, where the agency asks again.

    `is_neutral` judges a link's token: a link goes by SMS and stands in an address bar, so chance may not spell one.
    """

    def __init__(
        self,
        records: Records,
        now: Callable[[], datetime],
        follow_ups: FollowUps | None = None,
        is_neutral: Callable[[str], bool] = lambda text: True,
    ) -> None:
        self._records = records
        self._is_neutral = is_neutral
        self._keys = records.keys
        self._now = now
        self._follow_ups = follow_ups

    def issue(self, claims: Claims, days: int = 14, *, who: str = audit.OPERATOR) -> Issued:
        """A new invitation that can be opened once, within `days`. `who` is for the audit trail."""
        at = self._now()
        name, token = self._drawn()
        issued = Issued(name, token, _code(), at + timedelta(days=days))
        with self._records.session() as session:
            key = make_key(session, self._keys, invitation_owner(name))
            told = padded(claims.model_dump_json().encode())
            sealed = seal(key, told, f"{invitation_owner(name)}:claims")
            code_hash = keyed(self._keys, "invitation", issued.code)
            session.add(Invitation(id=name, code_hash=code_hash, claims=sealed, expires_at=issued.expires_at))
            audit.note(session, at, who, "invitation.made", name, audit.Why.INVITATION)
            if self._follow_ups is not None:
                self._follow_ups.invited(session, claims)
        return issued

    def _drawn(self) -> tuple[str, str]:
        """A random name and its token. About one in two hundred spells a sensitive word of some language: drawn again."""
        while True:
            name = secrets.token_urlsafe(NAME_BYTES)
            token = name + self._signature(name)
            if self._is_neutral(token):
                return name, token

    def look(self, token: str) -> str:
        """The id of the invitation. Raises NotOpened if the link would not open.

        Changes nothing: a preview of a link must not use it up.
        """
        with self._records.reading() as session:
            return self._usable(self._by_token(session, token)).id

    def open_token(self, token: str, channel: Channel) -> Opening:
        """Take the invitation. Whoever comes second gets NotOpened."""
        with self._records.session() as session:
            return self._open(session, self._by_token(session, token), channel)

    def open_code(self, digits: str, channel: Channel) -> Opening:
        """The same by the code for the phone."""
        with self._records.session() as session:
            code_hash = keyed(self._keys, "invitation", digits)
            return self._open(session, session.scalar(select(Invitation).filter_by(code_hash=code_hash)), channel)

    def done(self, opening: Opening) -> None:
        """The conversation is begun: forget what the invitation said."""
        with self._records.session() as session:
            forget_claims(session, session.get(Invitation, opening.id))

    def give_back(self, opening: Opening) -> None:
        """The conversation could not be begun: the invitation can be opened again."""
        with self._records.session() as session:
            session.execute(update(Invitation).where(Invitation.id == opening.id).values(opened_hour=None))

    def revoke(self, invitation_id: str, *, who: str = audit.OPERATOR) -> bool:
        """Take it back. False if there is none, or it was opened."""
        at = self._now()
        with self._records.session() as session:
            row = session.get(Invitation, invitation_id, with_for_update=True)
            if row is None or row.opened_hour is not None:
                return False
            if row.revoked_at is None:
                claims = read_claims(self._keys, row)
                if claims is not None and self._follow_ups is not None:
                    self._follow_ups.taken_back(session, claims)
                row.revoked_at = at
                forget_claims(session, row)
                withdraw(session, self._keys, of_invitation(row.id))
                audit.note(session, at, who, "invitation.revoked", row.id, audit.Why.INVITATION)
            return True

    def status(self, invitation_id: str) -> str | None:
        """`open`, `used`, `expired` or `revoked`; None if there is none."""
        with self._records.reading() as session:
            row = session.get(Invitation, invitation_id)
            if row is None:
                return None
            try:
                self._usable(row)
            except NotOpened as not_opened:
                return not_opened.why.value
            return "open"

    def sms(self, invitation_id: str) -> str | None:
        """What became of its SMS: a `Became` or a `Refusal` by name. None if none was ordered, or it was long ago."""
        with self._records.reading() as session:
            return became(session, self._keys, invitation_id)

    def not_sent(self) -> list[NotSent]:
        """The open ones whose SMS did not go, or did not come to the person."""
        with self._records.reading() as session:
            return not_sent(session, self._keys, self._now(), lambda row: read_claims(self._keys, row))

    def _open(self, session: Session, row: Invitation | None, channel: Channel) -> Opening:
        at, row = self._now(), self._usable(row)
        claims = read_claims(self._keys, row)
        if claims is None:
            raise NotOpened(Why.USED)
        if channel not in claims.channels:
            raise NotOpened(Why.OTHER_CHANNEL)
        taken = session.execute(
            update(Invitation)
            .where(Invitation.id == row.id, Invitation.opened_hour.is_(None), Invitation.revoked_at.is_(None))
            .values(opened_hour=by_the_hour(at))
        )
        assert isinstance(taken, CursorResult)
        if taken.rowcount != 1:
            raise NotOpened(Why.USED)
        return Opening(row.id, claims)

    def _usable(self, row: Invitation | None) -> Invitation:
        if row is None:
            raise NotOpened(Why.UNKNOWN)
        if row.revoked_at is not None:
            raise NotOpened(Why.REVOKED)
        if row.opened_hour is not None:
            raise NotOpened(Why.USED)
        if row.expires_at <= self._now():
            raise NotOpened(Why.EXPIRED)
        return row

    def _by_token(self, session: Session, token: str) -> Invitation | None:
        name, signature = token[:-SIGNATURE_CHARACTERS], token[-SIGNATURE_CHARACTERS:]
        if not token.isascii() or not hmac.compare_digest(signature, self._signature(name)):
            raise NotOpened(Why.UNKNOWN)
        return session.get(Invitation, name)

    def _signature(self, name: str) -> str:
        made = hmac.digest(self._keys.lasting("invitation"), name.encode(), "sha256")
        return urlsafe_b64encode(made).decode()[:SIGNATURE_CHARACTERS]


def read_claims(keys: KeyService, row: Invitation) -> Claims | None:
    """What it says of the person, or None once that is forgotten. Raises Unreadable."""
    key = keys.find(invitation_owner(row.id)) if row.claims is not None else None
    if key is None or row.claims is None:
        return None
    return Claims.model_validate_json(unseal(key, row.claims, f"{invitation_owner(row.id)}:claims"))


def forget_claims(session: Session, row: Invitation | None) -> None:
    """What it says of the person cannot be read again."""
    if row is not None and row.claims is not None:
        row.claims = None
        destroy_key(session, invitation_owner(row.id))


def forget_run_out(records: Records, at: datetime) -> None:
    """What an invitation says goes when its time is out. The row goes later, by the agency's table."""
    with records.session() as session:
        past = select(Invitation).where(Invitation.expires_at <= at, Invitation.claims.is_not(None))
        for row in session.scalars(past.with_for_update()):
            forget_claims(session, row)


def invitation_owner(invitation_id: str) -> str:
    return f"invitation:{invitation_id}"


def _code() -> str:
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
