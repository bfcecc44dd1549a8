"""The phone of a house: what is there follows from the settings and from which content there is."""

from __future__ import annotations

from collections.abc import Callable

from bot.composition import Clock, House, open_now
from bot.mail import mail_server_of
from bot.phone.call_back import Bridge
from bot.phone.line import Line
from bot.phone.routes import Phone
from bot.phone.script import Script
from bot.phone.shown import Shown
from bot.phone.signature import Door
from bot.phone.sms import SmsDesk
from bot.settings import Settings
from bot.web.rates import Rates
from casework.calls import Calls
from casework.caseworker import Caseworker
from casework.contact.call_backs import CallBacks
from casework.contact.carriers import Carrier
from casework.contact.delivery import Delivery
from casework.contact.dispatcher import Dispatcher, Rules
from casework.contact.inbox import Inbox
from casework.contact.new_plan import agree
from casework.contact.stops import Stops
from casework.contact.usage import Usage
from casework.desk.contacting import Ways
from casework.desk.live import call_of
from casework.invitations import Invitations
from casework.records import Records
from safety.safe_contact import ContactWay, Refusal, SafeContactPlan
from screening.catalogue.agency import Agency
from screening.catalogue.load import Catalogue

MakeCarrier = Callable[[Settings], Carrier]


def phone_of(house: House, make_carrier: MakeCarrier | None = None) -> Phone:
    """Without an auth token the addresses answer 404; without account and number nothing is sent."""
    settings = house.settings
    can_send = sends_sms(settings)
    dispatcher = dispatcher_of(house)
    delivery, usage = None, Usage(house.records, house.agency.id, house.now)
    mailer = mail_server_of(settings)
    if dispatcher is not None and (can_send or mailer is not None):
        keep = not house.agency.phone.delete_carrier_copies
        carrier = (make_carrier or _twilio)(settings) if can_send else None
        delivery = Delivery(house.records, dispatcher, carrier, house.now, keep_copies=keep, mailer=mailer, usage=usage)
    line = _line(house)
    bridge = _bridge(house, line, dispatcher) if can_send else None
    sms = _sms(house, dispatcher, usage)
    ways = {ContactWay.SMS: can_send, ContactWay.EMAIL: mailer is not None}
    by_message = frozenset(way for way, there in ways.items() if there and delivery is not None)
    return Phone(Door(settings), line, sms, delivery, dispatcher, bridge, usage, by_message)


def sends_sms(settings: Settings) -> bool:
    """Whether the carrier's account, token and number of ours are all there."""
    return bool(settings.twilio_account_sid and settings.twilio_auth_token and settings.twilio_from)


def dispatcher_of(house: House) -> Dispatcher | None:
    return dispatcher_for(house.settings, house.catalogue, house.agency, house.records, house.now)


def dispatcher_for(
    settings: Settings, catalogue: Catalogue, agency: Agency, records: Records, now: Clock
) -> Dispatcher | None:
    """None where the agency's language has no sms.yml."""
    words = catalogue.languages[agency.language].sms
    if words is None:
        return None
    is_open = open_now(catalogue, agency.id)
    rules = Rules(
        agency, is_open, words, catalogue.sensitive_words, settings.public_url, settings.twilio_from, settings.smtp_from
    )
    return Dispatcher(records, rules, now)


def desk_ways(house: House, phone: Phone) -> Ways:
    """What the desk can have done by the carrier."""

    def agreed(handover_id: str, user: Caseworker, plan: SafeContactPlan) -> str:
        return agree(house.records, house.now, handover_id, user, plan)

    def remind(handover_id: str, key: str, who: str) -> Refusal | None:
        return phone.send_by_plan(handover_id, key, who, remind=True)

    calls = phone.bridge.call_backs if phone.bridge is not None else None
    sends = phone.delivery is not None
    return Ways(
        send=phone.send_by_plan if sends else None,
        remind=remind if sends else None,
        by_message=phone.by_message,
        call=calls.order if calls is not None else None,
        desk_numbers=house.agency.phone.desk_numbers,
        last_call=calls.last if calls is not None else None,
        agree=agreed,
        lift=Stops(house.records, house.now).lift_of_plan,
        plan_days=house.agency.plan_days,
        now=house.now,
        is_neutral=house.catalogue.is_neutral,
    )


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
    is_open, shown = open_now(house.catalogue, house.agency.id), Shown(house.now)
    return Line(house.turns, calls, invitations, house.agency, is_open, house.now, scripts, rates, shown)


def _bridge(house: House, line: Line | None, dispatcher: Dispatcher | None) -> Bridge | None:
    """Call-backs by the carrier: where the agency has named the desk's phones, and the carrier can reach us."""
    base = house.settings.public_url.rstrip("/")
    if line is None or dispatcher is None or not base or not house.agency.phone.desk_numbers:
        return None
    call_backs = CallBacks(house.records, dispatcher, house.now, lambda id_: house.bell.ring(call_of(id_)))
    return Bridge(
        call_backs,
        lambda locale: line.scripts.get(locale, line.script),
        base,
        house.agency.name,
        house.catalogue.is_neutral,
    )


def _sms(house: House, dispatcher: Dispatcher | None, usage: Usage) -> SmsDesk | None:
    agency = house.agency
    words = house.catalogue.languages[agency.language].sms
    if dispatcher is None or words is None:
        return None
    inbox = Inbox(house.records, house.intake, dispatcher, house.now, agency.id, agency.default_programme, usage)
    rules = house.catalogue.signal_rules
    return SmsDesk(inbox, words, agency.language, house.turns.find_signals, rules, house.bell.ring)
