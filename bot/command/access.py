"""`enrum access`: what is kept about one conversation, for an answer to somebody who asks."""

from __future__ import annotations

import json

import click

from bot.command.start import open_or_exit, settings_or_exit


@click.command()
@click.option("--conversation", default=None, help="Id of a conversation.")
@click.option("--handover", default=None, help="Id of a handover, as in its address at the desk.")
@click.option("--invitation", default=None, help="Id of an invitation.")
@click.option("--case", default=None, help="The agency's own reference: invitations that still say it.")
@click.option("--receipt", default=None, help="A receipt that somebody shows: was an erasure done?")
def command(
    conversation: str | None, handover: str | None, invitation: str | None, case: str | None, receipt: str | None
) -> None:
    """Print as JSON what is kept: types and times by the hour, never content. Leaves an entry in the audit trail."""
    from bot.composition import utc_now
    from casework import access
    from casework.case_reference import as_written
    from casework.refusals import UnknownHandover, UnknownInvitation
    from casework.turn import UnknownConversation

    if sum(given is not None for given in (conversation, handover, invitation, case, receipt)) != 1:
        raise click.UsageError("give one of --conversation, --handover, --invitation, --case, --receipt")
    with open_or_exit(settings_or_exit()) as records:
        try:
            if receipt is not None:
                at = access.erased_at(records, receipt)
                told: dict[str, object] = {"erased": at is not None, "hour": at.isoformat() if at else None}
            elif invitation is not None:
                told = access.of_invitation(records, invitation, utc_now())
            elif case is not None:
                told = {"invitations": access.of_case(records, as_written(case), utc_now())}
            elif handover is not None:
                told = access.of_handover(records, handover, utc_now())
            else:
                told = access.of_conversation(records, conversation or "", utc_now())
        except (UnknownHandover, UnknownConversation, UnknownInvitation):
            raise click.ClickException("nothing is kept under this id") from None
    click.echo(json.dumps(told, indent=1))
