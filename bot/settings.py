"""Settings from the environment. Every one is listed in the README; a test holds the two together."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

PROJECT = Path(__file__).resolve().parents[1]
DATA = PROJECT / "data"
NUMBER = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)


class BadSetting(ValueError):
    """A setting cannot be used. `args[0]` names it and says why."""


@dataclass(frozen=True)
class Settings:
    """One field a variable: `home` is `ENRUM_HOME`, and so on."""

    home: Path = Path("var")
    """Where database, model and keys are."""
    host: str = "127.0.0.1"
    port: int = 8080
    public_url: str = ""
    """The address that people and carriers use, where it is not the one that was asked for (behind a proxy)."""
    trusted_proxies: str = ""
    """Addresses and networks, with commas, whose `X-Forwarded-…` are believed. Empty: `127.0.0.1` with a public URL."""
    database_url: str = ""
    """Empty: SQLite in `home`."""
    redis_url: str = ""
    agency: str = "arbetsformedlingen"
    master_key_file: str = ""
    """Empty: `home/keys/master.key`, made at first start."""
    key_folder: str = ""
    """Empty: `home/keys/data`. In no backup; the same for all processes of one database."""
    agency_secret_file: str = ""
    """What the agency's own system signs its requests with. Empty: it cannot ask for invitations."""
    sign_in_file: str = ""
    """How caseworkers sign in beyond name and password: `bot.sign_in`."""
    out_file: str = ""
    """Who else learns that somebody waits: `bot.ways_out`."""
    twilio_account_sid: str = ""
    twilio_auth_token: str = ""
    twilio_from: str = ""
    twilio_api: str = ""
    """Empty: the carrier's own. Another address is for the local carrier."""
    smtp_url: str = ""
    """Where all e-mail goes out: smtp+starttls://name@host:587. Empty: no e-mail."""
    smtp_password_file: str = ""
    smtp_from: str = ""

    @property
    def proxies(self) -> list[str]:
        """Whose word on where a call comes from is believed."""
        if self.trusted_proxies:
            return [each.strip() for each in self.trusted_proxies.split(",")]
        return ["127.0.0.1"] if self.public_url else []

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.home.resolve() / 'enrum.db'}"

    @property
    def key_file(self) -> Path:
        return Path(self.master_key_file) if self.master_key_file else self.home / "keys" / "master.key"

    @property
    def keys(self) -> Path:
        return Path(self.key_folder) if self.key_folder else self.home / "keys" / "data"


SHORTEST_SECRET = 32


def agency_secret(settings: Settings) -> bytes | None:
    """The secret shared with the agency's own system, if one is set up. Raises BadSetting."""
    if not settings.agency_secret_file:
        return None
    try:
        secret = Path(settings.agency_secret_file).read_bytes().strip()
    except OSError as error:
        raise BadSetting(f"ENRUM_AGENCY_SECRET_FILE cannot be read: {error.strerror}") from None
    if len(secret) < SHORTEST_SECRET:
        raise BadSetting(f"ENRUM_AGENCY_SECRET_FILE must hold {SHORTEST_SECRET} bytes at least")
    return secret


def variable(field: str) -> str:
    """The name of the environment variable of a setting."""
    return f"ENRUM_{field.upper()}"


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings. Raises BadSetting for a value that cannot be used or a name that does not exist."""
    given = {
        k: v for k, v in (environment if environment is not None else os.environ).items() if k.startswith("ENRUM_")
    }
    known = {variable(f.name): f.name for f in fields(Settings)}
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise BadSetting(f"{unknown[0]} is not a setting; the README lists them")
    values: dict[str, object] = {known[name]: value for name, value in given.items()}
    if "home" in values:
        values["home"] = Path(str(values["home"]))
    if "port" in values:
        values["port"] = _port(str(values["port"]))
    if values.get("public_url"):
        _check_url(str(values["public_url"]))
    settings = Settings(**values)  # type: ignore[arg-type]
    _check_smtp(settings)
    if settings.twilio_from and not NUMBER.fullmatch(settings.twilio_from):
        # A name could not be answered, and so nobody could say stop.
        raise BadSetting("ENRUM_TWILIO_FROM must be a number that can be answered, as +46…")
    for each in settings.proxies:
        _check_network(each)
    return settings


def _check_url(value: str) -> None:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadSetting(f"ENRUM_PUBLIC_URL must begin with https:// or http:// and a host name, not {value!r}")


def _check_smtp(settings: Settings) -> None:
    if not settings.smtp_url:
        return
    parts = urlsplit(settings.smtp_url)
    if parts.scheme not in ("smtp", "smtp+starttls", "smtps") or not parts.hostname:
        # Not the value: it may hold a password.
        raise BadSetting("ENRUM_SMTP_URL must begin with smtp+starttls://, smtps:// or smtp:// and a host name")
    if parts.password:
        raise BadSetting("ENRUM_SMTP_URL must not hold a password: that is read from ENRUM_SMTP_PASSWORD_FILE")
    if parts.username and parts.scheme == "smtp":
        raise BadSetting("ENRUM_SMTP_URL has a name to sign in, so it must begin with smtp+starttls:// or smtps://")
    if "@" not in settings.smtp_from:
        raise BadSetting("ENRUM_SMTP_FROM must be an address, where ENRUM_SMTP_URL is given")


def _check_network(value: str) -> None:
    try:
        ip_network(value)
    except ValueError:
        raise BadSetting(f"ENRUM_TRUSTED_PROXIES must be addresses or networks, not {value!r}") from None


def _port(value: str) -> int:
    if not value.isdecimal() or not 0 < int(value) < 65536:
        raise BadSetting(f"ENRUM_PORT must be a number from 1 to 65535, not {value!r}")
    return int(value)
