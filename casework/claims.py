"""What an invitation says of a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from casework.case_reference import PATTERN, TooTelling, as_written, too_telling
from safety.content import Channel


class Claims(BaseModel):
    """What an invitation says. `case` is the agency's own reference, opaque here."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    case: str = Field(pattern=PATTERN)
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


def _opaque(case: Any) -> Any:
    """Raises with a `TooTelling` as its type, and never with the reference itself."""
    if not isinstance(case, str):
        return case
    why = too_telling(case)
    if why is not None:
        raise PydanticCustomError(why.value, "looks like a {what}", {"what": why.value.replace("_", " ")})
    return as_written(case)


class NewClaims(Claims):
    """What somebody asks for an invitation to say. What was kept before is read without asking again."""

    case: Annotated[str, BeforeValidator(_opaque), Field(pattern=PATTERN)]


def told_too_much(errors: Sequence[Any]) -> TooTelling | None:
    """What the reference looked like, of a ValidationError's `errors()`, where that was the matter."""
    kinds = {str(error["type"]) for error in errors if error["loc"] == ("case",)}
    return next((why for why in TooTelling if why.value in kinds), None)
