"""Forms of a contact: which phone to ring, and a new plan."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from wtforms import BooleanField, RadioField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from casework.contact.stops import Lifted
from casework.desk.forms import DeskForm
from safety.safe_contact import ContactWay, ContactWindow, SafeContactPlan
from screening.journey.phone_number import e164

EMAIL = re.compile(r"[^@\s,;<>\"]{1,64}@[^@\s,;<>\"]+\.[^@\s,;<>\"]{2,}")


class CallForm(DeskForm):
    """`once` makes a second press of the same button no second call."""

    phone = StringField(validators=[Length(max=20)])
    once = StringField(validators=[Length(max=40)])


class LiftForm(DeskForm):
    """A stop is lifted by whoever has met the person, and says so."""

    why = RadioField(choices=[(why.value, why.value) for why in Lifted], validators=[InputRequired("lift")])
    met = BooleanField(validators=[InputRequired("lift")])


class PlanForm(DeskForm):
    """What is not ticked is not allowed."""

    way = RadioField(choices=[(way.value, way.value) for way in ContactWay], validators=[InputRequired("plan")])
    number = StringField(validators=[Length(max=40)])
    email = StringField(validators=[Length(max=254)])
    window = RadioField(choices=[(w.value, w.value) for w in ContactWindow], validators=[InputRequired("plan")])
    voicemail = BooleanField()
    say_agency = BooleanField()
    remind = BooleanField()
    code_word = StringField(validators=[Length(max=40)])

    def validate_number(self, field: Any) -> None:
        if self.data["way"] != ContactWay.EMAIL and e164(field.data or "") is None:
            raise ValidationError("plan")

    def validate_email(self, field: Any) -> None:
        if self.data["way"] == ContactWay.EMAIL and not EMAIL.fullmatch((field.data or "").strip()):
            raise ValidationError("plan")

    def plan(self, expires_at: datetime) -> SafeContactPlan:
        """Of a form that is valid. What the way does not need is not kept."""
        told, way = self.data, ContactWay(self.data["way"])
        by_email = way is ContactWay.EMAIL
        return SafeContactPlan(
            way=way,
            number="" if by_email else e164(told["number"]) or "",
            window=ContactWindow(told["window"]),
            voicemail=bool(told["voicemail"]) and way is ContactWay.CALL,
            say_agency=bool(told["say_agency"]),
            code_word=(told["code_word"] or "").strip(),
            expires_at=expires_at,
            email=told["email"].strip() if by_email else "",
            remind=bool(told["remind"]) and way is not ContactWay.CALL,
        )
