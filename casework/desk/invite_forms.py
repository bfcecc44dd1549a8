"""Forms of an invitation: a new one, somebody who is due, the link as a QR code, a stop that is lifted."""

from __future__ import annotations

from typing import Any

from wtforms import StringField
from wtforms.validators import Length, ValidationError

from casework.desk.contact_forms import LiftForm
from casework.desk.forms import DeskForm
from screening.journey.phone_number import e164


class NumberForm(DeskForm):
    """Where the link goes by SMS. Empty: it does not."""

    number = StringField(validators=[Length(max=40)])

    def validate_number(self, field: Any) -> None:
        if (field.data or "").strip() and e164(field.data) is None:
            raise ValidationError("number")

    @property
    def dialled(self) -> str:
        """As +46…, or empty. Of a form without faults."""
        return e164((self.data["number"] or "").strip()) or ""


class InviteForm(NumberForm):
    case = StringField(validators=[Length(min=1, max=64)])
    programme = StringField(validators=[Length(max=60)])
    locale = StringField(validators=[Length(max=20)])


class FollowUpForm(NumberForm):
    """`id` is that of a case that is due, or of the invitation that is taken back."""

    id = StringField(validators=[Length(max=22)])
    what = StringField(validators=[Length(max=10)])


class QrForm(DeskForm):
    link = StringField(validators=[Length(max=300)])


class LiftOfInvitationForm(LiftForm):
    """`link` is the invitation's, which was just shown. The number is typed once more: it was kept nowhere."""

    link = StringField(validators=[Length(max=300)])
    number = StringField(validators=[Length(max=40)])

    def validate_number(self, field: Any) -> None:
        if e164(field.data or "") is None:
            raise ValidationError("number")
