"""The file that says how caseworkers sign in beyond name and password. docs/signing-in.md describes it."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from bot.settings import BadSetting, Settings
from casework.outside_service import is_safe
from casework.roles import Role


class Service(BaseModel):
    """The agency's own sign-in service (OpenID Connect)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=60)
    """What it is called on the button, after "Logga in med"."""
    issuer: str
    client_id: str = Field(min_length=1)
    client_secret_file: str = ""
    """Empty: a client without a secret, by PKCE alone."""
    scope: str = "openid profile"
    name_claim: str = "name"
    """What applicants see of the caseworker."""
    role_claim: str
    roles: dict[str, Role] = Field(min_length=1)
    """What the claim must hold for which role. The first that the person has counts."""
    office_claim: str = ""
    offices: dict[str, str] = Field(default_factory=dict)
    only: bool = False
    """Nobody signs in with a password any more."""

    @field_validator("issuer")
    @classmethod
    def _over_https(cls, issuer: str) -> str:
        if not is_safe(issuer):
            raise ValueError("must begin with https://")
        return issuer

    @model_validator(mode="after")
    def _openid(self) -> Service:
        if "openid" not in self.scope.split():
            raise ValueError("scope must hold openid")
        if bool(self.office_claim) != bool(self.offices):
            raise ValueError("office_claim and offices belong together")
        return self


class SignIn(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    second_step_for: tuple[Role, ...] = ()
    """Roles that must set up one-time codes. The others may."""
    service: Service | None = None


def sign_in_of(settings: Settings) -> SignIn:
    """What ENRUM_SIGN_IN_FILE says; without it, the defaults. Raises BadSetting."""
    if not settings.sign_in_file:
        return SignIn()
    return read_setting(settings.sign_in_file, "ENRUM_SIGN_IN_FILE", SignIn)


def secret_of(path: str, setting: str) -> str:
    """What is in a file with a secret, empty for no file. Raises BadSetting."""
    if not path:
        return ""
    try:
        return Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise BadSetting(f"{setting}: the file with the secret cannot be read") from None


Model = TypeVar("Model", bound=BaseModel)


def read_setting(path: str, setting: str, model: type[Model]) -> Model:
    """A settings file. Raises BadSetting with the first thing that is wrong, never with a value: it may be a secret."""
    try:
        told = yaml.safe_load(Path(path).read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(f"{setting} cannot be read: {type(error).__name__}") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" on line {mark.line + 1}" if mark else ""
        raise BadSetting(f"{setting} is not valid YAML{where}") from None
    try:
        return model.model_validate(told or {})
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "file"
        raise BadSetting(f"{setting}: {where}: {first['msg']}") from None
