"""The caseworker's side: the desk, with all that it works through."""

from __future__ import annotations

from starlette.routing import BaseRoute

from bot import data_files
from bot.composition import House, follow_ups_of, outside_of
from bot.data_files import edits_of
from bot.phone.routes import Phone
from bot.phone.setting_up import desk_ways
from bot.reloading import Reloading
from bot.talk.preview import JourneyPreview
from bot.web.invitation_api import qr_svg
from casework.coordinator import Coordinator
from casework.desk import desk_routes
from casework.desk.content_pages import ContentsDesk
from casework.desk.inviting import Inviting
from casework.desk.live import Live
from casework.desk.shelf import Shelf
from casework.desk.tries import Tries
from casework.invitations import Invitations


def desk(house: House, phone: Phone, reloading: Reloading) -> list[BaseRoute]:
    """The caseworker's side."""
    return list(
        desk_routes(
            handovers=house.handovers,
            accounts=house.accounts,
            content=house.catalogue.desk["sv"],
            agency_name=house.agency.name,
            on_change=house.bell.changed,
            ways=desk_ways(house, phone),
            inviting=_inviting(house, phone),
            item_text=lambda name, version, number: _item_text(house, name, version, number),
            tries=Tries(house.settings.redis_url, house.records.keys.lasting("rates")),
            live=Live(house.presence, house.bell.wait, house.bell.ring, house.turns.privacy),
            shelf=_shelf(house),
            offices={office.id: office.name for office in house.agency.offices},
            base=house.settings.public_url.rstrip("/"),
            contents=ContentsDesk(
                Coordinator(
                    house.records, edits_of(house.settings.home), data_files.read(), house.agency.id, house.now
                ),
                JourneyPreview(house.catalogue, house.agency, house.now),
                reloading.saved,
            ),
            outside=outside_of(house.settings, house.records, house.now),
            admin_words=house.catalogue.desk_admin,
        )
    )


def _inviting(house: House, phone: Phone) -> Inviting:
    follow_ups = follow_ups_of(house.agency, house.records, house.now)
    return Inviting(
        house.records,
        Invitations(house.records, house.now, follow_ups, house.catalogue.is_neutral),
        follow_ups,
        house.agency.programmes,
        sorted(house.catalogue.languages, key=lambda locale: locale != house.agency.language),
        qr_svg,
        house.settings.public_url.rstrip("/"),
        phone.invite,
        offers_sms=house.agency.phone.invite_by_sms,
    )


def _shelf(house: House) -> Shelf:
    """What the desk takes from the data."""
    languages = house.catalogue.languages
    return Shelf(
        languages=house.catalogue.desk,
        quick_replies={locale: content.quick_replies for locale, content in languages.items()},
        checklists=house.catalogue.checklists,
        agency=lambda: house.catalogue.agencies[house.agency.id],
        line=lambda line_id: house.catalogue.line_text(line_id, house.now().date()),
    )


def _item_text(house: House, name: str, version: str, number: int) -> str:
    """The item's words for the desk; empty where they are not here, and then the desk shows the number."""
    instrument = house.catalogue.instruments.get((name, version, "sv"))
    return instrument.item(number).text if instrument is not None else ""
