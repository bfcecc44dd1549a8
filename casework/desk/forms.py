"""The desk's forms. Each carries a token that belongs to the session (or, before signing in, to the browser)."""

from __future__ import annotations

import hmac
from typing import Any

from starlette.datastructures import FormData
from wtforms import Form, PasswordField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.csrf.core import CSRF
from wtforms.validators import EqualTo, InputRequired, Length, ValidationError

from casework.accounts import MAX_LENGTH, MIN_LENGTH
from casework.duties import How
from casework.handover import ContactNote
from casework.passing_on import To

MAX_NAME = 80


class SessionCsrf(CSRF):  # type: ignore[misc]
    """The token of the session itself, compared in constant time."""

    def setup_form(self, form: Any) -> Any:
        self._token: str = form.meta.csrf_context
        return super().setup_form(form)

    def generate_csrf_token(self, csrf_token_field: Any) -> str:
        return self._token

    def validate_csrf_token(self, form: Any, field: Any) -> None:
        if not self._token or not hmac.compare_digest(self._token.encode(), (field.data or "").encode()):
            raise ValidationError("csrf")


class DeskForm(Form):  # type: ignore[misc]
    class Meta:
        csrf = True
        csrf_class = SessionCsrf
        csrf_field_name = "form_token"

    @classmethod
    def of(cls, token: str, sent: FormData | None = None) -> DeskForm:
        """The form for a session's token, empty or as it was sent."""
        return cls(sent, meta={"csrf_context": token})

    @property
    def from_this_session(self) -> bool:
        """Whether the token was right. Call `validate` first."""
        return "form_token" not in self.errors


class PlainForm(DeskForm):
    """A button."""


class LanguageForm(DeskForm):
    back = StringField(validators=[Length(max=200)])
    """The path of the page that it was chosen on."""


class AccountForm(DeskForm):
    """What is wrong is named by a key in the desk's words, not by the library's sentence."""

    name = StringField(validators=[InputRequired("name_missing"), Length(max=MAX_NAME, message="name_missing")])
    password = PasswordField(validators=[Length(min=MIN_LENGTH, max=MAX_LENGTH, message="password_length")])
    again = PasswordField(validators=[EqualTo("password", "password_differs")])
    asked_name = StringField(validators=[Length(max=3)])
    """Whether the person was asked if the first name is enough."""

    @property
    def first_name(self) -> str:
        """The first of several words that are given as the name. Empty where it is one, or the person was asked."""
        words = (self.data["name"] or "").split()
        return words[0] if len(words) > 1 and not self.data["asked_name"] else ""

    def validate_name(self, field: Any) -> None:
        if not field.data.strip():
            raise ValidationError("name_missing")


class PasswordForm(DeskForm):
    """A new password. The current one is asked for again: an open page at an empty desk must not be enough."""

    current = PasswordField()
    password = PasswordField(validators=[Length(min=MIN_LENGTH, max=MAX_LENGTH, message="password_length")])
    again = PasswordField(validators=[EqualTo("password", "password_differs")])


class SignInForm(DeskForm):
    name = StringField()
    password = PasswordField()


class WriteForm(DeskForm):
    key = StringField()
    """New with each message: one that is sent again, because the answer was lost, is written once."""
    text = TextAreaField()


class ReplyForm(DeskForm):
    key = StringField()
    reply = StringField(validators=[InputRequired("text"), Length(max=40)])


class PassOnForm(DeskForm):
    to = RadioField(choices=[(to.value, to.value) for to in To], validators=[InputRequired("to")])
    colleague = StringField(validators=[Length(max=40)])


class TickForm(DeskForm):
    """`done` is sent once for each step that is ticked."""

    done = SelectMultipleField(choices=[], validate_choice=False)


class EndForm(DeskForm):
    """`sure` once it has been asked about a report that is not made."""

    sure = StringField(validators=[Length(max=1)])


class DutyForm(DeskForm):
    how = RadioField(choices=[(how.value, how.value) for how in How], validators=[InputRequired("duty")])


class SmsForm(DeskForm):
    """`once` makes a second press of the same button no second SMS."""

    once = StringField(validators=[Length(max=40)])


class ContactForm(EndForm):
    """`once` makes a form that is sent again, because the answer was lost, no second note."""

    once = StringField(validators=[Length(max=40)])
    how = RadioField(choices=[(how.value, how.value) for how in ContactNote], validators=[InputRequired("how")])
