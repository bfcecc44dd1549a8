"""`enrum invite`: an invitation for a case, as a link, a code for the phone, and a QR code for paper."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from pydantic import ValidationError

from bot.command.start import settings_or_exit
from bot.settings import Settings

if TYPE_CHECKING:
    from casework.records import Records
    from screening.catalogue.agency import Agency


@click.command()
@click.option("--case", default=None, help="The agency's own reference: no name, no personal number.")
@click.option("--programme", default=None, help="Id of a programme. Default: the agency's own default.")
@click.option("--occasion", default=1, show_default=True)
@click.option("--region", default="", help="County (2 digits) or municipality (4).")
@click.option("--sex", type=click.Choice(["", "woman", "man", "other"]), default="")
@click.option("--age-band", default="", help="For example 25-34.")
@click.option("--locale", default="sv", show_default=True)
@click.option("--channel", "channels", multiple=True, type=click.Choice(["web", "voice"]), help="Default: both.")
@click.option("--office", default="", help="Id of an office of the agency. Default: the agency's own default.")
@click.option("--asks", is_flag=True, help="A caseworker asks for the questions.")
@click.option("--days", type=click.IntRange(1, 90), default=14, show_default=True)
@click.option("--qr", type=click.Path(path_type=Path, dir_okay=False), help="Write the link as a QR code (SVG) here.")
@click.option(
    "--sms", is_flag=True, help="Ask for a number and send the link there by SMS. The running server sends it."
)
@click.option("--revoke", metavar="ID", default=None, help="Take an invitation back.")
def command(revoke: str | None, days: int, qr: Path | None, sms: bool, programme: str | None, **claims: object) -> None:
    """Make an invitation that can be opened once, or take one back."""
    from bot.composition import follow_ups_of, open_records, utc_now
    from bot.data_files import catalogue_now, edits_of
    from bot.web.invitation_api import qr_svg
    from casework.claims import NewClaims, told_too_much
    from casework.invitations import Invitations

    settings = settings_or_exit()
    # Asked for, not an option: a command line is read by others, and kept.
    number = _number(settings) if sms and revoke is None else ""
    catalogue = catalogue_now(edits_of(settings.home))
    agency = catalogue.agencies.get(settings.agency)
    if agency is None:
        raise click.ClickException(f"ENRUM_AGENCY is {settings.agency!r}, which is no agency")
    records = open_records(settings)
    try:
        invitations = Invitations(records, utc_now, follow_ups_of(agency, records), catalogue.is_neutral)
        if revoke is not None:
            if not invitations.revoke(revoke):
                raise click.ClickException("there is no such invitation, or it was opened")
            click.echo("Taken back.")
            return
        asked = {name: value for name, value in claims.items() if value not in (None, ())}
        try:
            wanted = NewClaims.model_validate({**asked, "programme": programme or agency.default_programme})
            agency.programme(wanted.programme)
        except ValidationError as error:
            wrong = error.errors(include_input=False)
            hint = "; give a reference that says nothing of the person" if told_too_much(wrong) else ""
            raise click.ClickException("; ".join(f"{e['loc'][0]}: {e['msg']}" for e in wrong) + hint) from None
        except KeyError:
            raise click.BadParameter(f"{agency.id} has no such programme", param_hint="--programme") from None
        issued = invitations.issue(wanted, days)
        base = settings.public_url.rstrip("/") or f"http://localhost:{settings.port}"
        link = f"{base}/i/{issued.token}"
        went = _sent(settings, agency, records, number, link, issued.id) if number else ""
    finally:
        records.close()
    click.echo(f"id    {issued.id}\nlink  {link}\ncode  {issued.code}\nuntil {issued.expires_at:%Y-%m-%d %H:%M} UTC")
    if went:
        click.echo(f"sms   {went}")
    if qr is not None:
        qr.write_text(qr_svg(link), "utf-8")


def _number(settings: Settings) -> str:
    from bot.phone.setting_up import sends_sms
    from screening.journey.phone_number import e164

    if not sends_sms(settings):
        raise click.ClickException("no SMS can be sent: ENRUM_TWILIO_ACCOUNT_SID, _AUTH_TOKEN and _FROM are needed")
    number = e164(click.prompt("number", err=True))
    if number is None:
        raise click.ClickException("that is no number; nothing was made")
    return number


def _sent(settings: Settings, agency: Agency, records: Records, number: str, link: str, invitation_id: str) -> str:
    """What became of the SMS."""
    from bot.composition import utc_now
    from bot.data_files import catalogue_now, edits_of
    from bot.phone.setting_up import dispatcher_for
    from casework.audit import OPERATOR

    dispatcher = dispatcher_for(settings, catalogue_now(edits_of(settings.home)), agency, records, utc_now)
    if dispatcher is None:
        return "refused: no sms.yml in the agency's language"
    refused = dispatcher.invite(number, link, invitation_id, OPERATOR)
    return f"refused: {refused.value}" if refused is not None else "ordered"
