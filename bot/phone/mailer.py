"""E-mail by SMTP, to people whose plan says so. Plain text, one part, nothing that is loaded from anywhere."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from urllib.parse import unquote, urlsplit

from casework.contact.delivery import CarrierAway, CarrierRefused, Unsure

TIMEOUT = 10.0
"""Seconds."""


class SmtpMailer:
    """`casework.contact.delivery.Mailer`. `url` is `smtp://`, `smtp+starttls://` or `smtps://`, with name and password if needed."""

    def __init__(self, url: str, sender: str) -> None:
        self._server = urlsplit(url)
        self._sender = sender

    def send(self, address: str, subject: str, text: str) -> None:
        """Raises CarrierAway before the message was given, CarrierRefused where it is not taken, else Unsure."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._sender, address, subject
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Message-ID"] = make_msgid(domain=self._sender.rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        try:
            server = self._connected()
        except (OSError, smtplib.SMTPException):
            raise CarrierAway from None
        try:
            self._give(server, message)
        finally:
            # It is given, or not: how the goodbye went changes nothing.
            with suppress(OSError, smtplib.SMTPException):
                server.quit()

    def _give(self, server: smtplib.SMTP, message: EmailMessage) -> None:
        try:
            server.send_message(message)
        except smtplib.SMTPResponseException as error:
            # 4xx: not now. 5xx: never.
            raise (CarrierAway if error.smtp_code < 500 else CarrierRefused) from None
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            raise (CarrierAway if all(code < 500 for code in codes) else CarrierRefused) from None
        except (OSError, smtplib.SMTPException):
            raise Unsure from None

    def _connected(self) -> smtplib.SMTP:
        parts, host = self._server, self._server.hostname or ""
        safe = ssl.create_default_context()
        if parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=TIMEOUT, context=safe)
        else:
            server = smtplib.SMTP(host, parts.port or 587, timeout=TIMEOUT)
        if parts.scheme == "smtp+starttls":
            server.starttls(context=safe)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        return server
