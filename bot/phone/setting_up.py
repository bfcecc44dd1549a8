"""The phone of a house: what is there follows from the settings and from which content there is."""

from __future__ import annotations

from collections.abc import Callable

from bot.composition import House
from bot.phone.line import Line
from bot.phone.routes import Phone
from bot.phone.script import Script
from bot.phone.signature import Door
from bot.phone.sms import SmsDesk
from bot.settings import Settings
from bot.web.rates import Rates
from casework.calls import Calls
from casework.contact.delivery import Carrier, Delivery
from casework.contact.dispatcher import Dispatcher, Rules
from casework.contact.inbox import Inbox
from casework.invitations import Invitations

MakeCarrier = Callable[[Settings], Carrier]


def phone_of(house: House, make_carrier: MakeCarrier | None = None) -> Phone:
    """Without an auth token the addresses answer 404; without account and number nothing is sent."""
    settings = house.settings
    can_send = bool(settings.twilio_account_sid and settings.twilio_auth_token and settings.twilio_from)
    dispatcher = dispatcher_of(house)
    delivery = None
    if can_send and dispatcher is not None:
        keep = not house.agency.phone.delete_carrier_copies
        carrier = (make_carrier or _twilio)(settings)
        delivery = Delivery(house.records, dispatcher, carrier, house.now, keep_copies=keep)
    return Phone(Door(settings), _line(house), _sms(house, dispatcher), delivery, dispatcher)


def dispatcher_of(house: House) -> Dispatcher | None:
    """None where the agency's language has no sms.yml."""
    words = house.catalogue.languages[house.agency.language].sms
    if words is None:
        return None
    rules = Rules(house.agency, words, house.catalogue.sensitive_words, house.settings.public_url)
    return Dispatcher(house.records, rules, house.now)


def _twilio(settings: Settings) -> Carrier:
    # The client is a large import that nobody needs who has no account.
    from bot.phone.carrier import TwilioCarrier

    return TwilioCarrier(settings)


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
    rates = Rates(house.settings.redis_url, house.records.keys.lasting("rates"))
    return Line(house.turns, calls, invitations, house.agency, house.now, scripts, rates)


def _sms(house: House, dispatcher: Dispatcher | None) -> SmsDesk | None:
    agency = house.agency
    words = house.catalogue.languages[agency.language].sms
    if dispatcher is None or words is None:
        return None
    inbox = Inbox(house.records, house.intake, dispatcher, house.now, agency.id, agency.default_programme)
    rules = house.catalogue.signal_rules
    return SmsDesk(inbox, words, agency.language, house.turns.find_signals, rules, house.bell.ring)
