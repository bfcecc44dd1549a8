"""`enrum outbox`: what is to go out, what died on the way, and what it comes to."""

from __future__ import annotations

import json

import click

from bot.command.start import agency_or_exit, open_or_exit, settings_or_exit


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def command(context: click.Context, as_json: bool) -> None:
    """What goes out to people and to other systems, by kind and state. No number, no text: those are sealed, and gone afterwards."""
    if context.invoked_subcommand is not None:
        return
    from casework.outbox import summary

    with open_or_exit(settings_or_exit()) as records:
        found = summary(records)
    if as_json:
        click.echo(json.dumps([vars(line) for line in found]))
        return
    for line in found:
        why = f"  {line.why}" if line.why else ""
        click.echo(f"{line.what:15} {line.status:10} {line.n:6}  tries {line.tries}  since {line.oldest}{why}")
    if not found:
        click.echo("Nothing was ordered lately.")


@command.command()
def again() -> None:
    """Tell dead news to other systems once more, from the beginning. What was to reach a person stays dead."""
    from bot.composition import utc_now
    from casework.outbox import again as try_again

    with open_or_exit(settings_or_exit()) as records:
        click.echo(f"{try_again(records, utc_now())} to be told again")


@command.command()
@click.option("--month", default=None, help="As 2026-11. Default: this one.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def cost(month: str | None, as_json: bool) -> None:
    """What the carrier will charge for: counts, and a sum only where data/carrier/prices.yml has every price it needs."""
    from bot.composition import utc_now
    from bot.data_files import catalogue
    from casework.contact.usage import Usage
    from safety.safe_contact import ZONE

    settings = settings_or_exit()
    month = month or utc_now().astimezone(ZONE).strftime("%Y-%m")
    with open_or_exit(settings) as records:
        usage = Usage(records, agency_or_exit(settings).id, utc_now)
        used, conversations = usage.of(month), usage.conversations(month)
    priced = catalogue(utc_now().date()).prices
    assert priced is not None, "the catalogue has errors without it"
    total = priced.total({unit.value: n for unit, n in used.items()})
    each = round(total / conversations, 2) if total is not None and conversations else None
    told = {
        "month": month,
        "used": {unit.value: n for unit, n in used.items()},
        "conversations": conversations,
        "currency": priced.currency,
        "missing": priced.missing,
        "total": float(total) if total is not None else None,
        "per_conversation": float(each) if each is not None else None,
    }
    if as_json:
        click.echo(json.dumps(told))
        return
    for unit, n in used.items():
        price = priced.price(unit.value)
        click.echo(f"{unit:11} {n:7}  {f'{price} {priced.currency}' if price is not None else 'price missing'}")
    click.echo(f"conversations by phone and SMS: {conversations}")
    if total is None:
        click.echo(f"No sum: no price for {', '.join(priced.missing)} in data/carrier/prices.yml.")
    else:
        click.echo(f"sum {total} {priced.currency}" + (f", {each} a conversation" if each is not None else ""))
