"""Beginning a conversation with an invitation: taken once, given back if the conversation could not be begun."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from bot.talk.opening import Begun
from bot.talk.turns import Turns
from casework.invitations import Invitations, Opening
from safety.content import Channel
from screening.catalogue.agency import Agency


async def open_invited(
    turns: Turns,
    invitations: Invitations,
    opening: Opening,
    agency: Agency,
    channel: Channel,
    locales: Collection[str] | None = None,
) -> Begun:
    """Begin in the invitation's language, or in the agency's where the channel has none of it.

    Raises whatever opening a conversation raises; the invitation can then be opened again.
    """
    claims = opening.claims
    offered = turns.locales if locales is None else locales
    locale = claims.locale if claims.locale in offered else agency.language
    try:
        begun = await turns.open(agency.id, claims.programme, channel, locale, claims)
    except BaseException:
        await asyncio.to_thread(invitations.give_back, opening)
        raise
    await asyncio.to_thread(invitations.done, opening)
    return begun
