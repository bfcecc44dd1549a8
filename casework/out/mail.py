"""An e-mail when somebody waits: that somebody does, and where the desk is. Nothing else."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Literal

from casework.out.way import News, NotNow, What

TIMEOUT = 20.0


@dataclass(frozen=True)
class Server:
    """Where mail is handed in."""

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    user: str = ""
    password: str = field(default="", repr=False)
    context: ssl.SSLContext | None = None


class Mail:
    """`subject` and `text` are content: neutral, because a subject shows on locked screens."""

    name = "mail"
    wants = frozenset({What.WAITING})

    def __init__(self, server: Server, sender: str, to: Sequence[str], subject: str, text: str) -> None:
        self._server = server
        self._sender = sender
        self._to = tuple(to)
        self._subject = subject
        self._text = text

    def tell(self, news: News) -> str:
        try:
            with self._connected() as smtp:
                smtp.send_message(self._letter(news))
        except (smtplib.SMTPException, OSError) as error:
            raise NotNow(type(error).__name__) from None
        return ""

    def _letter(self, news: News) -> EmailMessage:
        letter = EmailMessage()
        letter["From"], letter["To"], letter["Subject"] = self._sender, ", ".join(self._to), self._subject
        letter["Date"] = format_datetime(news.at)
        # The same each time that the same news is told: most mailboxes show it once.
        letter["Message-ID"] = _name(news, self._sender)
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(self._text)
        return letter

    def _connected(self) -> smtplib.SMTP:
        server, context = self._server, self._server.context or ssl.create_default_context()
        smtp: smtplib.SMTP
        if server.security == "tls":
            smtp = smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT, context=context)
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)
        try:
            if server.security == "starttls":
                smtp.starttls(context=context)
            if server.user:
                smtp.login(server.user, server.password)
        except BaseException:
            smtp.close()
            raise
        return smtp


def _name(news: News, sender: str) -> str:
    return f"<{news.id}@{sender.rpartition('@')[2]}>"
