"""What the carrier charges: data/carrier/prices.yml. A price that nobody has given is missing, and is never guessed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Price(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    price: Decimal | Literal["missing"]
    source: str
    verified_on: date | None

    @model_validator(mode="after")
    def _says_where_from(self) -> Price:
        if self.price != "missing" and (not self.source.strip() or self.verified_on is None or self.price < 0):
            raise ValueError("a price needs its source and the day it was read")
        return self


class Prices(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    currency: str = Field(pattern=r"^[A-Z]{3}$")
    prices: dict[Literal["sms_out", "sms_in", "minute_in", "minute_out"], Price]

    @model_validator(mode="after")
    def _all_of_them(self) -> Prices:
        if len(self.prices) != 4:
            raise ValueError("must name sms_out, sms_in, minute_in and minute_out")
        return self

    @property
    def missing(self) -> list[str]:
        return [name for name, price in self.prices.items() if price.price == "missing"]

    def price(self, unit: str) -> Decimal | None:
        found = self.prices[unit].price  # type: ignore[index]
        return found if isinstance(found, Decimal) else None

    def total(self, used: Mapping[str, int]) -> Decimal | None:
        """The sum, or None where something was used that has no price."""
        total = Decimal(0)
        for unit, n in used.items():
            price = self.price(unit)
            if n and price is None:
                return None
            total += n * (price or Decimal(0))
        return total
