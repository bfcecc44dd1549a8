"""The page behind an invitation's link. Opening it takes a touch: a phone that previews a link must not use it up."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.talk.invited import open_invited
from bot.talk.reply import Refusal
from bot.talk.turns import Turns
from bot.web.appearance import Appearance
from bot.web.page import Page
from bot.web.rates import Rate, Rates
from bot.web.session_cookie import remember
from casework.invitations import Invitations, NotOpened
from safety.content import Channel
from screening.catalogue.agency import Agency


class InvitedPage:
    """As neutral as the first page: neither address nor words say what it is an invitation to."""

    def __init__(
        self, turns: Turns, invitations: Invitations, page: Page, appearance: Appearance, agency: Agency, rates: Rates
    ) -> None:
        self._rates = rates
        self._turns = turns
        self._invitations = invitations
        self._page = page
        self._appearance = appearance
        self._agency = agency

    async def show(self, request: Request) -> Response:
        token = str(request.path_params["token"])
        try:
            await asyncio.to_thread(self._invitations.look, token)
        except NotOpened:
            return await self._not_opened(request)
        return self._appearance.invited(token)

    async def open(self, request: Request) -> Response:
        if self._rates.spent(Rate.INVITATION, request):
            return self._appearance.calm(Refusal.TOO_MANY)
        try:
            token = str(request.path_params["token"])
            opening = await asyncio.to_thread(self._invitations.open_token, token, Channel.WEB)
        except NotOpened:
            self._rates.note(Rate.INVITATION, request)
            return await self._not_opened(request)
        begun = await open_invited(self._turns, self._invitations, opening, self._agency, Channel.WEB)
        return remember(request, RedirectResponse("/", 303), (begun.id, begun.token))

    async def _not_opened(self, request: Request) -> Response:
        """Whoever opened it here before goes on where they were. Others hear that it is used, and may begin anyway."""
        if await self._page.is_talking(request):
            return RedirectResponse("/", 303)
        return self._appearance.calm(Refusal.INVITATION)
