"""Letters: the one way that e-mail is handed in, whoever it is for. Plain text, one part, nothing loaded from anywhere."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from urllib.parse import unquote, urlsplit

from casework.errands import Never, NotNow, Unsure

TIMEOUT = 10.0
"""Seconds."""


@dataclass(frozen=True)
class Letter:
    """`subject` shows on locked screens: it is neutral. `name` is the same each time that the same letter is handed in, so
    that most mailboxes show it once; empty for one that is handed in once.
    """

    to: tuple[str, ...] = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    name: str = ""
    at: datetime | None = None
    """Now, if it is not told."""


class MailServer:
    """`url` is `smtp://`, `smtp+starttls://` or `smtps://`, with the user's name where one signs in."""

    def __init__(self, url: str, sender: str, password: str = "", context: ssl.SSLContext | None = None) -> None:
        self._server = urlsplit(url)
        self._sender = sender
        self._password = password
        self._context = context

    def send(self, letter: Letter) -> None:
        """Raises NotNow before the letter was given, Never where it is not taken, else Unsure."""
        message = self._message(letter)
        try:
            server = self._connected()
        except (OSError, smtplib.SMTPException) as error:
            raise NotNow(type(error).__name__) from None
        try:
            _give(server, message)
        finally:
            # It is given, or not: how the goodbye went changes nothing.
            with suppress(OSError, smtplib.SMTPException):
                server.quit()

    def _message(self, letter: Letter) -> EmailMessage:
        home = self._sender.rpartition("@")[2]
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._sender, ", ".join(letter.to), letter.subject
        message["Date"] = format_datetime(letter.at or datetime.now(UTC))
        message["Message-ID"] = f"<{letter.name}@{home}>" if letter.name else make_msgid(domain=home)
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text)
        return message

    def _connected(self) -> smtplib.SMTP:
        parts, host = self._server, self._server.hostname or ""
        safe = self._context or ssl.create_default_context()
        server: smtplib.SMTP
        if parts.scheme == "smtps":
            server = smtplib.SMTP_SSL(host, parts.port or 465, timeout=TIMEOUT, context=safe)
        else:
            server = smtplib.SMTP(host, parts.port or 587, timeout=TIMEOUT)
        try:
            if parts.scheme == "smtp+starttls":
                server.starttls(context=safe)
            if parts.username:
                server.login(unquote(parts.username), self._password)
        except BaseException:
            server.close()
            raise
        return server


def _give(server: smtplib.SMTP, message: EmailMessage) -> None:
    try:
        server.send_message(message)
    except smtplib.SMTPResponseException as error:
        # 4xx: not now. 5xx: never.
        raise (NotNow if error.smtp_code < 500 else Never)(type(error).__name__) from None
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        raise (NotNow if all(code < 500 for code in codes) else Never)(type(error).__name__) from None
    except (OSError, smtplib.SMTPException) as error:
        raise Unsure(type(error).__name__) from None
