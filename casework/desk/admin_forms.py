"""Forms of the pages for accounts, contents and the second step."""

from __future__ import annotations

from typing import Any

from wtforms import IntegerField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from casework.desk.forms import DeskForm
from casework.roles import Role

ROLES = [(role.value, role.value) for role in Role]


class CodeForm(DeskForm):
    code = StringField(validators=[Length(max=40)])


class InviteForm(DeskForm):
    role = SelectField(choices=ROLES, validators=[InputRequired("role")])
    offices = SelectMultipleField(validate_choice=False)


class RevertForm(DeskForm):
    n = IntegerField(validators=[InputRequired()])
    before = StringField(validators=[Length(max=64)])
    confirmed = StringField(validators=[Length(max=64)])


class SheetForm(DeskForm):
    """Which fields it has beside the mark is in the file that it changes: `sent` is what came."""

    before = StringField(validators=[Length(max=64)])
    confirmed = StringField(validators=[Length(max=64)])

    def process(self, formdata: Any = None, *given: Any, **more: Any) -> None:
        self.sent = {name: str(value) for name, value in formdata.items()} if formdata is not None else {}
        super().process(formdata, *given, **more)


class ContentForm(DeskForm):
    """`before` is the mark of the text that was edited: a change that somebody else made meanwhile is not lost.

    `confirmed` is the mark of the text that was read once more before it counts.
    """

    text = TextAreaField()
    before = StringField(validators=[Length(max=64)])
    confirmed = StringField(validators=[Length(max=64)])
