"""The file that says who else learns that somebody waits. docs/adapters.md describes it, and how to add a way out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

from bot.mail import mail_server_of
from bot.settings import BadSetting, Settings
from bot.sign_in import read_setting, secret_of
from casework.out.chatwoot import Chatwoot
from casework.out.delivery import Messenger
from casework.out.mail import Mail
from casework.out.way import Wants, Way
from casework.out.webhook import BadSecret, Webhook, key_of
from casework.outside_service import is_safe
from casework.records import Records
from screening.catalogue.agency import Agency

SETTING = "ENRUM_OUT_FILE"
Words = Mapping[str, str]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Addressed(Strict):
    url: str

    @field_validator("url")
    @classmethod
    def _over_https(cls, url: str) -> str:
        if not is_safe(url):
            raise ValueError("must begin with https://")
        return url


class WebhookSettings(Addressed):
    secret_file: str
    """`whsec_` and base64 of 24 to 64 bytes."""


class ChatwootSettings(Addressed):
    inbox: str = Field(pattern=r"^[\w-]+$")
    """The API inbox's identifier."""
    hmac_token_file: str = ""
    """Where the inbox asks for verified contacts."""


def _bare(addresses: tuple[str, ...]) -> tuple[str, ...]:
    if any(one.count("@") != 1 or any(sign.isspace() or sign in "<>," for sign in one) for one in addresses):
        raise ValueError("must be bare addresses")
    return addresses


Addresses = Annotated[tuple[str, ...], Field(min_length=1), AfterValidator(_bare)]


class MailSettings(Strict):
    to: Addresses
    by_office: dict[str, Addresses] = {}
    """Instead of `to`, for what belongs to that office. By the office's id in the agency's file."""


class WaysOut(Strict):
    webhook: WebhookSettings | None = None
    mail: MailSettings | None = None
    chatwoot: ChatwootSettings | None = None


def ways_out_of(settings: Settings) -> WaysOut:
    """What ENRUM_OUT_FILE says; without it, there is no way out. Raises BadSetting."""
    return read_setting(settings.out_file, SETTING, WaysOut) if settings.out_file else WaysOut()


def wants_of(settings: Settings) -> Wants:
    """Which way out wants to know what, for the records. Raises BadSetting."""
    chosen = ways_out_of(settings)
    known: tuple[tuple[object, type[Webhook] | type[Mail] | type[Chatwoot]], ...] = (
        (chosen.webhook, Webhook),
        (chosen.mail, Mail),
        (chosen.chatwoot, Chatwoot),
    )
    return {way.name: way.wants for chosen_settings, way in known if chosen_settings is not None}


def messenger_of(
    settings: Settings, records: Records, agency: Agency, words: Words, now: Callable[[], datetime]
) -> Messenger:
    """`words` is the group `out` of desk_admin.yml. Raises BadSetting."""
    chosen, ways = ways_out_of(settings), list[Way]()
    desk = f"{settings.public_url.rstrip('/')}/desk"
    if (chosen.mail or chosen.chatwoot) and not settings.public_url:
        raise BadSetting(f"{SETTING}: mail and chatwoot need ENRUM_PUBLIC_URL, for the link to the desk")
    if chosen.webhook is not None:
        try:
            key = key_of(secret_of(chosen.webhook.secret_file, f"{SETTING}: webhook.secret_file"))
        except BadSecret as bad:
            raise BadSetting(f"{SETTING}: webhook.secret_file {bad}") from None
        ways.append(Webhook(chosen.webhook.url, key, f"urn:enrum:{agency.id}", now))
    if chosen.mail is not None:
        server = mail_server_of(settings)
        if server is None:
            raise BadSetting(f"{SETTING}: mail needs ENRUM_SMTP_URL")
        if unknown := sorted(chosen.mail.by_office.keys() - {office.id for office in agency.offices}):
            raise BadSetting(f"{SETTING}: mail.by_office names no office of {agency.id}: {unknown[0]}")
        text = words["mail_text"].replace("{link}", desk)
        ways.append(Mail(server, chosen.mail.to, words["mail_subject"], text, chosen.mail.by_office))
    if chosen.chatwoot is not None:
        token = secret_of(chosen.chatwoot.hmac_token_file, f"{SETTING}: chatwoot.hmac_token_file")
        name, text = words["chatwoot_name"], words["chatwoot_text"]
        ways.append(Chatwoot(chosen.chatwoot.url, chosen.chatwoot.inbox, desk, name, text, token))
    return Messenger(records, ways, now)
