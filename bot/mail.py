"""The one mail server of a house: who waits at the desk and what a person's plan allows both go by it."""

from __future__ import annotations

from bot.settings import BadSetting, Settings
from bot.sign_in import secret_of
from casework.letters import MailServer


def mail_server_of(settings: Settings) -> MailServer | None:
    """None where no e-mail is set up. Raises BadSetting."""
    if not settings.smtp_url:
        return None
    password = secret_of(settings.smtp_password_file, "ENRUM_SMTP_PASSWORD_FILE")
    if not (settings.smtp_url + password).isascii():
        raise BadSetting("ENRUM_SMTP_URL and its password must be ASCII, other signs cannot be sent")
    return MailServer(settings.smtp_url, settings.smtp_from, password)
