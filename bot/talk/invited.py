"""Beginning a conversation with an invitation: taken once, given back if the conversation could not be begun."""

from __future__ import annotations

import asyncio

from bot.talk.turns import Begun, Turns
from casework.invitations import Invitations, Opening
from safety.content import Channel


async def open_invited(
    turns: Turns, invitations: Invitations, opening: Opening, agency: str, channel: Channel
) -> Begun:
    """Raises whatever opening a conversation raises; the invitation can then be opened again."""
    claims = opening.claims
    locale = claims.locale if claims.locale in turns.locales else "sv"
    try:
        begun = await turns.open(agency, claims.programme, channel, locale, claims)
    except BaseException:
        await asyncio.to_thread(invitations.give_back, opening)
        raise
    await asyncio.to_thread(invitations.done, opening)
    return begun
