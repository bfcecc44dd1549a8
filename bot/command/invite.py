"""`enrum invite`: an invitation for a case, as a link, a code for the phone, and a QR code for paper."""

from __future__ import annotations

from pathlib import Path

import click
from pydantic import ValidationError

from bot.command.start import settings_or_exit


@click.command()
@click.option("--case", default=None, help="The agency's own reference. Opaque here.")
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
@click.option("--revoke", metavar="ID", default=None, help="Take an invitation back.")
def command(revoke: str | None, days: int, qr: Path | None, programme: str | None, **claims: object) -> None:
    """Make an invitation that can be opened once, or take one back."""
    from bot.composition import follow_ups_of, open_records, utc_now
    from bot.data_files import catalogue_now, edits_of
    from bot.web.invitation_api import qr_svg
    from casework.invitations import Claims, Invitations

    settings = settings_or_exit()
    agency = catalogue_now(edits_of(settings.home)).agencies.get(settings.agency)
    if agency is None:
        raise click.ClickException(f"ENRUM_AGENCY is {settings.agency!r}, which is no agency")
    records = open_records(settings)
    try:
        invitations = Invitations(records, utc_now, follow_ups_of(agency, records))
        if revoke is not None:
            if not invitations.revoke(revoke):
                raise click.ClickException("there is no such invitation, or it was opened")
            click.echo("Taken back.")
            return
        asked = {name: value for name, value in claims.items() if value not in (None, ())}
        try:
            wanted = Claims.model_validate({**asked, "programme": programme or agency.default_programme})
            agency.programme(wanted.programme)
        except ValidationError as error:
            raise click.ClickException("; ".join(f"{e['loc'][0]}: {e['msg']}" for e in error.errors())) from None
        except KeyError:
            raise click.BadParameter(f"{agency.id} has no such programme", param_hint="--programme") from None
        issued = invitations.issue(wanted, days)
    finally:
        records.close()
    base = settings.public_url.rstrip("/") or f"http://localhost:{settings.port}"
    link = f"{base}/i/{issued.token}"
    click.echo(f"id    {issued.id}\nlink  {link}\ncode  {issued.code}\nuntil {issued.expires_at:%Y-%m-%d %H:%M} UTC")
    if qr is not None:
        qr.write_text(qr_svg(link), "utf-8")
