"""The phone of a house."""

from __future__ import annotations

from bot.composition import House
from bot.phone.line import Line
from bot.phone.routes import Phone
from bot.phone.script import Script
from bot.phone.signature import Door
from casework.calls import Calls
from casework.invitations import Invitations


def phone_of(house: House) -> Phone:
    """Without an auth token the addresses answer 404."""
    return Phone(Door(house.settings), _line(house))


def _line(house: House) -> Line | None:
    base = house.settings.public_url.rstrip("/")
    scripts = {
        locale: Script(content.phone, locale, base)
        for locale, content in sorted(house.catalogue.languages.items())
        if content.phone is not None
    }
    if house.agency.language not in scripts:
        return None
    calls, invitations = Calls(house.records, house.now), Invitations(house.records, house.now)
    return Line(house.turns, calls, invitations, house.agency, house.now, scripts)
