"""What an invitation says of a person."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from safety.content import Channel


class Claims(BaseModel):
    """What an invitation says. `case` is the agency's own reference, opaque here."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    case: str = Field(pattern=r"^[A-Za-z0-9._:-]{1,64}$")
    programme: str = Field(pattern=r"^[a-z0-9-]{1,60}$")
    occasion: int = Field(default=1, ge=1, le=12)
    region: str = Field(default="", pattern=r"^(\d{2}|\d{4})?$")
    """County (2 digits) or municipality (4)."""
    sex: Literal["", "woman", "man", "other"] = ""
    age_band: str = Field(default="", pattern=r"^(\d{2}-\d{2}|\d{2}\+)?$")
    locale: str = Field(default="sv", pattern=r"^[a-z]{2,3}(-[a-z]{2,12})?$")
    channels: tuple[Channel, ...] = Field(default=(Channel.WEB, Channel.VOICE), min_length=1)
    office: str = Field(default="", pattern=r"^[a-z0-9-]{0,60}$")
    """Which office meets the person. Empty: the agency's default."""
    asks: bool = False
    """A caseworker asks for the questions, where the programme asks on indication."""
